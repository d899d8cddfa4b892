"""The operator's pages of people (imported by Django's admin)."""

from apps.accounts.admin import audit, operators, support

__all__ = [
    "audit",
    "operators",
    "support",
]
