"""`migrate` and `migrate_schemas` are one command here."""

from apps.tenants.management.commands.migrate_schemas import Command

__all__ = ["Command"]
