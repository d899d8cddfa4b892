"""An operator's visit: asked for with a reason, granted by the customer, ended by the clock."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from apps.tenants.models import TenantModel


class SupportGrantQuerySet(models.QuerySet["SupportGrant"]):
    def waiting(self) -> Self:
        """Asked for and not decided."""
        return self.filter(decided_at=None, ended_at=None)

    def late(self) -> Self:
        """Granted, and the hours passed before anybody ended it."""
        return self.filter(granted=True, ended_at=None, expires_at__lte=timezone.now())

    def running(self) -> Self:
        """Granted, not ended, not over."""
        return self.filter(granted=True, ended_at=None, expires_at__gt=timezone.now())


class SupportGrant(TenantModel):
    """Lets one operator look in, as a viewer, for some hours."""

    operator_id = models.UUIDField(help_text="Of the operator, in `public`.")
    operator_name = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    hours = models.PositiveSmallIntegerField(default=4, validators=[MinValueValidator(1), MaxValueValidator(72)])
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.UUIDField(null=True)
    granted = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = SupportGrantQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        verbose_name, verbose_name_plural = "support request", "support access"

    @property
    def is_running(self) -> bool:
        """True while the operator may look in."""
        is_timely = self.expires_at is not None and self.expires_at > timezone.now()
        return self.granted and self.ended_at is None and is_timely

    @property
    def state(self) -> str:
        """In a word or two."""
        if self.ended_at:
            return "ended"
        if not self.decided_at:
            return "waiting for an answer"
        return ("can look in" if self.is_running else "over") if self.granted else "refused"

    def __str__(self) -> str:
        return f"{self.operator_name}: {self.reason}"
