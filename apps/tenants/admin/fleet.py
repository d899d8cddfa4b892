"""The operator's page of fleet migrations: how far one is, and who stayed behind and why."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.tenants.models import FleetFailure, FleetRun


class ReadOnly:
    """What a command wrote is looked at, not edited."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Runs begin at the terminal, with the owner's login."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History stays."""
        return False


class FailureInline(ReadOnly, admin.TabularInline[FleetFailure, FleetRun]):
    """Each schema that stayed behind."""

    model = FleetFailure
    fields = ("organization", "schema_name", "reason", "at")
    readonly_fields = fields


@admin.register(FleetRun)
class FleetRunAdmin(ReadOnly, admin.ModelAdmin[FleetRun]):
    """Newest first; a run without an end still works or was killed."""

    list_display = ("started_at", "finished_at", "schemas", "migrated", "failed", "version")
    list_per_page = 50
    inlines = (FailureInline,)
