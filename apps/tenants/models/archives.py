"""Archives of organizations: asked for, built by a worker, taken home, gone after a week."""

import uuid
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.tenants.models.organizations import Organization


class ArchiveStatus(models.TextChoices):
    """How far an archive is."""

    PENDING = "pending", "Waiting"
    BUILDING = "building", "Being built"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Deleted"


class ArchiveQuerySet(models.QuerySet["Archive"]):
    def of(self, organization: Organization) -> Self:
        """Newest first."""
        return self.filter(organization=organization)

    def ready(self) -> Self:
        """Those that can be taken home now."""
        return self.filter(status=ArchiveStatus.READY, expires_at__gt=timezone.now())


class Archive(models.Model):
    """One export of an organization; its file lies in ARCHIVE_DIR, outside of what the organization stores.

    The row outlives its file, and the organization: it says what left the platform and who asked for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, null=True, on_delete=models.SET_NULL, related_name="archives")
    subdomain = models.CharField(max_length=30)
    asked_by_id = models.UUIDField(null=True, help_text="The member or operator; empty: by command.")
    by_operator = models.BooleanField(default=False)
    requested_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=8, choices=ArchiveStatus, default=ArchiveStatus.PENDING)
    claim = models.UUIDField(null=True, editable=False)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    built_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, db_index=True)
    failure = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at", "pk")
        indexes = (models.Index(fields=("status", "requested_at"), name="archive_pending"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="ready") | (Q(built_at__isnull=False, expires_at__isnull=False) & ~Q(file_name="")),
                name="archive_ready_has_file",
            ),
        )

    def __str__(self) -> str:
        return f"{self.subdomain} {self.requested_at:%Y-%m-%d %H:%M}"

    @property
    def path(self) -> Path:
        """Where its file lies."""
        return Path(settings.ARCHIVE_DIR) / self.file_name

    @property
    def is_ready(self) -> bool:
        """Whether there is a file to take home."""
        return self.status == ArchiveStatus.READY

    @property
    def is_pending(self) -> bool:
        """Whether somebody still works or will work on it."""
        return self.status in {ArchiveStatus.PENDING, ArchiveStatus.BUILDING}

    @property
    def download_name(self) -> str:
        """What the file is called at home."""
        return f"{self.subdomain}-{self.built_at:%Y-%m-%d-%H%M}.zip"
