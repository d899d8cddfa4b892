"""The operator's pages of organizations (imported by Django's admin)."""

from apps.tenants.admin import organizations

__all__ = ["organizations"]
