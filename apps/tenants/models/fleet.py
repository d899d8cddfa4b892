"""What the platform knows of its fleet of schemas: how a migration went, and what nobody owns any more."""

from django.db import models

from apps.tenants.models.organizations import Organization


class FleetRun(models.Model):
    """One migration of the whole fleet; its figures grow while it runs."""

    version = models.CharField(max_length=64, help_text="The migrations that it leads to.")
    schemas = models.PositiveIntegerField(default=0, help_text="How many were behind.")
    migrated = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, help_text="Empty while it runs, and when it was killed.")

    class Meta:
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return f"{self.migrated} of {self.schemas} schemas, {self.failed} failed"


class FleetFailure(models.Model):
    """A schema that stayed behind, and why."""

    run = models.ForeignKey(FleetRun, on_delete=models.CASCADE, related_name="failures")
    schema_name = models.CharField(max_length=63)
    organization = models.ForeignKey(Organization, null=True, on_delete=models.CASCADE, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("schema_name",)

    def __str__(self) -> str:
        return f"{self.organization or self.schema_name}: {self.reason}"


class Remnant(models.Model):
    """A schema, role or folder that no organization owns, since it was first seen so."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.schema_name
