"""Ways in that are open for a moment: a sign-up that waits for its mailed link, a hand-over to a host."""

import uuid
from datetime import timedelta
from hashlib import sha256
from typing import Self

from django.db import models
from django.utils import timezone

from apps.tenants.models.organizations import Organization


def digest_of(token: str) -> str:
    """What is stored of a token: whoever reads the row cannot use it."""
    return sha256(token.encode(errors="replace")).hexdigest()


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def of_token(self, token: str) -> Self:
        """The one that waits for this link."""
        return self.select_related("organization").filter(token_digest=digest_of(token))


class SignUp(models.Model):
    """What a visitor asked for on the public host; it becomes an organization when the mailed link is opened.

    The link's token is kept as a digest only, the password as Django keeps passwords.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    subdomain = models.CharField(max_length=30)
    email = models.EmailField()
    owner_name = models.CharField(max_length=120, blank=True)
    password = models.CharField(max_length=128, help_text="Hashed; empty when the owner has it.")
    requested_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    organization = models.OneToOneField(
        Organization, null=True, on_delete=models.CASCADE, related_name="sign_up", help_text="Set when it was made."
    )

    objects = SignUpQuerySet.as_manager()

    def __str__(self) -> str:
        return self.subdomain

    @property
    def is_late(self) -> bool:
        """The link was not opened in time."""
        return self.expires_at <= timezone.now()

    def was_just_made(self, within: timedelta) -> bool:
        """The organization came into being a moment ago: a second click is the same person's."""
        return self.organization is not None and self.organization.created_at > timezone.now() - within


class HandOver(models.Model):
    """Signs one person in at an organization's own host, once, within a minute."""

    token_digest = models.CharField(max_length=64, primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    user_id = models.UUIDField(help_text="The person in the organization's schema.")
    support_grant_id = models.UUIDField(
        null=True, help_text="Set where an operator enters with the customer's consent."
    )
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"to {self.organization_id}"
