"""What happens to a session and to the browsers that a member signs in with."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Act, AuditEntry, House, KnownDevice, OutgoingMail, User
from apps.accounts.services.audit import record_audit
from apps.accounts.services.mail import queue_mail

DEVICE_DAYS = 365
SIGNED_IN_AT = "signed_in_at"


@transaction.atomic
def begin_session(session: SessionBase, user: User, *, address: str) -> None:
    """It lasts as long as the house says, from now."""
    session[SIGNED_IN_AT] = timezone.now().timestamp()
    session.set_expiry(House.current().session_days * 24 * 3600)
    record_audit(Act.SIGNED_IN, by_id=user.pk, subject_id=user.pk, address=address)


def record_sign_out(user: Any, *, address: str) -> None:
    """Of one session."""
    record_audit(Act.SIGNED_OUT, by_id=user.pk, subject_id=user.pk, address=address)


def record_refusal(*, email: str, address: str) -> None:
    """Whoever it was for, known or not: the answer takes the same time."""
    user = User.objects.filter(email=email).values_list("pk", flat=True).first()
    record_audit(Act.SIGN_IN_REFUSED, subject_id=user, address=address)


def known_device(*, email: str, token: str) -> KnownDevice | None:
    """The device, if this member signed in with it before."""
    return KnownDevice.objects.filter(token_digest=_digest(token), user__email=email).first()


@transaction.atomic
def remember_device(user: User, *, token: str, label: str) -> tuple[str, OutgoingMail | None]:
    """The token that the browser keeps (one that it has already is kept), and word of a new one to who wants it."""
    known = KnownDevice.objects.filter(token_digest=_digest(token), user=user)
    browser = browser_of(label)
    if known.update(last_seen_at=timezone.now(), label=browser):
        return token, None
    fresh = token_urlsafe(32)
    KnownDevice.objects.create(user=user, token_digest=_digest(fresh), label=browser)
    KnownDevice.objects.filter(user=user, last_seen_at__lt=timezone.now() - timedelta(days=DEVICE_DAYS)).delete()
    return fresh, _word_of(browser, user) if user.notifies_by_mail and _was_here_before(user) else None


def _was_here_before(user: User) -> bool:
    """The present sign-in is in the log already; who comes for the first time needs no telling."""
    return AuditEntry.objects.filter(act=Act.SIGNED_IN, by_id=user.pk)[:2].count() > 1


def _word_of(browser: str, user: User) -> OutgoingMail:
    ctx = {"browser": browser, "at": timezone.now()}
    subject = f"A new browser signed in: {browser}"
    return queue_mail(user.email, subject=subject, template="accounts/mail/new_browser.html", ctx=ctx)


def forget_device(device: KnownDevice) -> None:
    """It has no budget of guesses of its own any more."""
    device.delete()


def forget_devices(*, user: User) -> None:
    """Whoever is in doubt begins anew: a browser of somebody else's has no budget of guesses of its own."""
    KnownDevice.objects.filter(user=user).delete()


@transaction.atomic
def end_sessions(*, user: User, by: AbstractBaseUser, address: str = "") -> int:
    """Everywhere, and no browser is known any more; the shell then closes the sockets. Returns how many there were."""
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(user=user).delete()
    forget_devices(user=user)
    record_audit(
        Act.SIGNED_OUT_EVERYWHERE, by_id=by.pk, subject_id=user.pk, address=address, sessions=len(keys)
    )  # fmt: skip
    return len(keys)


@transaction.atomic
def end_session(row: UserSession, *, by: Any, address: str = "") -> None:
    """One of a member's sessions."""
    record_audit(Act.SIGNED_OUT, by_id=by.pk, subject_id=row.user_id, address=address)
    row.end()


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def browser_of(agent: str) -> str:
    """`Firefox on Linux`: what a person tells apart, and no more."""
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "macOS",
               "Linux": "Linux"}  # fmt: skip
    browser = next((name for mark, name in browsers.items() if mark in agent), "A browser")
    system = next((name for mark, name in systems.items() if mark in agent), "an unknown system")
    return f"{browser} on {system}"
