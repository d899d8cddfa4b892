"""Members leave: somebody takes over what was theirs alone, every way in is closed, and a name can be forgotten."""

from collections import Counter
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.errors import HeirNeededError, MemberError, RoleTooLowError
from apps.accounts.models import Act, Invitation, OutgoingMail, User
from apps.accounts.permissions import ROLES, Permission
from apps.accounts.services.audit import record_audit
from apps.accounts.services.invitations import revoke_invitations_of
from apps.accounts.services.people import close_ways_in, lock_people, require_reach


def private_objects(*, member: User) -> Counter[str]:
    """What nobody else sees and somebody must take over: ("private portfolio" -> 2)."""
    found: Counter[str] = Counter()
    for module in settings.INHERITANCE:
        found.update(import_module(module).private_objects(member=member))
    return +found


def possible_heirs(*, member: User) -> Any:
    """Active colleagues who may edit what they would be given."""
    able = [role for role, permissions in ROLES.items() if Permission.PORTFOLIO_EDIT in permissions]
    return User.objects.active().filter(role__in=able).exclude(pk=member.pk).order_by("name")


@transaction.atomic
def remove_member(*, member: User, by: User, heir: User | None = None, address: str = "") -> User:
    """Signs the member out for good and hands over what they own; `by` may be the member, who leaves.

    Raises RoleTooLowError, LastOwnerError, HeirNeededError or MemberError; then nothing was changed.
    """
    locked = lock_people(member, by, *([heir] if heir else []))
    member, by = locked.fresh(member), locked.fresh(by)
    if member.pk != by.pk:
        require_reach(by=by, member=member)
    if not member.is_active:
        raise MemberError("This person is no member any more.")
    locked.require_another_owner(member)
    left = private_objects(member=member)
    _hand_over(member, locked.fresh(heir) if heir else None, left)
    close_ways_in(user=member)
    member.is_active = False
    member.save()
    revoke_invitations_of(member=member, by=by)
    record_audit(
        Act.MEMBER_REMOVED,
        by_id=by.pk,
        subject_id=member.pk,
        address=address,
        heir_id=str(heir.pk) if heir else None,
        handed_over=dict(left),
    )
    return member


def _hand_over(member: User, heir: User | None, left: Counter[str]) -> None:
    if heir is None:
        if left:
            raise HeirNeededError(f"Choose who takes over what is {member.name}'s alone.")
        return
    if heir.pk == member.pk or not heir.is_active or not heir.may(Permission.PORTFOLIO_EDIT):
        raise HeirNeededError("Choose an active colleague who may edit portfolios.")
    for module in settings.INHERITANCE:
        import_module(module).hand_over(member=member, heir=heir)


@transaction.atomic
def erase_member(*, member: User, by: User, address: str = "") -> User:
    """Name, e-mail and everything that tells who a removed member was; keys stay, so the log and the ledger are whole.

    Raises RoleTooLowError or MemberError; then nothing was changed.
    """
    locked = lock_people(member, by)
    member, by = locked.fresh(member), locked.fresh(by)
    if not by.is_active or not by.may(Permission.MEMBER_ERASE):
        raise RoleTooLowError("Owners erase personal data.")
    if member.is_active:
        raise MemberError("Remove this member first.")
    if member.erased_at:
        raise MemberError("Nothing is left to erase.")
    _forget(member)
    record_audit(Act.MEMBER_ERASED, by_id=by.pk, subject_id=member.pk, address=address)
    return member


def _forget(member: User) -> None:
    nobody = f"erased-{member.pk.hex}@erased.invalid"  # RFC 2606: leads nowhere
    close_ways_in(user=member)
    EmailAddress.objects.filter(user_id=member.pk).delete()
    Invitation.objects.waiting().filter(email=member.email).update(revoked_at=timezone.now())
    Invitation.objects.filter(email=member.email).update(email=nobody)
    OutgoingMail.objects.filter(to=member.email).delete()
    blank = User()
    for field in ("timezone", "theme", "number_format", "date_format"):
        setattr(member, field, getattr(blank, field))
    member.email, member.name, member.last_login = nobody, member.label_when_erased, None
    member.erased_at = timezone.now()
    member.save()
