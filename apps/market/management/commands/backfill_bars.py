"""Years of daily bars, from the sources that the settings name."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import schema_context

from apps.market import actors, services
from apps.market.models import Demand, Feed, Instrument
from apps.market.providers.base import ProviderError


class Command(BaseCommand):
    """Safe to repeat: what is known writes nothing, and the same command goes on where it was killed."""

    help = "Fetch daily bars of symbols, or of everything that somebody needs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Days are those of the exchanges."""
        parser.add_argument("symbols", nargs="*", help="without any, everything that somebody needs")
        parser.add_argument("--from", dest="start", type=date.fromisoformat, default=date(1990, 1, 1), metavar="DAY")
        parser.add_argument("--to", dest="end", type=date.fromisoformat, metavar="DAY", help="default: yesterday")

    def handle(self, *args: Any, **options: Any) -> None:
        """A line a batch; the operator's page shows the same."""
        with schema_context("public"):
            yesterday = Feed.objects.market_at().date() - timedelta(days=1)
            start, end = options["start"], min(options["end"] or yesterday, yesterday)
            if start > end:
                raise CommandError(f"Nothing lies between {start} and {end}.")
            try:
                for progress, touched in services.backfill_bars(_instruments(options["symbols"]), start, end):
                    self.stdout.write(f"[{progress.done}/{progress.total}] {progress.note}")
                    if touched:
                        actors.settle_quotes.send(list(touched))
            except ProviderError as error:
                raise CommandError(f"{error} The same command goes on from here.") from error


def _instruments(symbols: list[str]) -> list[Instrument]:
    """Those named; an unknown name is refused before anything is asked."""
    if not symbols:
        return list(Instrument.objects.filter(pk__in=[pk for pk, _ in Demand.objects.in_turn()]))
    found = list(Instrument.objects.listed().by_symbols(symbols))
    if unknown := set(symbols) - {one.symbol for one in found}:
        raise CommandError(f"Nobody knows {', '.join(sorted(unknown))}.")
    return found
