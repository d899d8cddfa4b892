"""Everything traded, from the lists that the settings name, or those given."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import schema_context

from apps.market import providers, services
from apps.market.providers.base import ProviderError


class Command(BaseCommand):
    """Safe to repeat; nothing changes when a list cannot be read."""

    help = "Import the symbols, names and markets of everything traded, for search."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sources", nargs="*", help="files or addresses; without any, those of UNIVERSE")

    def handle(self, *args: Any, **options: Any) -> None:
        """A line a list, and what came of all of them."""
        sources: list[str] = options["sources"] or settings.UNIVERSE
        with schema_context("public"):
            try:
                own = [listing.symbol for listing in providers.active().listings()]
                for progress in services.fetch_universe(sources, except_for=own):
                    self.stdout.write(f"[{progress.done}/{progress.total}] {progress.note}")
            except ProviderError as error:
                raise CommandError(str(error)) from error
