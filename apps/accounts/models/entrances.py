"""How people come in: invitations, devices that were here before, and a firm's own sign-in provider."""

from typing import Self

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from apps.accounts.models.users import User
from apps.accounts.permissions import Role
from apps.tenants.models import TenantModel, digest_of


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> Self:
        """Neither used nor revoked; some of them too late."""
        return self.filter(accepted_at=None, revoked_at=None)

    def open(self) -> Self:
        """Neither used, nor revoked, nor late."""
        return self.waiting().filter(expires_at__gt=timezone.now())

    def with_token(self, token: str) -> Self:
        """The one that a mailed link leads to, whatever became of it."""
        return self.filter(token_digest=digest_of(token))


class Invitation(TenantModel):
    """One person may join with one role, once, until it expires; the mailed token is kept as a digest."""

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=[(role, role.title()) for role in Role])
    sees_amounts = models.BooleanField(default=True)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="invitation_email_lower"),
            models.UniqueConstraint(
                "email", condition=models.Q(accepted_at=None, revoked_at=None), name="invitation_one_open"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_late(self) -> bool:
        """True after its week."""
        return self.expires_at <= timezone.now()


class KnownDevice(TenantModel):
    """A browser in which a member signed in before: it has a budget of guesses of its own."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    token_digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=120)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-last_seen_at",)

    def __str__(self) -> str:
        return self.label


class SignInProvider(TenantModel):
    """The firm's own OpenID Connect provider. The client's secret is encrypted under the installation's key."""

    name = models.CharField(max_length=80)
    issuer_url = models.URLField()
    client_id = models.CharField(max_length=200)
    client_secret = models.TextField(help_text="Encrypted.")
    default_role = models.CharField(max_length=10, choices=[(role, role.title()) for role in Role], default=Role.VIEWER)
    email_domains = models.CharField(max_length=400, blank=True, help_text="Who may join by signing in; empty: nobody.")
    is_active = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name
