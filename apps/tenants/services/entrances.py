"""Ways in that are open for a moment: a hand-over to an organization's host, a sign-up that waits for its link.

Of a token only the digest is stored; the token itself is with the one who was given it.
"""

from datetime import timedelta
from secrets import token_urlsafe
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.tenants.models import HandOver, Organization, SignUp, digest_of
from apps.tenants.services.organizations import create_organization

HAND_OVER = timedelta(seconds=60)
SIGN_UP = timedelta(hours=24)
KEPT = timedelta(days=7)


class HandOverRefusedError(Exception):
    """Unknown here, used, or late."""


class UnknownSignUpError(Exception):
    """No sign-up waits for this link: it never did, or it is too late."""


def open_hand_over(organization: Organization, user_id: UUID, support_grant_id: UUID | None = None) -> str:
    """A token with which this person is signed in at the organization's own host, once, within a minute."""
    token = token_urlsafe(32)
    with schema_context("public"):
        HandOver.objects.create(
            token_digest=digest_of(token),
            organization=organization,
            user_id=user_id,
            support_grant_id=support_grant_id,
            expires_at=timezone.now() + HAND_OVER,
        )
    return token


def redeem_hand_over(token: str, organization: Organization) -> HandOver:
    """Of many who come with one token at once, one gets in. Raises HandOverRefusedError.

    At another organization's host it is unknown, and stays open for its own.
    """
    with schema_context("public"):
        waiting = HandOver.objects.filter(
            token_digest=digest_of(token), organization=organization, expires_at__gt=timezone.now()
        )
        found = waiting.first()
        if found is None or not waiting.delete()[0]:
            raise HandOverRefusedError
    return found


def open_sign_up(*, name: str, subdomain: str, email: str, owner_name: str, password_hash: str) -> tuple[SignUp, str]:
    """What a visitor asked for, in the caller's transaction; the token is for the mailed link."""
    token = token_urlsafe(32)
    with schema_context("public"):
        sign_up = SignUp.objects.create(
            token_digest=digest_of(token),
            name=name,
            subdomain=subdomain,
            email=email,
            owner_name=owner_name,
            password=password_hash,
            expires_at=timezone.now() + SIGN_UP,
        )
    return sign_up, token


def confirm_sign_up(token: str, *, name: str = "", subdomain: str = "", address: str = "") -> SignUp:
    """Makes the organization, or finds it made: the second click, and twenty at once, lead to the one.

    `name` and `subdomain` are another choice, when what was asked for is taken meanwhile. Raises
    UnknownSignUpError, and what create_organization raises; then nothing was made and the link still waits.
    """
    with schema_context("public"), transaction.atomic():
        # Without the join: a row that was waited for is read anew, what was joined to it before is not.
        sign_up = SignUp.objects.of_token(token).select_related(None).select_for_update().first()
        if sign_up is None or (sign_up.organization is None and sign_up.is_late):
            raise UnknownSignUpError
        if sign_up.organization is None:
            sign_up.organization = create_organization(
                name=name or sign_up.name,
                subdomain=subdomain or sign_up.subdomain,
                owner_email=sign_up.email,
                owner_name=sign_up.owner_name,
                password_hash=sign_up.password,
                is_sign_up=True,
                address=address,
            )
            sign_up.password = ""
            sign_up.save(update_fields=["organization", "password"])
    return sign_up


def forget_entrances() -> int:
    """Sign-ups a week after their link, hand-overs when they are late; the number of rows that went."""
    with schema_context("public"):
        gone = HandOver.objects.filter(expires_at__lt=timezone.now()).delete()[0]
        return gone + SignUp.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()[0]
