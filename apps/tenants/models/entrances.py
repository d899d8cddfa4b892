"""Ways in that are open for a moment: a sign-up that waits for its mailed link, a hand-over to a host."""

import uuid

from django.db import models

from apps.tenants.models.organizations import Organization


class SignUp(models.Model):
    """What a visitor asked for on the public host; it becomes an organization when the mailed link is opened.

    The link's token is kept as a digest only, the password as Django keeps passwords.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    subdomain = models.CharField(max_length=30)
    email = models.EmailField()
    password = models.CharField(max_length=128)
    requested_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    organization = models.OneToOneField(
        Organization, null=True, on_delete=models.CASCADE, related_name="sign_up", help_text="Set when it was made."
    )

    def __str__(self) -> str:
        return self.subdomain


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
