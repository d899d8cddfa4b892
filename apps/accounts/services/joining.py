"""The invited come in: one link, one person, once, with the role that was offered and no other."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from apps.accounts.errors import InvitationError
from apps.accounts.models import Act, House, Invitation, User
from apps.accounts.services.audit import record_audit
from apps.accounts.services.counts import count_members
from apps.accounts.services.people import lock_people, verify_email
from apps.tenants.models import Organization
from apps.tenants.services.quotas import require_room


def open_invitation(*, token: str, visitor: User | None, address: str = "") -> Invitation:
    """What a mailed link leads to, for whoever opened it (None: nobody is signed in).

    Raises InvitationError, and then writes down what befell an invitation that exists.
    """
    with _refusals_are_written(visitor, address):
        return _usable(token, visitor)


def accept_invitation(
    *,
    organization: Organization,
    token: str,
    name: str,
    password: str | None,
    visitor: User | None = None,
    address: str = "",
) -> User:
    """The invited person is a member from now on; e-mail, role and amounts are the invitation's.

    Somebody who was removed comes back to their own row. Without a password (single sign-on) none is set.
    Raises InvitationError, ValidationError (password) or QuotaError; then nothing was changed.
    """
    with _refusals_are_written(visitor, address), transaction.atomic():
        lock_people()
        invitation = _claimed(_usable(token, visitor))
        user = _joined(organization, invitation, name.strip(), password)
        record_audit(
            Act.MEMBER_JOINED,
            by_id=user.pk,
            subject_id=user.pk,
            address=address,
            role=user.role,
            invitation_id=str(invitation.pk),
        )
        return user


def asks_for_password() -> bool:
    """False where members sign in at the firm's own provider only."""
    return not House.current().sso_required


@contextmanager
def _refusals_are_written(visitor: User | None, address: str) -> Iterator[None]:
    """Stands around the transaction: what is refused leaves nothing but its entry. An unknown link leaves none."""
    try:
        yield
    except InvitationError as refusal:
        if refusal.invitation_id:
            record_audit(
                Act.INVITATION_REFUSED,
                by_id=visitor.pk if visitor else None,
                subject_id=refusal.invitation_id,
                address=address,
                reason=refusal.reason,
            )
        raise


def _usable(token: str, visitor: User | None) -> Invitation:
    invitation = Invitation.objects.with_token(token).first()
    if invitation is None:
        raise InvitationError("unknown", "This link leads to no invitation. If you were sent a newer one, use that.")
    reason, words = _trouble_with(invitation, visitor)
    if reason:
        raise InvitationError(reason, words, invitation.pk)
    return invitation


def _trouble_with(invitation: Invitation, visitor: User | None) -> tuple[str, str]:
    if invitation.accepted_at:
        return "used", "This invitation was used already. If it was you, sign in."
    if invitation.revoked_at:
        return "revoked", "This invitation was taken back. Ask whoever invited you."
    if invitation.expires_at <= timezone.now():
        return "late", f"This invitation ended on {invitation.expires_at:%-d %B %Y}. Ask for a new one."
    if visitor and visitor.email != invitation.email:
        return (
            "wrong_person",
            "You are signed in, and this invitation is for somebody else. Sign out, then open it again.",
        )
    if User.objects.filter(email=invitation.email, is_active=True).exists():
        return "member", "You are a member already. Sign in."
    return "", ""


def _claimed(invitation: Invitation) -> Invitation:
    """One conditional update decides who of many comes in."""
    if not Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
        raise InvitationError("used", "This invitation was used already. If it was you, sign in.", invitation.pk)
    return invitation


def _joined(organization: Organization, invitation: Invitation, name: str, password: str | None) -> User:
    require_room(organization, "members", used=count_members)
    user = User.objects.filter(email=invitation.email).first() or User(email=invitation.email)
    user.name, user.role, user.sees_amounts = name, invitation.role, invitation.sees_amounts
    user.is_active = True
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    user.save()
    verify_email(user=user)
    return user
