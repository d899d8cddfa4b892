"""Documents that members asked for, from the request to the file."""

import uuid
from pathlib import PurePosixPath
from typing import Self

from django.conf import settings
from django.core.files.storage import Storage
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts.models import User
from apps.portfolio.models import Portfolio
from apps.tenants.models import TenantModel
from apps.tenants.storage import TenantStorage


def tenant_storage() -> Storage:
    """The files of the organization in context."""
    return TenantStorage()


def report_path(report: "Report", filename: str) -> str:
    """A name that says nothing and is never used twice."""
    return f"reports/{report.pk}/{uuid.uuid4().hex}{PurePosixPath(filename).suffix}"


class Status(models.TextChoices):
    """How far a report is."""

    PENDING = "pending", "Waiting"
    BUILDING = "building", "Being built"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        """Of portfolios the member sees; with amounts only for members who see amounts."""
        seen = self.filter(portfolio__in=Portfolio.objects.visible_to(user))
        return seen if user.sees_amounts else seen.filter(shows_amounts=False)

    def with_portfolio(self) -> Self:
        """Portfolio and requester in the same query."""
        return self.select_related("portfolio", "requested_by")


class Report(TenantModel):
    """A statement of one portfolio; built once, by whoever holds the claim."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="reports")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    shows_amounts = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    built_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=280, blank=True)
    file = models.FileField(upload_to=report_path, storage=tenant_storage, max_length=160, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at", "pk")
        indexes = (models.Index(fields=("status", "requested_at"), name="report_pending"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="ready") | (Q(built_at__isnull=False) & ~Q(file="")),
                name="report_ready_has_file",
            ),
        )

    def __str__(self) -> str:
        return f"Report {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("report_download", args=[self.pk])

    @property
    def is_ready(self) -> bool:
        """Whether there is a file to take home."""
        return self.status == Status.READY

    @property
    def is_pending(self) -> bool:
        """Whether somebody still works or will work on it."""
        return self.status in {Status.PENDING, Status.BUILDING}
