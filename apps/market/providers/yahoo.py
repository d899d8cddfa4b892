"""Yahoo Finance through yfinance: history, quotes, and in a closed market the last session's minutes once more."""

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from urllib.request import Request, urlopen

import numpy as np
import pandas as pd
import yfinance
from django.conf import settings
from django.utils import timezone

from apps.market import calendars
from apps.market.columns import Bars, Floats, bars_of, no_bars
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

logger = logging.getLogger(__name__)

CALENDAR = "XNYS"
SOURCE = "yahoo"
TIMEOUT = 8  # seconds a request
POLL = 15.0  # real seconds between two rounds of quotes
DECIMALS = 2
PROBE = "https://query2.finance.yahoo.com/v8/finance/chart/SPY?range=1d&interval=1d"

yfinance.config.debug.hide_exceptions = False  # its default answers a failure with an empty frame


def answers(url: str = PROBE, seconds: float = 3.0) -> bool:
    """Whether Yahoo gives prices to this machine: one question, at most three seconds, any trouble is a no."""
    import threading

    found: list[bool] = []
    asking = threading.Thread(target=lambda: found.append(_probe(url, seconds)), daemon=True)
    asking.start()
    asking.join(seconds)  # a name server that hangs keeps to no socket timeout
    return found == [True]


def _probe(url: str, seconds: float) -> bool:
    try:
        request = Request(url, headers={"User-Agent": "Mozilla/5.0"})  # noqa: S310 - https, or the tests' own server
        with urlopen(request, timeout=seconds) as answer:  # noqa: S310
            return b'"regularMarketPrice"' in answer.read(200_000)
    except (OSError, ValueError):
        return False


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


def parse_bars(frame: pd.DataFrame) -> Bars:
    """Rows with all prices; the last row of a running day can be NaN and is dropped, as is any without volume."""
    if not isinstance(frame.index, pd.DatetimeIndex):  # an empty answer has no index of moments
        return no_bars("split", SOURCE)
    whole = frame.dropna(subset=["Open", "High", "Low", "Close", "Volume"])
    prices = np.round(whole[["Open", "High", "Low", "Close"]].to_numpy("f8"), DECIMALS)
    prices[:, 1] = prices.max(axis=1)  # rounding each price apart may push one past the high by a cent
    prices[:, 2] = prices.min(axis=1)
    splits = _column(whole, "Stock Splits")
    return bars_of(
        pd.DatetimeIndex(whole.index).tz_localize(None).to_numpy().astype("M8[D]"),
        prices,
        basis="split",
        source=SOURCE,
        volume=whole["Volume"].to_numpy("i8"),
        dividend=_column(whole, "Dividends"),
        split_factor=np.where(splits > 0, splits, 1.0),
    )


def _column(frame: pd.DataFrame, name: str) -> Floats:
    """Zeros where an answer has no such column."""
    return frame[name].fillna(0).to_numpy("f8") if name in frame else np.zeros(len(frame))


def parse_minutes(symbol: str, frame: pd.DataFrame) -> list[MinuteData]:
    """As bars, by the minute's start in UTC."""
    minutes = []
    for moment, values in _rows(frame):
        prices = [_price(values.get(name)) for name in ("Open", "High", "Low", "Close")]
        if None in prices:
            continue
        opened, high, low, close = (price or 0.0 for price in prices)
        at = moment.tz_convert("UTC").to_pydatetime()
        high, low = max(high, opened, close), min(low, opened, close)
        minutes.append(MinuteData(symbol, at, opened, high, low, close, int(values.get("Volume") or 0), SOURCE))
    return minutes


def parse_quote(symbol: str, meta: Mapping[str, Any], opened: float | None) -> Tick:
    """The `meta` of a chart answer; raises ProviderError without a usable price and time.

    Asked for by key only: reading all keys makes yfinance fetch the trading periods as well.
    """
    price, at = _price(meta.get("regularMarketPrice")), meta.get("regularMarketTime")
    if price is None or not at or meta.get("symbol", symbol) != symbol:
        raise ProviderError(f"{symbol}: an answer without a price")
    moment = datetime.fromtimestamp(at.timestamp() if isinstance(at, datetime) else float(at), UTC)
    return Tick(
        symbol,
        price,
        moment,
        calendars.session_at(CALENDAR, moment),
        SOURCE,
        previous_close=_price(meta.get("chartPreviousClose")),
        open=_price(opened),
        high=_price(meta.get("regularMarketDayHigh")),
        low=_price(meta.get("regularMarketDayLow")),
        volume=int(meta.get("regularMarketVolume") or 0) or None,
    )


def parse_news(symbol: str, items: Sequence[dict[str, Any]]) -> list[Headline]:
    """Yahoo's news items; those without a title or a time are left out."""
    headlines = []
    for item in items:
        content = item.get("content") or {}
        title, published = content.get("title"), content.get("pubDate")
        if not title or not published:
            continue
        url = (content.get("canonicalUrl") or {}).get("url") or ""
        source = (content.get("provider") or {}).get("displayName") or "Yahoo"
        headlines.append(Headline(title, datetime.fromisoformat(published), source, (symbol,), url))
    return headlines


def _price(value: object) -> float | None:
    """Rounded to the cent; None for what is no positive number."""
    if not isinstance(value, (int, float)) or not math.isfinite(value) or value <= 0:
        return None
    return round(float(value), DECIMALS)


def _rows(frame: pd.DataFrame) -> Iterator[tuple[pd.Timestamp, dict[str, float]]]:
    """The rows of an answer; an empty frame has no index of moments."""
    for moment, values in frame.to_dict("index").items():
        if isinstance(moment, pd.Timestamp):
            yield moment, {str(name): float(value) for name, value in values.items()}
