"""The operator's pages of people (imported by Django's admin)."""

from apps.accounts.admin import operators

__all__ = ["operators"]
