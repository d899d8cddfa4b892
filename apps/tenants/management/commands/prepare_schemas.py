"""Makes schemas ready ahead of their organizations (owner's login)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import schema_context

from apps.tenants import services
from apps.tenants.management.fleet import number, require_owner
from apps.tenants.models import ReadySchema


class Command(BaseCommand):
    """DB_LOGIN=owner manage.py prepare_schemas --count 4."""

    help = "Keep COUNT migrated schemas ready for new organizations (needs DB_LOGIN=owner)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many shall wait."""
        parser.add_argument("--count", type=number(0, 1_000), default=4)

    def handle(self, *args: Any, **options: Any) -> None:
        """Safe to repeat."""
        require_owner()
        try:
            made = services.prepare_schemas(options["count"])
        except services.NoTemplateError as error:
            raise CommandError(str(error)) from error
        with schema_context("public"):
            ready = ReadySchema.objects.current().count()
        self.stdout.write(f"{made} made, {ready} ready.")
