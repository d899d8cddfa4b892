"""Mail that is promised: a row in the transaction of what caused it, sent by an actor, sent again by a sweep."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from apps.tenants.models import TenantModel


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def pending(self) -> Self:
        """Neither handed over nor given up."""
        return self.filter(sent_at=None, gave_up_at=None)

    def due(self) -> Self:
        """Those that somebody should send now."""
        return self.pending().filter(due_at__lte=timezone.now())

    def done_before(self, moment: object) -> Self:
        """Those that nobody waits for any more."""
        return self.filter(models.Q(sent_at__lt=moment) | models.Q(gave_up_at__lt=moment))


class OutgoingMail(TenantModel):
    """One mail to one address. Its content holds links that open something: it is sealed, and gone once sent."""

    to = models.EmailField()
    kind = models.CharField(max_length=60, help_text="The template it was made of.")
    sealed = models.TextField(help_text="Encrypted; empty when nothing is to be sent any more.")
    queued_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now, help_text="Nobody sends it before: somebody may be at it.")
    expires_at = models.DateTimeField(help_text="Later its links open nothing.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="More than one: it may have arrived twice.")
    sent_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ("-queued_at",)
        indexes = (
            models.Index(
                fields=("due_at",), condition=models.Q(sent_at=None, gave_up_at=None), name="outgoingmail_pending"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def pause(self) -> timedelta:
        """Before it is tried again: 1, 4, 16, at most 60 minutes."""
        return timedelta(minutes=min(60, 4 ** (self.attempts - 1)))
