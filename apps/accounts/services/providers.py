"""What happens to the firm's own sign-in provider, and who joins by it."""

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.mail import one_line
from apps.accounts.models import Act, SignInProvider, User
from apps.accounts.permissions import Role
from apps.accounts.services.audit import record_audit
from apps.accounts.services.counts import count_members
from apps.accounts.services.members import add_member
from apps.accounts.services.people import clean_email
from apps.accounts.services.policy import active_provider, is_welcome
from apps.tenants.backend.connections import connection
from apps.tenants.sealing import SealBrokenError, seal, unseal
from apps.tenants.services.quotas import QuotaError, require_room

JOINING_ROLES = (Role.VIEWER, Role.ANALYST)  # whoever has an address at the firm manages nobody
MOST_OF_A_NAME = 120
_PURPOSE = "client secret"


class NotInvitedError(Exception):
    """The provider vouches for somebody who is no member and may not join."""


@transaction.atomic
def save_provider(*, by: User, secret: str = "", address: str = "", **fields: Any) -> SignInProvider:
    """The one provider of the organization. Another issuer is another provider: its people are linked anew."""
    row = SignInProvider.objects.select_for_update().first()
    if row and row.issuer_url != fields["issuer_url"]:
        SocialAccount.objects.filter(provider=str(row.pk)).delete()
        row.delete()
        row = None
    row = row or SignInProvider()
    for name, value in fields.items():
        setattr(row, name, value)
    if secret:
        row.client_secret = seal(secret, _PURPOSE)
    row.save()
    record_audit(Act.SSO_CHANGED, by_id=by.pk, subject_id=row.pk, address=address, active=row.is_active)
    return row


def linked_provider(user: User) -> SignInProvider | None:
    """The active provider, if it knows this member: then it can say whether it is they who are sitting there."""
    row = active_provider()
    return row if row and SocialAccount.objects.filter(provider=str(row.pk), user_id=user.pk).exists() else None


def secret_of(row: SignInProvider) -> str:
    """For the provider alone. One that cannot be read any more (restored under another key) is empty."""
    try:
        return unseal(row.client_secret, _PURPOSE)
    except SealBrokenError:
        return ""


@transaction.atomic
def join_by_provider(*, email: str, name: str, address: str = "") -> User:
    """The member with this verified e-mail, or a new one where the domain is listed. Raises NotInvitedError."""
    try:
        email = clean_email(email)
    except ValidationError as error:
        raise NotInvitedError("Your provider names no e-mail address.") from error
    known = User.objects.filter(email=email).first()
    if known:
        if not is_welcome(known) or known.is_support:
            raise NotInvitedError("You are no member here. Ask an owner of your organization.")
        return known
    row = active_provider()
    domains = {domain.strip().lower() for domain in row.email_domains.split(",")} if row else set()
    if row is None or email.rpartition("@")[2] not in domains - {""}:
        raise NotInvitedError("You are no member here. Ask an owner or admin of your organization to invite you.")
    try:
        require_room(connection.tenant, "members", used=count_members)
        user = add_member(email=email, name=one_line(name)[:MOST_OF_A_NAME], role=Role(row.default_role))
    except QuotaError as error:
        raise NotInvitedError(str(error)) from error
    except ValidationError as error:
        raise NotInvitedError(" ".join(error.messages)) from error
    record_audit(Act.MEMBER_JOINED, by_id=user.pk, subject_id=user.pk, address=address, by="sso", role=user.role)
    return user
