"""Days of the market: history before the stream, the close of a session, the rewind of a replay."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db import connection, transaction

from apps.market.columns import Bars, joined
from apps.market.models import Article, Demand, Feed, IndicatorState, Instrument, Mention, Quote, Score
from apps.market.providers.base import Channel, MarketProvider, ProviderError
from apps.market.services.bars import MixedSourcesError, hold_bars, record_actions, record_bars
from apps.market.services.feed import open_feed
from apps.market.services.fetching import fetch_actions, fetch_headlines, fetch_history, fetch_minutes, fetch_quotes
from apps.market.services.indicators import settle_quotes
from apps.market.services.minutes import record_minutes
from apps.market.services.mood import aggregate_sentiment
from apps.market.services.news import LOOKBACK, record_headlines
from apps.market.services.quotes import record_quotes

logger = logging.getLogger(__name__)

BEGINNING = date(1990, 1, 1)


def known_instruments(provider: MarketProvider) -> dict[str, Instrument]:
    """Symbol to instrument, for what the provider lists, and on a real market for everything that somebody needs.

    Of two instruments with one symbol the listed one counts, then the one that is needed sooner.
    """
    listed = {(listing.mic, listing.symbol) for listing in provider.listings()}
    found = Instrument.objects.listed().by_symbols(symbol for _, symbol in listed)
    known = {one.symbol: one for one in found if (one.exchange_id, one.symbol) in listed}
    if provider.name == "replay":
        return known
    needed = [pk for pk, _ in Demand.objects.in_turn()]
    by_pk = Instrument.objects.select_related("exchange").in_bulk(needed)
    for instrument in (by_pk[pk] for pk in needed):
        known.setdefault(instrument.symbol, instrument)
    return known


def expect_actions(provider: MarketProvider, on: date) -> None:
    """At the open: splits and dividends of the day, so that a split is known before its first price comes."""
    for _, bars in _if_any(fetch_actions(known_instruments(provider).values(), on, on, market=provider)):
        record_actions(bars)


def load_history(provider: MarketProvider, *, years: int = 30) -> Iterator[tuple[str, int]]:
    """Daily bars before the stream begins, symbol by symbol: (symbol, rows written). A transaction a symbol.

    A symbol that no source has an answer for, or whose answer does not continue its series, comes with -1: what is
    stored stays. Raises ProviderError where there was no answer at all.
    """
    channel, instruments = provider.channel(), known_instruments(provider)
    start = max(BEGINNING, channel.first_session - timedelta(days=366 * years))
    end = channel.first_session - timedelta(days=1)
    missing = dict.fromkeys(instruments)
    for instrument, bars in fetch_history(instruments.values(), start, end, market=provider):
        del missing[instrument.symbol]
        yield instrument.symbol, _recorded(bars)
    for symbol in missing:
        yield symbol, -1


def _recorded(bars: Bars) -> int:
    try:
        return record_bars(bars).rows
    except MixedSourcesError as error:
        logger.warning("%s", error)
        return -1


def rewind(provider: MarketProvider) -> list[Quote]:
    """Everything as it was when the stream began, in one step: bars, minutes, articles, quotes, market clock."""
    channel, instruments = provider.channel(), known_instruments(provider)
    ticks = fetch_quotes(
        instruments.values(), market=provider
    )  # asked for before the transaction: a provider may take seconds
    since = channel.starts_at - LOOKBACK
    news = fetch_headlines(instruments.values(), since, channel.starts_at, market=provider)
    ids = [instrument.pk for instrument in instruments.values()]
    with transaction.atomic():
        hold_bars()
        _forget_from(channel)
        record_quotes(ticks, instruments)
        record_headlines(news, instruments.values())
        open_feed(provider, channel)
        settle_quotes(ids)
        return aggregate_sentiment(ids, channel.starts_at)


def _forget_from(channel: Channel) -> None:
    """All quotes, and what the stream has brought since it began."""
    later = Article.objects.filter(published_at__gt=channel.starts_at)
    Score.objects.filter(article__in=later).delete()
    Mention.objects.filter(article__in=later).delete()
    later.delete()
    Quote.objects.all().delete()
    IndicatorState.objects.filter(on__gte=channel.first_session).delete()
    with connection.cursor() as cursor:  # the ORM would read every bar before it deletes it
        cursor.execute('DELETE FROM market_bar WHERE "on" >= %s', [channel.first_session])
        cursor.execute("DELETE FROM market_minutebar WHERE at >= %s", [channel.starts_at])


def close_session(provider: MarketProvider, on: date) -> list[Quote]:
    """Appends the session's daily bars and minutes, and moves spark, signal and sentiment to its close.

    A symbol that no source has an answer for is passed over; the nightly load brings it.
    """
    instruments = known_instruments(provider)
    ids = {symbol: instrument.pk for symbol, instrument in instruments.items()}
    bars = [found for _, found in _if_any(fetch_history(instruments.values(), on, on, market=provider))]
    told = _if_any(fetch_minutes(instruments.values(), on, market=provider))
    minutes = [minute for _, found in told for minute in found]
    with transaction.atomic():
        for batch in _by_series(bars):
            record_bars(batch)
        record_minutes(minutes, ids)
        quotes = settle_quotes(ids.values())
        clock = max((quote.as_of for quote in quotes), default=None)
        return aggregate_sentiment(ids.values(), clock) if clock else quotes


def _if_any[T](answers: Iterator[T]) -> list[T]:
    """A session closes, whoever does not answer."""
    try:
        return list(answers)
    except ProviderError as error:
        logger.warning("%s", error)
        return []


def _by_series(bars: Iterable[Bars]) -> Iterator[Bars]:
    """Answers of one source and basis together."""
    parts: dict[tuple[str, str], list[Bars]] = defaultdict(list)
    for part in bars:
        parts[part.source, part.basis].append(part)
    return map(joined, parts.values())


def record_news(provider: MarketProvider) -> list[int]:
    """What was published in the last 30 days of the market clock; ids of the articles that are new.

    Asked for in the order in which it is needed: a source that answers a few questions a day spends them on the first.
    """
    clock, places = Feed.objects.market_at(), {pk: place for place, (pk, _) in enumerate(Demand.objects.in_turn())}
    known = {one.pk: one for one in known_instruments(provider).values()} | Instrument.objects.in_bulk(places)
    wanted = sorted(known.values(), key=lambda one: (places.get(one.pk, len(places)), one.pk))
    found = fetch_headlines(wanted, clock - LOOKBACK, clock, market=provider)
    return record_headlines(found, wanted)
