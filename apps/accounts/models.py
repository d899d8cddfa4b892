"""A user is known by e-mail, in one organization's schema; in `public`, users are operators."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from apps.accounts.permissions import ROLES, Permission, Role
from apps.tenants.models import TenantModel


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """What sign-in looks a person up by."""
        return self.get(email=(username or "").strip().lower())


class User(TenantModel, AbstractBaseUser):
    """A member with a role; `is_staff` marks an operator and means something in `public` only."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=10, choices=[(role, role.title()) for role in Role], default=Role.VIEWER)
    sees_amounts = models.BooleanField(default=True, help_text="Off: weights and percentages, no amounts.")
    timezone = models.CharField(max_length=64, default="America/New_York")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("email",)
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower"),
            models.CheckConstraint(condition=models.Q(role__in=list(Role)), name="user_role_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def may(self, permission: Permission) -> bool:
        """True if this member's role includes `permission`."""
        return permission in ROLES[Role(self.role)]

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's admin, on the public host, is for operators."""
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Django's admin, on the public host, is for operators."""
        return self.is_active and self.is_staff
