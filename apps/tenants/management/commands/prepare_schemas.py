"""Makes schemas ready ahead of their organizations (owner's login)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.tenants import services


class Command(BaseCommand):
    """DB_LOGIN=owner manage.py prepare_schemas --count 4."""

    help = "Keep COUNT migrated schemas ready for new organizations (needs DB_LOGIN=owner)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many shall wait."""
        parser.add_argument("--count", type=int, default=4)

    def handle(self, *args: Any, **options: Any) -> None:
        """Safe to repeat."""
        try:
            made = services.prepare_schemas(options["count"])
        except services.NoTemplateError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made} made, {options['count']} ready.")
