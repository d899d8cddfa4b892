"""Plays a folder of recorded real data: daily history with its true dates, sessions as live ticks, in a loop."""

import csv
import gzip
import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.market import calendars
from apps.market.columns import Bars, bars_of
from apps.market.providers import reference
from apps.market.providers.base import (
    Batch,
    Capability,
    Channel,
    Door,
    Headline,
    Listing,
    Meter,
    MinuteData,
    ProviderError,
    Rate,
    Symbols,
    Tick,
    unmetered,
)
from apps.market.providers.playback import DayBar, Recording, Session, minute_points, path_points, play
from apps.market.providers.terms import TERMS

CALENDAR = "XNYS"
LAST_SESSIONS = 5
PATH = "path through open, high, low, close"


class Replay:
    """Columns of the folder: data/README.md. All symbols trade on the New York calendar."""

    name = "replay"
    terms = TERMS["replay"]
    meter: Meter = staticmethod(unmetered)
    capabilities = frozenset(
        {
            Capability.HISTORY,
            Capability.MINUTES,
            Capability.QUOTES,
            Capability.FX,
            Capability.STREAM,
            Capability.NEWS,
            Capability.ACTIONS,
        }
    )

    @classmethod
    def from_settings(cls) -> Self:
        """REPLAY_DIR at REPLAY_SPEED."""
        return cls(settings.REPLAY_DIR, settings.REPLAY_SPEED)

    def __init__(self, folder: Path, speed: float = 60.0) -> None:
        self._folder, self._speed = folder, speed

    def series(self) -> str:
        """The folder's content, not its name: other bytes are another series."""
        digest = hashlib.sha256()
        for path in sorted(self._folder.glob("*.csv*")):
            digest.update(path.name.encode() + path.read_bytes())
        return f"replay:{digest.hexdigest()[:16]}"

    def listings(self) -> Sequence[Listing]:
        """Names from the folder's own instruments.csv before the general one."""
        return reference.listings(self._bars, self._folder / "instruments.csv")

    def channel(self) -> Channel:
        """What will be played; says in words where ticks are a path and not a recording."""
        first, last = self._window[0], self._window[-1]
        paths = "; symbols without minutes follow a fixed path through each day's real open, high, low and close"
        note = f"Plays {first:%-d %b} to {last:%-d %b %Y} at {self._speed:g}x{paths}"
        return Channel("replay", first, calendars.session_open(CALENDAR, first), note)

    def histories(self, symbols: Sequence[str], start: date, end: date) -> dict[str, Bars]:
        """Raw prices as traded."""
        return {symbol: self._history(symbol, start, end) for symbol in symbols if symbol in self._bars}

    def actions(self, symbols: Sequence[str], start: date, end: date) -> dict[str, Bars]:
        """As the recorded sessions hold them."""
        return self.histories(symbols, start, end)

    def _history(self, symbol: str, start: date, end: date) -> Bars:
        days = [bar for bar in self._bars[symbol].values() if start <= bar.on <= end]
        return bars_of(
            [bar.on for bar in days],
            [(bar.open, bar.high, bar.low, bar.close) for bar in days],
            basis="raw",
            source=days[0].source if days else self.name,
            volume=[bar.volume for bar in days],
            dividend=[bar.dividend for bar in days],
            split_factor=[bar.split_factor for bar in days],
        )

    def minutes(self, symbols: Sequence[str], on: date) -> dict[str, list[MinuteData]]:
        """Only what minute.csv holds."""
        return {symbol: self._minutes[symbol, on] for symbol in symbols if (symbol, on) in self._minutes}

    def quotes(self, symbols: Sequence[str]) -> Sequence[Tick]:
        """The close of the session before the window, as of that close."""
        on = calendars.previous_session(CALENDAR, self._window[0])
        ticks = []
        for symbol in symbols:
            if bar := self._bars.get(symbol, {}).get(on):
                closed_at = calendars.session_close(CALENDAR, on)
                before = self._previous_close(symbol, on)
                ticks.append(
                    Tick(symbol, bar.close, closed_at, on, bar.source, before, bar.open, bar.high, bar.low, bar.volume)
                )
        return ticks

    def headlines(self, about: Sequence[Listing], start: datetime, end: datetime) -> Sequence[Headline]:
        """One record a headline, with all symbols that the folder tags it with."""
        return self._tagged({listing.symbol for listing in about}, start, end)

    def _tagged(self, wanted: set[str], start: datetime, end: datetime) -> list[Headline]:
        return [one for one in self._headlines if start < one.published_at <= end and wanted & set(one.symbols)]

    def rates(self, pairs: Sequence[tuple[str, str]], start: date, end: date) -> list[Rate]:
        """Only what fx.csv holds; most folders have none."""
        wanted = set(pairs)
        found = (
            Rate(row["base"], row["quote"], date.fromisoformat(row["date"]), float(row["rate"]), row["source"])
            for row in self._rows("fx")
        )
        return [one for one in found if (one.base, one.quote) in wanted and start <= one.on <= end]

    def stream(self, symbols: Symbols, since: datetime | None = None, door: Door | None = None) -> Iterator[Batch]:
        """Loops the window; a clock outside of it starts at its first open. A symbol added joins at the next one."""
        opens_at = calendars.session_open(CALENDAR, self._window[0])
        closes_at = calendars.session_close(CALENDAR, self._window[-1])
        resumed = since if since and opens_at < since < closes_at else None
        return play(
            self._window,
            lambda on: self._session(symbols(), on),
            lambda after, until: self._tagged(set(symbols()), after, until),
            self._speed,
            resumed,
        )

    def _session(self, symbols: Sequence[str], on: date) -> Session:
        opens_at, closes_at = calendars.session_open(CALENDAR, on), calendars.session_close(CALENDAR, on)
        recordings = []
        for symbol in symbols:
            bar = self._bars.get(symbol, {}).get(on)
            if bar is None:
                continue
            minutes = self._minutes.get((symbol, on))
            points = minute_points(minutes) if minutes else path_points(bar, opens_at, closes_at)
            source = bar.source if minutes else f"{bar.source}, {PATH}"
            recordings.append(Recording(symbol, points, self._previous_close(symbol, on), source))
        return Session(on, opens_at, closes_at, tuple(recordings))

    def _previous_close(self, symbol: str, on: date) -> float | None:
        """In the units of `on`: divided by that day's split."""
        before = self._bars[symbol].get(calendars.previous_session(CALENDAR, on))
        return before.close / self._bars[symbol][on].split_factor if before else None

    @cached_property
    def _window(self) -> list[date]:
        recorded = {on for _, on in self._minutes}
        days = sorted(recorded or {on for series in self._bars.values() for on in series})
        return days if recorded else days[-LAST_SESSIONS:]

    @cached_property
    def _bars(self) -> dict[str, dict[date, DayBar]]:
        series: dict[str, dict[date, DayBar]] = {}
        for row in self._rows("daily"):
            on = date.fromisoformat(row["date"])
            series.setdefault(row["symbol"], {})[on] = DayBar(
                row["symbol"],
                on,
                float(row["open"]),
                float(row["high"]),
                float(row["low"]),
                float(row["close"]),
                volume=round(float(row["volume"])),
                source=row["source"],
                dividend=float(row["dividend"]),
                split_factor=float(row["split_factor"]),
            )
        if not series:
            raise ProviderError(f"{self._folder} holds no daily.csv or daily.csv.gz")
        return series

    @cached_property
    def _minutes(self) -> dict[tuple[str, date], list[MinuteData]]:
        """By symbol and the exchange's day; minutes carry the source of the symbol's daily bars."""
        york = ZoneInfo("America/New_York")
        days: dict[tuple[str, date], list[MinuteData]] = {}
        for row in self._rows("minute"):
            at, symbol = datetime.fromisoformat(row["ts"]), row["symbol"]
            source = next(iter(self._bars[symbol].values())).source
            opened, high, low, close = (float(row[name]) for name in ("open", "high", "low", "close"))
            minute = MinuteData(symbol, at, opened, high, low, close, round(float(row["volume"])), source)
            days.setdefault((symbol, at.astimezone(york).date()), []).append(minute)
        return days

    @cached_property
    def _headlines(self) -> list[Headline]:
        tagged: dict[tuple[datetime, str, str], list[str]] = {}
        for row in self._rows("headlines"):
            key = (datetime.fromisoformat(row["published_at"]), row["headline"], row["source"])
            tagged.setdefault(key, []).append(row["symbol"])
        return [
            Headline(title, at, source, tuple(symbols), via=self.name)
            for (at, title, source), symbols in sorted(tagged.items())
        ]

    def _rows(self, name: str) -> Iterator[dict[str, str]]:
        for path in (self._folder / f"{name}.csv", self._folder / f"{name}.csv.gz"):
            if path.is_file():
                opener = gzip.open if path.suffix == ".gz" else open
                with opener(path, "rt", encoding="utf-8", newline="") as file:
                    yield from csv.DictReader(file)
                return
