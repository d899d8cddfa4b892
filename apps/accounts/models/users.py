"""A user is known by e-mail, in one organization's schema; in `public`, users are operators."""

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from apps.accounts.permissions import ROLES, Permission, Role
from apps.tenants.models import TenantModel


class UserQuerySet(models.QuerySet["User"]):
    def members(self) -> Self:
        """People of the firm, those who left included; not the stand-ins of visiting operators."""
        return self.filter(is_support=False)

    def active(self) -> Self:
        """Members who may sign in."""
        return self.members().filter(is_active=True)

    def with_second_factor(self) -> Self:
        """Says of each how many second factors they have (`factors`); recovery codes are none."""
        counted = ~models.Q(authenticator__type="recovery_codes")
        return self.annotate(factors=models.Count("authenticator", filter=counted))


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """What sign-in looks a person up by."""
        return self.get(email=(username or "").strip().lower())


class Theme(models.TextChoices):
    """`system` follows the device."""

    SYSTEM = "system", "As my device"
    DARK = "dark", "Dark"
    LIGHT = "light", "Light"


class NumberFormat(models.TextChoices):
    """How digits are grouped and where decimals begin."""

    POINT = "point", "1,234,567.89"
    COMMA = "comma", "1.234.567,89"
    SPACE = "space", "1 234 567,89"


class DateFormat(models.TextChoices):
    """The order of a date."""

    ISO = "iso", "2026-03-27"
    DAY_FIRST = "day_first", "27 Mar 2026"
    MONTH_FIRST = "month_first", "Mar 27, 2026"


class User(TenantModel, AbstractBaseUser):
    """A member with a role; `is_staff` marks an operator and means something in `public` only.

    People are never deleted: a removed member is not active, an erased one has no name and e-mail any more.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=10, choices=[(role, role.title()) for role in Role], default=Role.VIEWER)
    sees_amounts = models.BooleanField(default=True, help_text="Off: weights and percentages, no amounts.")
    timezone = models.CharField(max_length=64, default="America/New_York")
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.DARK)
    number_format = models.CharField(max_length=8, choices=NumberFormat, default=NumberFormat.POINT)
    date_format = models.CharField(max_length=12, choices=DateFormat, default=DateFormat.ISO)
    notifies_by_mail = models.BooleanField(default=True, help_text="Mail about a browser that was not here before.")
    notifies_on_page = models.BooleanField(default=True, help_text="A message on open pages.")
    is_active = models.BooleanField(default=True)
    is_support = models.BooleanField(default=False, help_text="Stands for a visiting operator; never a member.")
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager.from_queryset(UserQuerySet)()

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

    @property
    def is_owner(self) -> bool:
        """True for one of those whom the organization cannot be without."""
        return self.is_active and self.role == Role.OWNER

    @property
    def label_when_erased(self) -> str:
        """What pages and the audit log call a member whose personal data are gone."""
        return f"Erased member #{self.pk.hex[:4]}"

    @property
    def may_by_name(self) -> dict[str, bool]:
        """For templates that only choose which links to show: `member.manage` is `member_manage`."""
        return {permission.replace(".", "_"): self.may(permission) for permission in Permission}

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's admin, on the public host, is for operators."""
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Django's admin, on the public host, is for operators."""
        return self.is_active and self.is_staff
