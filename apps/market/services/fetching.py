"""The only door to a source of market data: who is asked, in which turn, and what happens when one does not answer."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import batched
from typing import cast

from apps.market.columns import Bars
from apps.market.models import Instrument
from apps.market.providers import sources
from apps.market.providers.base import (
    Capability,
    Headline,
    HistoryProvider,
    Listing,
    MarketProvider,
    MinuteData,
    MinutesProvider,
    NewsProvider,
    Provider,
    ProviderError,
    QuotesProvider,
    Rate,
    RatesProvider,
    SearchProvider,
    Tick,
)
from apps.market.providers.company import ActionsProvider, EventsProvider, Occasion, Profile, ProfileProvider
from apps.market.services.calls import call

logger = logging.getLogger(__name__)

BATCH = 50  # symbols a call


def fetch_history(
    instruments: Iterable[Instrument], start: date, end: date, *, market: MarketProvider | None = None
) -> Iterator[tuple[Instrument, Bars]]:
    """Closed sessions of each instrument that a source knows, both days included.

    What the first source has no answer for, the next one is asked. Raises ProviderError when nobody answered at all.
    """

    def ask(source: Provider, symbols: Sequence[str]) -> dict[str, Bars]:
        return dict(cast(HistoryProvider, source).histories(symbols, start, end))

    for instrument, bars in _by_symbol(Capability.HISTORY, instruments, ask, market):
        yield instrument, bars.of(instrument.pk)


def fetch_minutes(
    instruments: Iterable[Instrument], on: date, *, market: MarketProvider | None = None
) -> Iterator[tuple[Instrument, list[MinuteData]]]:
    """The minutes of a session of each instrument that a source knows. Raises as `fetch_history`."""

    def ask(source: Provider, symbols: Sequence[str]) -> dict[str, list[MinuteData]]:
        return {symbol: list(found) for symbol, found in cast(MinutesProvider, source).minutes(symbols, on).items()}

    return _by_symbol(Capability.MINUTES, instruments, ask, market)


def fetch_actions(
    instruments: Iterable[Instrument], start: date, end: date, *, market: MarketProvider | None = None
) -> Iterator[tuple[Instrument, Bars]]:
    """Splits and dividends, those of a running session too; the prices may be missing. Raises as `fetch_history`."""

    def ask(source: Provider, symbols: Sequence[str]) -> dict[str, Bars]:
        return dict(cast(ActionsProvider, source).actions(symbols, start, end))

    for instrument, bars in _by_symbol(Capability.ACTIONS, instruments, ask, market):
        yield instrument, bars.of(instrument.pk)


def fetch_profiles(instruments: Iterable[Instrument]) -> Iterator[tuple[Instrument, Profile]]:
    """What each company does and where. Raises as `fetch_history`."""
    return _by_symbol(Capability.PROFILE, instruments, _profiles, None)


def _profiles(source: Provider, symbols: Sequence[str]) -> dict[str, Profile]:
    return dict(cast(ProfileProvider, source).profiles(symbols))


def fetch_events(instruments: Iterable[Instrument]) -> Iterator[tuple[Instrument, tuple[str, Sequence[Occasion]]]]:
    """Who tells the days to come of each company, and those. Raises as `fetch_history`."""

    def ask(source: Provider, symbols: Sequence[str]) -> dict[str, tuple[str, Sequence[Occasion]]]:
        told = cast(EventsProvider, source).events(symbols)
        return {symbol: (source.name, found) for symbol, found in told.items()}

    return _by_symbol(Capability.EVENTS, instruments, ask, None)


def fetch_quotes(instruments: Iterable[Instrument], *, market: MarketProvider | None = None) -> list[Tick]:
    """The last price of each instrument that a source knows. Raises as `fetch_history`."""

    def ask(source: Provider, symbols: Sequence[str]) -> dict[str, Tick]:
        return {tick.symbol: tick for tick in cast(QuotesProvider, source).quotes(symbols)}

    return [tick for _, tick in _by_symbol(Capability.QUOTES, instruments, ask, market)]


def fetch_headlines(
    instruments: Iterable[Instrument], start: datetime, end: datetime, *, market: MarketProvider | None = None
) -> list[Headline]:
    """Published after `start` and not after `end`, of all sources together: they stand beside each other.

    Raises ProviderError when none of them answered.
    """
    about = [_listing(instrument) for instrument in instruments]
    found: list[Headline] = []
    problems = []

    def ask(source: Provider) -> list[Headline]:
        return list(cast(NewsProvider, source).headlines(about, start, end))

    for source in (asked := sources(Capability.NEWS, market)):
        try:
            found += call(source, Capability.NEWS, len(about), lambda source=source: ask(source))  # type: ignore[misc]
        except ProviderError as error:
            problems.append(error)
            logger.warning("%s", error)
    if problems and len(problems) == len(asked):
        raise problems[-1]
    return found


def find_symbols(text: str) -> list[Listing]:
    """What is traded under that symbol or name, as the first source tells that answers. Raises ProviderError."""
    return _first(Capability.SEARCH, 1, lambda source: list(cast(SearchProvider, source).find(text)))


def fetch_rates(pairs: Sequence[tuple[str, str]], start: date, end: date) -> list[Rate]:
    """Daily rates of (base, quote) of the first source that answers. Raises ProviderError."""
    return _first(Capability.FX, len(pairs), lambda source: list(cast(RatesProvider, source).rates(pairs, start, end)))


def _first[T](capability: Capability, symbols: int, ask: Callable[[Provider], list[T]]) -> list[T]:
    problem = ProviderError(f"No source gives {capability}.")
    for source in sources(capability):
        try:
            return call(source, capability, symbols, lambda source=source: ask(source))  # type: ignore[misc]
        except ProviderError as error:
            problem = error
            logger.warning("%s", error)
    raise problem


def _by_symbol[T](
    capability: Capability,
    instruments: Iterable[Instrument],
    ask: Callable[[Provider, Sequence[str]], dict[str, T]],
    market: MarketProvider | None,
) -> Iterator[tuple[Instrument, T]]:
    asked, answers = sources(capability, market), 0
    problem: ProviderError | None = None if asked else ProviderError(f"No source gives {capability}.")
    for batch in batched(instruments, BATCH):
        missing = {instrument.symbol: instrument for instrument in batch}
        for source in asked:
            try:
                found = _asked(source, capability, list(missing), ask) if missing else {}
                answers += 1
            except ProviderError as error:
                problem = error
                logger.warning("%s", error)
                continue
            yield from ((missing.pop(symbol), answer) for symbol, answer in found.items() if symbol in missing)
    if problem and not answers:
        raise problem


def _asked[T](
    source: Provider, capability: Capability, symbols: list[str], ask: Callable[[Provider, Sequence[str]], dict[str, T]]
) -> dict[str, T]:
    return call(source, capability, len(symbols), lambda: ask(source, symbols))


def _listing(instrument: Instrument) -> Listing:
    return Listing(
        instrument.symbol,
        instrument.exchange_id,
        instrument.name,
        instrument.sector,
        instrument.country,
        instrument.currency,
        instrument.asset_class,
    )
