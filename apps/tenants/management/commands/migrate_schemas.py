"""django-tenants' migrations, followed by the grants that the application's login needs."""

from typing import Any

from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

from apps.tenants.backend import roles
from apps.tenants.backend.connections import connection


class Command(MigrateSchemasCommand):
    """Runs under the owner's login; the application's own has no right to change tables."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Public tables are granted after they were migrated; an organization's by its default privileges."""
        super().handle(*args, **options)
        connection.set_schema_to_public()
        if self.sync_public:
            roles.grant_public()
