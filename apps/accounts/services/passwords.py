"""What is mailed about passwords and addresses: links that are good in one organization only."""

from typing import Any

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse

from apps.accounts.models import OutgoingMail, User
from apps.accounts.services.mail import queue_mail
from apps.accounts.services.policy import is_welcome
from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization


class ResetTokens(PasswordResetTokenGenerator):
    """The organization is part of what is signed: an equal person elsewhere has another token."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{connection.schema_name}:{super()._make_hash_value(user, timestamp)}"


def queue_reset_link(email: str, *, organization: Organization) -> OutgoingMail | None:
    """Promises the mail, if the organization in context knows this person."""
    user = User.objects.filter(email=email).first()
    if user is None or not is_welcome(user) or user.is_support:
        return None
    path = reverse(
        "account_reset_password_from_key",
        urlconf=settings.ROOT_URLCONF,
        kwargs={"uidb36": user_pk_to_url_str(user), "key": ResetTokens().make_token(user)},
    )
    link = organization.url.rstrip("/") + path
    ctx = {"link": link, "organization": organization.name}
    return queue_mail(user.email, subject="Choose a new password", template="accounts/mail/reset.html", ctx=ctx)


def queue_confirmation(email: str, *, link: str) -> OutgoingMail:
    """Promises the link that shows whose mailbox it is."""
    ctx = {"link": link}
    return queue_mail(email, subject="Confirm your e-mail address", template="accounts/mail/confirm.html", ctx=ctx)


def queue_notice(user: User, what: str) -> OutgoingMail:
    """Promises word of a change in how one signs in."""
    return queue_mail(user.email, subject=what.rstrip("."), template="accounts/mail/notice.html", ctx={"what": what})
