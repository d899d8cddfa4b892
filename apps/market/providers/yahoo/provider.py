"""Yahoo Finance through yfinance: history, quotes, and in a closed market the last session's minutes once more."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, Self

import numpy as np
import pandas as pd
import yfinance
from django.conf import settings
from django.utils import timezone

from apps.market import calendars
from apps.market.columns import Bars
from apps.market.providers import reference
from apps.market.providers.base import (
    Batch,
    Capability,
    Channel,
    Happening,
    Headline,
    Listing,
    MinuteData,
    ProviderError,
    Symbols,
    Tick,
)
from apps.market.providers.playback import Recording, Session, minute_points, play
from apps.market.providers.terms import TERMS
from apps.market.providers.yahoo.parsing import CALENDAR, SOURCE, parse_bars, parse_minutes, parse_news, parse_quote

logger = logging.getLogger(__name__)

TIMEOUT = 8  # seconds a request
POLL = 15.0  # real seconds between two rounds of quotes

yfinance.config.debug.hide_exceptions = False  # its default answers a failure with an empty frame


class Yahoo:
    """`Close` is split-adjusted even without auto-adjust: basis `split`. Prices are rounded: Yahoo widens float32."""

    name = "yahoo"
    terms = TERMS["yahoo"]
    capabilities = frozenset(
        {
            Capability.HISTORY,
            Capability.MINUTES,
            Capability.QUOTES,
            Capability.STREAM,
            Capability.NEWS,
            Capability.ACTIONS,
        }
    )

    @classmethod
    def from_settings(cls) -> Self:
        """A closed market is played at REPLAY_SPEED."""
        return cls(settings.REPLAY_SPEED)

    def __init__(self, speed: float = 60.0, session: Any = None) -> None:
        self._speed, self._session = speed, session
        yfinance.set_tz_cache_location(str(settings.LOCAL_ROOT / "yfinance"))

    def series(self) -> str:
        """One series for ever."""
        return "yahoo"

    def listings(self) -> Sequence[Listing]:
        """The general reference file and the starter symbols."""
        return reference.listings(dict.fromkeys([*settings.STARTER_SYMBOLS, *reference.known_symbols()]))

    def channel(self) -> Channel:
        """Live in a session, else a replay of the last one."""
        now = timezone.now()
        on = calendars.session_at(CALENDAR, now)
        if calendars.is_open(CALENDAR, now):
            return Channel("live", on, now, "Yahoo Finance, polled every 15 seconds; may be delayed")
        opens_at = calendars.session_open(CALENDAR, on)
        note = f"The market is closed: Yahoo's minutes of {on:%-d %b %Y} at {self._speed:g}x"
        return Channel("replay", on, opens_at, note)

    def histories(self, symbols: Sequence[str], start: date, end: date) -> dict[str, Bars]:
        """Closed sessions only: the row of a running session is left out. All symbols failing is an error."""
        return _each(symbols, lambda symbol: self._bars(symbol, start, end))

    def _bars(self, symbol: str, start: date, end: date) -> Bars:
        frame = self._history(symbol, start=start, end=end + timedelta(days=1), interval="1d", actions=True)
        bars = parse_bars(frame)
        closed = calendars.last_closed(CALENDAR, timezone.now())
        return bars.where((bars.on >= np.datetime64(start)) & (bars.on <= np.datetime64(min(end, closed))))

    def minutes(self, symbols: Sequence[str], on: date) -> dict[str, list[MinuteData]]:
        """Yahoo keeps a month of minutes. All symbols failing is an error."""
        return _each(symbols, lambda symbol: self._minutes(symbol, on))

    def _minutes(self, symbol: str, on: date) -> list[MinuteData]:
        frame = self._history(symbol, start=on, end=on + timedelta(days=1), interval="1m", actions=False)
        return parse_minutes(symbol, frame)

    def quotes(self, symbols: Iterable[str]) -> Sequence[Tick]:
        """One request a symbol; those that fail are left out, all failing is an error."""
        return list(_each(symbols, self._quote).values())

    def headlines(self, about: Sequence[Listing], start: datetime, end: datetime) -> Iterable[Headline]:
        """Yahoo's news of each symbol; a symbol whose news fail has none."""
        found = []
        for symbol in (listing.symbol for listing in about):
            try:
                with _errors(symbol):
                    found += parse_news(symbol, yfinance.Ticker(symbol, session=self._session).news)
            except ProviderError as error:
                logger.warning("%s", error)
        return sorted((one for one in found if start < one.published_at <= end), key=lambda one: one.published_at)

    def stream(self, symbols: Symbols, since: datetime | None = None) -> Iterator[Batch]:
        """Polls while the market is open; else plays the last session until the next open."""
        while True:
            now = timezone.now()
            on = calendars.session_at(CALENDAR, now)
            if calendars.is_open(CALENDAR, now):
                yield from self._live(symbols, on)
            else:
                yield from self._replay(symbols(), on, since)
            since = None

    def _live(self, symbols: Symbols, on: date) -> Iterator[Batch]:
        closes_at, happening = calendars.session_close(CALENDAR, on), Happening.OPEN
        while (now := timezone.now()) < closes_at:
            try:
                yield Batch(happening, on, now, tuple(self.quotes(symbols())), pause=POLL)
                happening = Happening.TICKS
            except ProviderError as error:
                logger.warning("Yahoo does not answer, prices grow old: %s", error)
                yield Batch(Happening.TICKS, on, now, pause=POLL * 2)
        yield Batch(Happening.CLOSE, on, closes_at, pause=POLL)

    def _replay(self, symbols: Sequence[str], on: date, since: datetime | None) -> Iterator[Batch]:
        session = self._session_of(symbols, on)
        reopens_at = calendars.next_open(CALENDAR, timezone.now())
        for batch in play([on], lambda _: session, lambda *_: (), self._speed, since):
            yield batch
            if timezone.now() >= reopens_at:
                return

    def _session_of(self, symbols: Sequence[str], on: date) -> Session:
        opens_at, closes_at = calendars.session_open(CALENDAR, on), calendars.session_close(CALENDAR, on)
        recordings = []
        for symbol in symbols:
            try:
                points = minute_points(self._minutes(symbol, on))
                before = calendars.previous_session(CALENDAR, on)
                closes = self._bars(symbol, before, before).close
                recordings.append(Recording(symbol, points, float(closes[-1]) if len(closes) else None, SOURCE))
            except ProviderError as error:
                logger.warning("%s", error)
        return Session(on, opens_at, closes_at, tuple(one for one in recordings if one.points))

    def _quote(self, symbol: str) -> Tick:
        with _errors(symbol):
            ticker = yfinance.Ticker(symbol, session=self._session)
            frame = ticker.history(period="1d", interval="1d", auto_adjust=False, timeout=TIMEOUT)
            opened = float(frame["Open"].iloc[-1]) if len(frame) else None
            return parse_quote(symbol, ticker.history_metadata, opened)

    def _history(self, symbol: str, **wanted: Any) -> pd.DataFrame:
        with _errors(symbol):
            ticker = yfinance.Ticker(symbol, session=self._session)
            frame: pd.DataFrame = ticker.history(auto_adjust=False, timeout=TIMEOUT, **wanted)
        return frame


@contextmanager
def _errors(symbol: str) -> Iterator[None]:
    """yfinance and its HTTP client raise a dozen kinds of exception: here they become one."""
    try:
        yield
    except ProviderError:
        raise
    except Exception as error:
        raise ProviderError(f"{symbol}: {type(error).__name__}: {str(error)[:200]}") from error


def _each[T](symbols: Iterable[str], ask: Callable[[str], T]) -> dict[str, T]:
    """The answers by symbol: those that fail are left out, all failing is an error."""
    found: dict[str, T] = {}
    problem = None
    for symbol in symbols:
        try:
            found[symbol] = ask(symbol)
        except ProviderError as error:
            problem = error
            logger.warning("%s", error)
    if problem and not found:
        raise problem
    return found
