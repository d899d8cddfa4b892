"""django-tenants' command on this house's fleet: the common case is fast, every other goes its own way."""

from typing import Any

from django_tenants.management.commands.migrate_schemas import GET_EXECUTOR_FUNCTION, MigrateSchemasCommand

from apps.tenants import services
from apps.tenants.management.fleet import migrate_and_tell, require_owner

# With one of these it is django-tenants' command: schema by schema, exactly what was asked for.
SPECIAL = ("app_label", "schema_name", "fake", "fake_initial", "prune", "run_syncdb", "executor")
ASKING = ("plan", "check_unapplied")


class Command(MigrateSchemasCommand):
    """Runs under the owner's login; the application's own has no right to change tables."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Without special wishes: `public` in Django's way, then the fleet."""
        if any(options.get(name) for name in ASKING):
            super().handle(*args, **options)
            return
        require_owner()
        if any(options.get(name) for name in SPECIAL):
            super().handle(*args, **options)
            self._include_waiting()
            services.learn_versions()
        else:
            self._migrate(quiet=options.get("verbosity") == 0, shared=options["shared"], tenant=options["tenant"])

    def _migrate(self, *, quiet: bool, shared: bool, tenant: bool) -> None:
        if shared or not tenant:
            services.migrate_public()
        if tenant or not shared:
            migrate_and_tell(self.stdout, services.Pace(), quiet=quiet)

    def _include_waiting(self) -> None:
        """The template and the ready schemas are no organizations, so django-tenants has not heard of them."""
        if self.sync_tenant and self.schema_name in (None, "public"):
            executor = GET_EXECUTOR_FUNCTION(codename=self.executor)(self.args, self.options)
            executor.run_migrations(tenants=services.waiting_schemas())
