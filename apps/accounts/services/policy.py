"""Whether somebody may come in, from here, in this way, with what they have shown."""

from ipaddress import ip_address
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import House, SignInProvider, User
from apps.accounts.permissions import Role
from apps.accounts.services.sessions import SIGNED_IN_AT
from apps.tenants.backend.connections import connection

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_welcome(user: User) -> bool:
    """A member who is neither removed nor erased; on the public host, an operator."""
    is_here = connection.schema_name != "public" or user.is_staff
    return bool(user.is_active and user.erased_at is None and is_here)


def has_factor(user: User) -> bool:
    """An authenticator app or a passkey; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def lacks_factor(user: User, house: House) -> bool:
    """True if a second factor is asked for, of operators always, and there is none."""
    return _factor_required(house) and not user.is_support and not has_factor(user)


def may_remove_factor(authenticator: Authenticator) -> bool:
    """Not the last one, where one is asked for."""
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS).exclude(pk=authenticator.pk)
    return not _factor_required(House.current()) or others.exists()


def must_use_provider(request: HttpRequest, user: User, house: House | None = None) -> bool:
    """True if the house signs in at its provider and this session did not. Owners may come in all the same:
    a provider that is broken must not lock the firm out."""
    house = house or House.current()
    if not house.sso_required or user.role == Role.OWNER or user.is_support:
        return False
    methods = {record["method"] for record in get_authentication_records(request, user)}
    return "socialaccount" not in methods and active_provider() is not None


def active_provider() -> SignInProvider | None:
    """Where the firm's people sign in, if that is set up and switched on."""
    return SignInProvider.objects.filter(is_active=True).first()


def is_over(session: Any, house: House) -> bool:
    """True if the session is older than the house allows (it may have been shortened since)."""
    began: float = session.get(SIGNED_IN_AT, timezone.now().timestamp())
    return timezone.now().timestamp() - began > house.session_days * 24 * 3600


def is_let_in(request: HttpRequest, user: User) -> bool:
    """True if nothing stands between this session and the organization's pages."""
    house = House.current()
    return not (is_over(request.session, house) or must_use_provider(request, user, house) or lacks_factor(user, house))


def require_operators_network(address: str) -> None:
    """Raises PermissionDenied for an operator's page asked for from elsewhere."""
    networks = settings.OPERATOR_NETWORKS
    if connection.schema_name == "public" and networks:
        came_from = ip_address(address)
        if not any(came_from in network for network in networks):
            raise PermissionDenied("Operators do not come from this network.")


def _factor_required(house: House) -> bool:
    return connection.schema_name == "public" or house.mfa_required
