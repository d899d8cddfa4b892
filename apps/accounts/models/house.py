"""What an organization decided about itself: one row."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from apps.tenants.models import OrganizationRow

HOUSE_PK = 1


class House(OrganizationRow):
    """Brand, sign-in policy and whom to ask, edited by owners; missing until somebody changes a default."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=HOUSE_PK, editable=False)
    logo = models.FileField(upload_to="brand", blank=True)
    accent_colour = models.CharField(
        max_length=7, blank=True, validators=[RegexValidator(r"^#[0-9a-f]{6}$", "Write a colour like #3b82f6.")]
    )
    sender_name = models.CharField(max_length=80, blank=True, help_text="Who mail of this organization comes from.")
    contact = models.CharField(max_length=120, blank=True, help_text="Whom members ask for help.")
    mfa_required = models.BooleanField(default=False, help_text="Members without a second factor add one first.")
    sso_required = models.BooleanField(default=False, help_text="Members sign in at the firm's provider only.")
    session_days = models.PositiveSmallIntegerField(
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text="After which one signs in again.",
    )
    shares_by_default = models.BooleanField(default=True, help_text="New watchlists and portfolios are shared.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=HOUSE_PK), name="house_one_row")]

    def __str__(self) -> str:
        return "house"

    @classmethod
    def current(cls) -> "House":
        """Of the organization in context; the defaults while nothing was saved."""
        return cls.objects.filter(pk=HOUSE_PK).first() or cls()
