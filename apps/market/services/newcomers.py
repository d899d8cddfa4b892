"""An instrument that nobody held before: everything that its row shows is fetched at once."""

from datetime import timedelta

from django.db import transaction

from apps.market.models import Feed, Instrument, Quote
from apps.market.providers.base import MarketProvider, ProviderError
from apps.market.services.bars import record_bars
from apps.market.services.fetching import fetch_headlines, fetch_history, fetch_quotes
from apps.market.services.indicators import settle_quotes
from apps.market.services.mood import aggregate_sentiment
from apps.market.services.news import LOOKBACK, record_headlines
from apps.market.services.quotes import record_quotes
from apps.market.services.sessions import BEGINNING


class NoPricesError(ProviderError):
    """The provider knows nothing of this instrument."""


def fetch_instrument(provider: MarketProvider, instrument: Instrument) -> list[Quote]:
    """History up to the running session, last price, readings and headlines, in one step; its quote.

    Safe to repeat. Raises NoPricesError, or ProviderError while the provider is away; then nothing changes.
    """
    feed, symbol = Feed.objects.current(), instrument.symbol
    if feed is None:
        raise ProviderError("No market data have been loaded yet.")
    clock = feed.market_at
    yesterday = feed.session_on - timedelta(days=1)
    histories = [bars for _, bars in fetch_history([instrument], BEGINNING, yesterday, market=provider)]
    ticks = [tick for tick in fetch_quotes([instrument], market=provider) if tick.at <= clock]
    if not any(map(len, histories)) and not ticks:
        raise NoPricesError(f"{provider.name} has no prices of {symbol}.")
    news = fetch_headlines([instrument], clock - LOOKBACK, clock, market=provider)
    with transaction.atomic():
        for bars in histories:
            record_bars(bars)
        record_quotes(ticks, {symbol: instrument})
        record_headlines(news, [instrument])
        settle_quotes([instrument.pk])
        return aggregate_sentiment([instrument.pk], clock)
