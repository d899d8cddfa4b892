"""The bundled data: real sessions, possible prices, known splits; Apple 10-Q 2005, Microsoft 8-K 2003-01-16."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from apps.market.calendars import sessions_between
from apps.market.mentions import Company, Directory
from apps.market.providers.replay import Replay

FOLDER: Path = settings.BASE_DIR / "data" / "replay"


def lines(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(FOLDER / name, "rt", newline="") as file:
        yield from csv.DictReader(file)


def test_the_folder_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000


def test_no_session_is_missing() -> None:
    days = {date.fromisoformat(row["date"]) for row in lines("daily.csv.gz") if row["symbol"] == "IBM"}
    assert days == set(sessions_between("XNYS", date(2000, 3, 1), date(2013, 3, 1)))


def test_splits_and_special_payments_are_those_of_the_companies() -> None:
    found = {(row["symbol"], row["date"]): float(row["split_factor"]) for row in lines("daily.csv.gz")}
    assert {key for key, factor in found.items() if factor != 1} == {
        ("AAPL", "2000-06-21"),
        ("AAPL", "2005-02-28"),
        ("MSFT", "2003-02-18"),
    }


@pytest.mark.parametrize(
    ("symbol", "on", "dividend"),
    [("MSFT", "2004-11-15", 3.08), ("AAPL", "2012-08-09", 2.65), ("IBM", "2013-02-06", 0.85)],
)
def test_dividends_are_those_of_the_companies(symbol: str, on: str, dividend: float) -> None:
    row = next(row for row in lines("daily.csv.gz") if (row["symbol"], row["date"]) == (symbol, on))
    assert float(row["dividend"]) == pytest.approx(dividend, abs=0.001)


def test_every_symbol_has_three_headlines_in_the_last_thirty_days() -> None:
    end = datetime.fromisoformat("2013-03-01T22:00:00Z")
    recent = Counter(
        row["symbol"]
        for row in lines("headlines.csv.gz")
        if end - timedelta(days=30) < datetime.fromisoformat(row["published_at"]) <= end
    )
    assert all(recent[symbol] >= 3 for symbol in ("AAPL", "FB", "GOOG", "IBM", "MSFT"))


def test_every_headline_names_its_company() -> None:
    listings = list(Replay(FOLDER).listings())
    directory = Directory(Company(place, one.symbol, one.name) for place, one in enumerate(listings))
    for row in lines("headlines.csv.gz"):
        named = {listings[place].symbol for place in directory.about(row["headline"], [row["symbol"]])}
        assert row["symbol"] in named, row["headline"]


def test_google_closed_above_800_when_the_headline_says_so() -> None:
    closes = [(row["date"], float(row["close"])) for row in lines("daily.csv.gz") if row["symbol"] == "GOOG"]
    assert next(on for on, close in closes if close > 800) == "2013-02-19"
