"""People are invited by mail, at or below the role of whoever invites; a link works once, for a week."""

from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from urllib.parse import urlencode

from django.db import transaction
from django.utils import timezone

from apps.accounts.errors import MemberError
from apps.accounts.models import Act, Invitation, OutgoingMail, User
from apps.accounts.permissions import ROLES, Permission, Role
from apps.accounts.services.audit import record_audit
from apps.accounts.services.counts import count_members
from apps.accounts.services.mail import queue_mail
from apps.accounts.services.people import clean_email, lock_people, require_may_give
from apps.tenants.models import Organization, digest_of
from apps.tenants.services.quotas import require_room

LIFETIME = timedelta(days=7)
PATH = "invitations/accept/"


@dataclass(frozen=True, slots=True)
class Invited:
    """The invitation, and the mail that the shell sends."""

    invitation: Invitation
    mail: OutgoingMail


@transaction.atomic
def invite(
    *, organization: Organization, email: str, role: Role, by: User, sees_amounts: bool = True, address: str = ""
) -> Invited:
    """One open invitation an e-mail: a new one takes the place of the old one, whose link is worth nothing then.

    Raises ValidationError (no e-mail), RoleTooLowError, MemberError or QuotaError; then nothing was changed.
    """
    email = clean_email(email)
    by = lock_people(by).fresh(by)
    require_may_give(by=by, role=role, sees_amounts=sees_amounts)
    known = User.objects.filter(email=email).first()
    if known and (known.is_active or known.is_support):
        raise MemberError(f"{email} is a member already.")
    for earlier in Invitation.objects.waiting().filter(email=email):
        _revoke(earlier, by, address)
    require_room(organization, "members", used=lambda: count_members() + Invitation.objects.open().count())
    token = token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        role=role,
        sees_amounts=sees_amounts or role == Role.OWNER,
        token_digest=digest_of(token),
        invited_by_id=by.pk,
        expires_at=timezone.now() + LIFETIME,
    )
    record_audit(Act.INVITATION_SENT, by_id=by.pk, subject_id=invitation.pk, address=address, role=role)
    return Invited(invitation, _mail(organization, invitation, token, by))


@transaction.atomic
def resend_invitation(*, organization: Organization, invitation: Invitation, by: User, address: str = "") -> Invited:
    """The same invitation with a new link and a new week; what was mailed before is worth nothing then.

    Raises RoleTooLowError, MemberError or QuotaError; then nothing was changed.
    """
    return invite(
        organization=organization,
        email=_still_offered(invitation).email,
        role=Role(invitation.role),
        sees_amounts=invitation.sees_amounts,
        by=by,
        address=address,
    )


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User, address: str = "") -> None:
    """Its link is worth nothing from now on.

    Raises RoleTooLowError or MemberError; then nothing was changed.
    """
    by = lock_people(by).fresh(by)
    require_may_give(by=by, role=Role(invitation.role), sees_amounts=False)
    _revoke(_still_offered(invitation), by, address)


def revoke_invitations_of(*, member: User, by: User, still: Role | None = None) -> None:
    """Ends what a member offered and, with the role that is `still` theirs (None: no role), may not offer any more."""
    for invitation in Invitation.objects.open().filter(invited_by_id=member.pk):
        if still is None or Permission.MEMBER_MANAGE not in ROLES[still] or not still.reaches(Role(invitation.role)):
            _revoke(invitation, by, address="")


def _still_offered(invitation: Invitation) -> Invitation:
    fresh = Invitation.objects.waiting().filter(pk=invitation.pk).first()
    if fresh is None:
        raise MemberError("This invitation was used or taken back meanwhile.")
    return fresh


def _revoke(invitation: Invitation, by: User, address: str) -> None:
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record_audit(Act.INVITATION_REVOKED, by_id=by.pk, subject_id=invitation.pk, address=address)


def _mail(organization: Organization, invitation: Invitation, token: str, by: User) -> OutgoingMail:
    return queue_mail(
        invitation.email,
        subject=f"{by.name} invites you to {organization.name}",
        template="accounts/mail/invitation.html",
        ctx={
            "organization": organization.name,
            "inviter": by.name,
            "role": invitation.get_role_display(),
            "link": f"{organization.url}{PATH}?{urlencode({'token': token})}",
            "days": LIFETIME.days,
        },
        valid_for=LIFETIME,
    )
