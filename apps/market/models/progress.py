"""Long jobs as the operator sees them: what is done, of how much, since when."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

SILENT_AFTER = timedelta(minutes=5)


class ProgressQuerySet(models.QuerySet["Progress"]):
    def running(self) -> Self:
        """Neither finished nor failed (one that was killed too: `is_silent` says so)."""
        return self.filter(finished_at__isnull=True)

    def latest_first(self) -> Self:
        """As the operator's page lists them."""
        return self.order_by("-started_at", "-pk")


class Progress(models.Model):
    """One run of a long job; `task` and `reached` let a killed one go on where it was."""

    kind = models.CharField(max_length=40)
    task = models.JSONField(default=dict, help_text="What was asked for; a second run of the same goes on.")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    reached = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(failure="") | Q(finished_at__isnull=False), name="progress_failed_ended"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.done}/{self.total}"

    @property
    def percent(self) -> int:
        """Whole per cent of what is to do; a job without anything to do is done."""
        return 100 * self.done // self.total if self.total else 100

    @property
    def state(self) -> str:
        """In a word."""
        if self.finished_at:
            return "failed" if self.failure else "finished"
        return "silent" if timezone.now() - self.updated_at > SILENT_AFTER else "running"
