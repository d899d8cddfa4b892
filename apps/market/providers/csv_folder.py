"""A firm's own data: a folder of CSV files, read anew when one of them changes and never while it is written."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self, cast

from django.conf import settings

from apps.market.columns import Bars, bars_of
from apps.market.providers import sheets
from apps.market.providers.base import (
    Capability,
    Headline,
    Listing,
    Meter,
    MinuteData,
    ProviderError,
    Rate,
    unmetered,
)
from apps.market.providers.terms import TERMS

SETTLED = 2.0  # seconds that a file must have been left alone
ENDINGS = (".csv", ".csv.gz")

type Stamp = tuple[int, int, int]


@dataclass(slots=True)
class _Sheet:
    """What was read of a file when it had that stamp."""

    stamp: Stamp
    content: Any


class CsvFolder:
    """`daily`, `minute`, `headlines` and `fx`, each as .csv or .csv.gz in the columns of data/README.md.

    A file is used whole or not at all: a line that cannot be read refuses it, with the file and the line in the error.
    """

    name = "csv"
    terms = TERMS["csv"]
    capabilities = frozenset(
        {Capability.HISTORY, Capability.ACTIONS, Capability.MINUTES, Capability.NEWS, Capability.FX}
    )

    meter: Meter = staticmethod(unmetered)

    @classmethod
    def from_settings(cls) -> Self | None:
        """With a folder."""
        return cls(Path(settings.CSV_DIR)) if settings.CSV_DIR else None

    def __init__(self, folder: Path, *, settled: float = SETTLED) -> None:
        self._folder, self._settled = folder, settled
        self._sheets: dict[str, _Sheet] = {}

    def histories(self, symbols: Sequence[str], start: date, end: date) -> Mapping[str, Bars]:
        """Prices as traded, both days included."""
        daily = cast(dict[str, Bars], self._sheet("daily", _daily))
        first, last = (sheets.day64(on) for on in (start, end))
        found = {symbol: daily[symbol] for symbol in symbols if symbol in daily}
        return {symbol: bars.where((bars.on >= first) & (bars.on <= last)) for symbol, bars in found.items()}

    def actions(self, symbols: Sequence[str], start: date, end: date) -> Mapping[str, Bars]:
        """As daily.csv holds them."""
        return self.histories(symbols, start, end)

    def minutes(self, symbols: Sequence[str], on: date) -> Mapping[str, Sequence[MinuteData]]:
        """The minutes that minute.csv holds of the New York day."""
        found = cast(dict[tuple[str, date], list[MinuteData]], self._sheet("minute", _minutes))
        return {symbol: found[symbol, on] for symbol in symbols if (symbol, on) in found}

    def headlines(self, about: Sequence[Listing], start: datetime, end: datetime) -> list[Headline]:
        """All of that time: whom each is about, its title decides."""
        found = cast(list[Headline], self._sheet("headlines", _headlines))
        return [one for one in found if start < one.published_at <= end]

    def rates(self, pairs: Sequence[tuple[str, str]], start: date, end: date) -> list[Rate]:
        """Of the pairs as they are asked for, both days included."""
        wanted, found = set(pairs), cast(list[Rate], self._sheet("fx", _rates))
        return [one for one in found if (one.base, one.quote) in wanted and start <= one.on <= end]

    def _sheet(self, name: str, read: Callable[[Iterable[sheets.Line]], Any]) -> Any:
        """The file's content. What is being written is left alone: until it is whole, what was read before counts."""
        path = next((found for ending in ENDINGS if (found := self._folder / f"{name}{ending}").is_file()), None)
        if path is None:
            raise ProviderError(f"{self._folder} holds no {name}.csv or {name}.csv.gz")
        known, stamp = self._sheets.get(name), _stamp(path)
        if known and known.stamp == stamp:
            return known.content
        if time.time() - stamp[0] / 1e9 >= self._settled:
            content = read(sheets.lines(path, sheets.COLUMNS[name]))
            if _stamp(path) == stamp:
                self._sheets[name] = _Sheet(stamp, content)
                return content
        if known:
            return known.content
        raise ProviderError(f"{path.name} is being written")


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _daily(lines: Iterable[sheets.Line]) -> dict[str, Bars]:
    series: dict[str, list[tuple[Any, ...]]] = {}
    for line in lines:
        prices = [line.number(name) for name in ("open", "high", "low", "close")]
        extra = line.number("volume", 0.0), line.number("dividend", 0.0), line.number("split_factor", 1.0)
        row = (line.day("date"), prices, *extra, line.text("source", CsvFolder.name)[:40])
        series.setdefault(line.text("symbol"), []).append(row)
    return {symbol: _bars(sorted(rows)) for symbol, rows in series.items()}


def _bars(rows: Sequence[tuple[Any, ...]]) -> Bars:
    days, prices, volume, dividend, split_factor, sources = zip(*rows, strict=True)
    return bars_of(
        days,
        prices,
        basis="raw",
        source=sources[0],
        volume=[round(traded) for traded in volume],
        dividend=dividend,
        split_factor=split_factor,
    )


def _minutes(lines: Iterable[sheets.Line]) -> dict[tuple[str, date], list[MinuteData]]:
    found: dict[tuple[str, date], list[MinuteData]] = {}
    for line in sorted(lines, key=lambda line: line.moment("ts")):
        at, symbol = line.moment("ts"), line.text("symbol")
        opened, high, low, close = (line.number(name) for name in ("open", "high", "low", "close"))
        minute = MinuteData(symbol, at, opened, high, low, close, round(line.number("volume", 0.0)), CsvFolder.name)
        found.setdefault((symbol, at.astimezone(sheets.YORK).date()), []).append(minute)
    return found


def _headlines(lines: Iterable[sheets.Line]) -> list[Headline]:
    """One a headline, with all symbols it is tagged with."""
    tagged: dict[tuple[datetime, str, str, str], set[str]] = {}
    for line in lines:
        key = (line.moment("published_at"), line.text("headline"), line.text("source", "own"), line.text("url", ""))
        tagged.setdefault(key, set()).update(line.text("symbol", "").split())
    return [
        Headline(title, at, source, tuple(sorted(symbols)), url, CsvFolder.name)
        for (at, title, source, url), symbols in sorted(tagged.items())
    ]


def _rates(lines: Iterable[sheets.Line]) -> list[Rate]:
    return [
        Rate(line.text("base"), line.text("quote"), line.day("date"), line.number("rate"), line.text("source", "own"))
        for line in lines
    ]
