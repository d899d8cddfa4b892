"""Yahoo Finance through yfinance: history, minutes, quotes, search, rates, news, profiles, events, actions."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import numpy as np
import pandas as pd
import yfinance
from django.conf import settings
from django.utils import timezone
from yfinance.data import YfData
from yfinance.exceptions import YFPricesMissingError

from apps.market import calendars
from apps.market.columns import Bars, no_bars
from apps.market.providers import reference
from apps.market.providers.base import (
    AwayError,
    Batch,
    Capability,
    Channel,
    Door,
    Headline,
    LaterError,
    Listing,
    Meter,
    MinuteData,
    ProviderError,
    Rate,
    Symbols,
    Tick,
    unmetered,
)
from apps.market.providers.company import Occasion, Profile
from apps.market.providers.terms import TERMS
from apps.market.providers.yahoo.border import Border, UnknownError
from apps.market.providers.yahoo.company import parse_actions, parse_calendar, parse_profile
from apps.market.providers.yahoo.live import stream
from apps.market.providers.yahoo.parsing import (
    CALENDAR,
    SOURCE,
    parse_bars,
    parse_listings,
    parse_minutes,
    parse_news,
    parse_quotes,
    parse_rates,
)

logger = logging.getLogger(__name__)

STREAMER = "wss://streamer.finance.yahoo.com/?version=2"
QUOTES = "https://query1.finance.yahoo.com/v7/finance/quote"
MOST_QUOTES = 50  # symbols a request
CALL_SECONDS = 12.0  # cookie, crumb and answer together

yfinance.config.debug.hide_exceptions = False  # its default answers a failure with an empty frame


class Yahoo:
    """`Close` is split-adjusted even without auto-adjust: basis `split`. Prices are rounded: Yahoo widens float32.

    One request after the other: the budget, not the waiting for answers, is what limits them.
    """

    name = "yahoo"
    terms = TERMS["yahoo"]
    capabilities = frozenset(
        {
            *(Capability.HISTORY, Capability.MINUTES, Capability.ACTIONS),
            *(Capability.QUOTES, Capability.STREAM),
            *(Capability.NEWS, Capability.SEARCH, Capability.FX),
            *(Capability.PROFILE, Capability.EVENTS),
        }
    )
    meter: Meter = staticmethod(unmetered)

    @classmethod
    def from_settings(cls) -> Self:
        """A closed market is played at REPLAY_SPEED."""
        return cls(settings.REPLAY_SPEED)

    def __init__(self, speed: float = 60.0, session: Border | None = None, streamer: str = STREAMER) -> None:
        self._speed, self._streamer = speed, streamer
        self._session = session or Border(impersonate="chrome")
        self._session.meter = lambda: self.meter()
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
            return Channel("live", on, now, "Yahoo Finance, streamed or polled every 15 seconds; may be delayed")
        opens_at = calendars.session_open(CALENDAR, on)
        note = f"The market is closed: Yahoo's minutes of {on:%-d %b %Y} at {self._speed:g}x"
        return Channel("replay", on, opens_at, note)

    def histories(self, symbols: Sequence[str], start: date, end: date) -> dict[str, Bars]:
        """Closed sessions only: the row of a running session is left out. No usable answer at all is an error."""
        return _each(symbols, lambda symbol: self._bars(symbol, start, end))

    def minutes(self, symbols: Sequence[str], on: date) -> dict[str, list[MinuteData]]:
        """Yahoo keeps a month of minutes."""
        wanted = {"start": on, "end": on + timedelta(days=1), "interval": "1m", "actions": False}
        return _each(symbols, lambda symbol: parse_minutes(symbol, self._history(symbol, **wanted)))

    def quotes(self, symbols: Sequence[str]) -> list[Tick]:
        """Fifty symbols a request; an answer without a price of any of them is an error."""
        found: list[Tick] = []
        for start in range(0, len(symbols), MOST_QUOTES):
            part = list(symbols[start : start + MOST_QUOTES])
            with self._asking(f"{len(part)} quotes"):
                answer = YfData(session=self._session).get_raw_json(
                    QUOTES, params={"symbols": ",".join(part), "formatted": "false"}
                )
                found += parse_quotes(part, answer)
        return found

    def headlines(self, about: Sequence[Listing], start: datetime, end: datetime) -> list[Headline]:
        """Yahoo's news of each symbol, ascending."""
        found = _each([listing.symbol for listing in about], self._news)
        told = [one for part in found.values() for one in part if start < one.published_at <= end]
        return sorted(told, key=lambda one: one.published_at)

    def find(self, text: str) -> list[Listing]:
        """Shares and funds of the exchanges that we know, in Yahoo's order."""
        with self._asking(text[:40]):
            found = yfinance.Search(text, max_results=8, news_count=0, lists_count=0, session=self._session)
            return parse_listings(found.quotes, {row["mic"] for row in reference.exchanges()})

    def rates(self, pairs: Sequence[tuple[str, str]], start: date, end: date) -> list[Rate]:
        """Daily closes of days that are over everywhere."""
        last = min(end, datetime.now(UTC).date() - timedelta(days=1))
        symbols = {f"{base}{quote}=X": (base, quote) for base, quote in pairs}
        wanted = {"start": start, "end": last + timedelta(days=1), "interval": "1d", "actions": False}
        frames = _each(list(symbols), lambda symbol: self._history(symbol, **wanted))
        found = [rate for symbol, frame in frames.items() for rate in parse_rates(*symbols[symbol], frame)]
        return [rate for rate in found if start <= rate.on <= last]

    def profiles(self, symbols: Sequence[str]) -> dict[str, Profile]:
        """Three requests a symbol."""
        return _each(symbols, lambda symbol: parse_profile(self._told(symbol, "info")))

    def events(self, symbols: Sequence[str]) -> dict[str, list[Occasion]]:
        """One request a symbol."""
        today = timezone.now().date()
        return _each(symbols, lambda symbol: parse_calendar(self._told(symbol, "calendar"), today))

    def actions(self, symbols: Sequence[str], start: date, end: date) -> dict[str, Bars]:
        """As the chart tells them, a running day's with it."""
        wanted = {"start": start, "end": end + timedelta(days=1), "interval": "1d", "actions": True}
        found = _each(symbols, lambda symbol: parse_actions(self._history(symbol, **wanted)))
        first, last = np.datetime64(start), np.datetime64(end)
        return {symbol: bars.where((bars.on >= first) & (bars.on <= last)) for symbol, bars in found.items()}

    def stream(self, symbols: Symbols, since: datetime | None = None, door: Door | None = None) -> Iterator[Batch]:
        """Hears and polls while the market is open; else plays the last session until the next open."""
        own = Door(self.quotes, self.minutes, self.histories)
        return stream(self._streamer, symbols, since, door or own, self._speed)

    def _bars(self, symbol: str, start: date, end: date) -> Bars:
        try:
            frame = self._history(symbol, start=start, end=end + timedelta(days=1), interval="1d", actions=True)
        except YFPricesMissingError:  # a range without a session: whatever is no answer was refused at the border
            return no_bars("split", SOURCE)
        bars = parse_bars(frame)
        closed = calendars.last_closed(CALENDAR, timezone.now())
        return bars.where((bars.on >= np.datetime64(start)) & (bars.on <= np.datetime64(min(end, closed))))

    def _told(self, symbol: str, what: str) -> dict[str, Any]:
        with self._asking(symbol):
            told: dict[str, Any] = getattr(yfinance.Ticker(symbol, session=self._session), what)
        return told

    def _news(self, symbol: str) -> list[Headline]:
        with self._asking(symbol):
            return parse_news(symbol, yfinance.Ticker(symbol, session=self._session).news)

    def _history(self, symbol: str, **wanted: Any) -> pd.DataFrame:
        with self._asking(symbol):
            ticker = yfinance.Ticker(symbol, session=self._session)
            frame: pd.DataFrame = ticker.history(auto_adjust=False, **wanted)
        return frame

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """yfinance and its HTTP client raise a dozen kinds of exception: here they become ours."""
        YfData.cache_get.cache_clear()  # it keeps bad answers as well, for ever
        try:
            with self._session.within(CALL_SECONDS):
                yield
        except (LaterError, UnknownError):
            raise
        except ProviderError as error:
            raise type(error)(f"{what}: {error}") from error
        except Exception as error:
            if isinstance(error, YFPricesMissingError) and self._session.has_answer:
                raise
            raise AwayError(f"{what}: {type(error).__name__}: {str(error)[:200]}") from error


def _each[T](symbols: Sequence[str], ask: Callable[[str], T]) -> dict[str, T]:
    """The answers by symbol; unknown ones are left out, those that fail too. The second failure in a row ends it.

    No answer at all because of failures is an error.
    """
    found: dict[str, T] = {}
    problem: ProviderError | None = None
    in_a_row = 0
    for symbol in symbols:
        try:
            found[symbol] = ask(symbol)
            in_a_row = 0
        except UnknownError:
            in_a_row = 0
        except ProviderError as error:
            problem, in_a_row = error, in_a_row + 1
            logger.warning("%s", error)
            if isinstance(error, LaterError) or in_a_row > 1:
                break
    if problem and not found:
        raise problem
    return found
