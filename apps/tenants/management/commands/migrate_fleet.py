"""Migrates every schema, one round trip each (owner's login)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import schema_context

from apps.tenants import services
from apps.tenants.management.fleet import migrate_and_tell, number, require_owner
from apps.tenants.models import Organization

WAIT = "how long a schema may wait for its readers before it is left for the next run"


class Command(BaseCommand):
    """DB_LOGIN=owner manage.py migrate_fleet."""

    help = "Migrate public, the template and every organization; safe to repeat (needs DB_LOGIN=owner)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The defaults suit a fleet in use."""
        usual = services.Pace()
        parser.add_argument("--workers", type=number(1, 64), default=usual.workers, help="schemas at once")
        parser.add_argument(
            "--lock-timeout", type=number(1, 600_000), default=usual.lock_timeout_ms, metavar="MS", help=WAIT
        )
        parser.add_argument("--only", default="", metavar="SUBDOMAIN", help="one organization")
        parser.add_argument("--check", action="store_true", help="only say whether there is something to do")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 when a schema stayed behind, or with --check when one is."""
        if options["check"]:
            if services.is_behind():
                raise CommandError("Schemas are behind: run DB_LOGIN=owner manage.py migrate_fleet")
            self.stdout.write("Every schema has the migrations of this code.")
            return
        require_owner()
        with schema_context("public"):
            if options["only"] and not Organization.objects.filter(subdomain=options["only"]).exists():
                raise CommandError(f"No organization has the subdomain {options['only']}.")
        services.migrate_public()
        pace = services.Pace(options["workers"], options["lock_timeout"])
        migrate_and_tell(self.stdout, pace, only=options["only"], quiet=options["verbosity"] == 0)
