"""The operator's pages of organizations (imported by Django's admin)."""

from apps.tenants.admin import fleet, organizations

__all__ = ["fleet", "organizations"]
