"""Daily bars, news and the first quotes: everything that a dashboard shows before the first tick."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import schema_context

from apps.market import actors, providers, services
from apps.market.models import Feed, Quote
from apps.market.providers.base import ProviderError


class Command(BaseCommand):
    """Safe to repeat: what is known writes nothing, and a replay that is under way goes on."""

    help = "Load daily history and news of all instruments of the active provider."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a symbol."""
        with schema_context("public"):
            provider = providers.active()
            feed = Feed.objects.current()
            try:
                if feed is None or feed.series != provider.series():
                    services.import_reference(provider)
                written = self._load(provider)
                if written or not Quote.objects.exists():
                    services.rewind(provider)
            except ProviderError as error:
                raise CommandError(f"{provider.name}: {error}") from error
            actors.score_articles.send()
            self.stdout.write(self.style.SUCCESS(services.feed_label()))

    def _load(self, provider: Any) -> int:
        total, count = 0, len(provider.listings())
        for place, (symbol, rows) in enumerate(services.load_history(provider), 1):
            outcome = "the provider failed, kept what is stored" if rows < 0 else f"{rows} bars written"
            self.stdout.write(f"[{place}/{count}] {symbol}: {outcome}")
            total += max(rows, 0)
        return total
