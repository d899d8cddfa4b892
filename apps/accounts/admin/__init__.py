"""The operator's pages of people (imported by Django's admin)."""

from apps.accounts.admin import audit, operators

__all__ = ["audit", "operators"]
