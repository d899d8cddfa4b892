"""What an organization decides about itself, and who may lock whom out by it."""

from hashlib import sha256
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.core.files.base import ContentFile
from django.db import transaction

from apps.accounts.models import HOUSE_PK, Act, House, SignInProvider, User
from apps.accounts.services.audit import record_audit


class PolicyError(Exception):
    """The policy would lock out whoever sets it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def change_house(
    *, by: User, address: str = "", logo: bytes | None = None, removes_logo: bool = False, **fields: Any
) -> House:
    """Writes down which fields changed; a logo (PNG, decoded before) replaces the one there is.

    Raises PolicyError, and then nothing was changed.
    """
    with transaction.atomic():
        House.objects.get_or_create(pk=HOUSE_PK)
        house = House.objects.select_for_update().get()
        before = house.logo.name
        changed = [name for name, value in fields.items() if getattr(house, name) != value]
        for name in changed:
            setattr(house, name, fields[name])
        _require_way_in(by, house, changed)
        if logo is not None or (removes_logo and before):
            changed.append("logo")
            house.logo.name = _stored(house, logo) if logo is not None else ""
        if changed:
            house.save()
            record_audit(Act.HOUSE_CHANGED, by_id=by.pk, address=address, fields=sorted(changed))
    if before and before != house.logo.name:
        house.logo.storage.delete(before)
    return house


def _require_way_in(by: User, house: House, changed: list[str]) -> None:
    if "mfa_required" in changed and house.mfa_required and not is_mfa_enabled(by):
        raise PolicyError("mfa_required", "Add a second factor to your own sign-in first: you would be locked out.")
    if "sso_required" in changed and house.sso_required and not SignInProvider.objects.filter(is_active=True).exists():
        raise PolicyError("sso_required", "Set up and switch on single sign-on first: nobody could sign in.")


def _stored(house: House, logo: bytes) -> str:
    """Its name says what is in it: the same picture is stored once, another one has another address."""
    name = f"brand/logo-{sha256(logo).hexdigest()[:16]}.png"
    storage = house.logo.storage
    return name if storage.exists(name) else storage.save(name, ContentFile(logo))
