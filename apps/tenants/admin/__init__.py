"""The operator's pages of organizations (imported by Django's admin)."""

from apps.tenants.admin import archives, fleet, organizations

__all__ = ["archives", "fleet", "organizations"]
