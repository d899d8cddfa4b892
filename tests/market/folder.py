"""Writes a replay folder of invented symbols for tests: prices are made up, days are real sessions."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from apps.market.calendars import sessions_between

DAYS = sessions_between("XNYS", date(2013, 1, 25), date(2013, 3, 1))
SPLIT_ON = date(2013, 2, 12)
DAILY = ["symbol", "date", "open", "high", "low", "close", "adj_close", "volume", "dividend", "split_factor", "source"]


def price(place: int) -> float:
    """A close for the day of that place: up two days, down one."""
    return round(100 + place + (place % 3) * 0.75, 2)


def day(symbol: str, place: int) -> list[Any]:
    """SPLT halves its price by a 2:1 split, the others do not."""
    on, close = DAYS[place], price(place)
    factor = 2.0 if symbol == "SPLT" and on == SPLIT_ON else 1.0
    if symbol == "SPLT" and on >= SPLIT_ON:
        close = round(close / 2, 2)
    opened = round(close - 0.5, 2) if place % 2 else round(close + 0.4, 2)
    high, low = round(max(opened, close) + 0.37, 2), round(min(opened, close) - 0.41, 2)
    dividend = 0.25 if symbol == "WALK" and place == 5 else 0.0
    return [symbol, on, opened, high, low, close, close, 1_000_000 + place, dividend, factor, "test"]


def minutes_of(place: int) -> list[list[Any]]:
    """A session of MINS that opens, ranges and closes as its daily bar does."""
    _, on, opened, high, low, close, *_ = day("MINS", place)
    start = datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=14, minutes=30)
    found = []
    for minute in range(390):
        at = (start + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
        first, last = minute == 0, minute == 389
        found.append(["MINS", at, opened, high if first else opened, low if first else opened, opened, 100])
        if last:
            found[-1] = ["MINS", at, opened, max(opened, close), min(opened, close), close, 100]
    return found


HEADLINES = [
    ["WALK", "2013-02-28T16:00:00Z", "Walk reports record profit", "test wire"],
    ["WALK", "2013-02-20T22:00:00Z", "Walk shares plunge after a recall", "test wire"],
    ["WALK", "2013-02-21T22:00:00Z", "Walk wins a large order", "test wire"],
    ["WALK", "2013-02-22T22:00:00Z", "Judge blocks the merger of Walk", "test wire"],
    ["MINS", "2013-02-22T22:00:00Z", "Judge blocks the merger of Walk", "test wire"],
]


def write_folder(folder: Path, *, minutes: bool = True) -> Path:
    """daily.csv, headlines.csv and (or not) minute.csv of the last two sessions."""
    folder.mkdir(parents=True)
    symbols = ("MINS", "SPLT", "WALK")
    _write(folder / "daily.csv", DAILY, [day(symbol, place) for symbol in symbols for place in range(len(DAYS))])
    _write(folder / "headlines.csv", ["symbol", "published_at", "headline", "source"], HEADLINES)
    if minutes:
        found = [row for place in (len(DAYS) - 2, len(DAYS) - 1) for row in minutes_of(place)]
        _write(folder / "minute.csv", ["symbol", "ts", "open", "high", "low", "close", "volume"], found)
    return folder


def _write(path: Path, header: list[str], lines: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *lines])
