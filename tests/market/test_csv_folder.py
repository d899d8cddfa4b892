"""A firm's own folder: as firms write CSV, half-written files, changed ones, and errors with file and line."""

import gzip
import os
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from apps.market.providers.base import Listing, ProviderError, Rate
from apps.market.providers.csv_folder import CsvFolder
from apps.market.providers.sheets import SheetError

DAY = date(2013, 2, 28)
DAILY = "symbol,date,open,high,low,close,volume\nWALK,2013-02-28,10,11,9,10.5,1000\nWALK,2013-02-27,9,10,8,10,500\n"
HEADLINES = (
    "symbol,published_at,headline,source,url\n"
    'WALK,2013-02-28T16:00:00Z,"Walk wins,\nat last",own desk,https://news.test/1\n'
    'MINS,2013-02-28T16:00:00Z,"Walk wins,\nat last",own desk,https://news.test/1\n'
)


def put(path: Path, content: str | bytes, *, age: float = 60) -> None:
    """Written a minute ago."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (time.time() - age,) * 2)


@pytest.fixture
def own(tmp_path: Path) -> CsvFolder:
    put(tmp_path / "daily.csv", DAILY)
    return CsvFolder(tmp_path)


def closes(own: CsvFolder, symbol: str = "WALK") -> list[float]:
    found = own.histories([symbol], date(2013, 1, 1), date(2013, 3, 1))
    return [float(close) for close in found[symbol].close]


def test_days_come_in_order_and_unknown_symbols_not_at_all(own: CsvFolder) -> None:
    assert closes(own) == [10.0, 10.5]
    assert list(own.histories(["NONE"], DAY, DAY)) == []
    assert [float(close) for close in own.histories(["WALK"], DAY, DAY)["WALK"].close] == [10.5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    put(tmp_path / "daily.csv", DAILY.replace(",", separator).encode(encoding))
    assert closes(CsvFolder(tmp_path)) == [10.0, 10.5]


def test_a_decimal_comma_beside_another_separator(tmp_path: Path) -> None:
    put(tmp_path / "daily.csv", DAILY.replace(",", ";").replace("10.5", "10,5"))
    assert closes(CsvFolder(tmp_path)) == [10.0, 10.5]


def test_a_packed_file(tmp_path: Path) -> None:
    put(tmp_path / "daily.csv.gz", gzip.compress(DAILY.encode()))
    assert closes(CsvFolder(tmp_path)) == [10.0, 10.5]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (DAILY.replace("10.5", "abc"), "daily.csv, line 2: close “abc” is no number"),
        (DAILY.replace("10.5", "nan"), "daily.csv, line 2: close “nan” is no number"),
        (DAILY.replace("10.5", ""), "daily.csv, line 2: close is empty"),
        (DAILY.replace("2013-02-27", "27.02.2013"), "daily.csv, line 3: date “27.02.2013” is no day"),
        (DAILY.replace(",1000", ""), "daily.csv, line 2: 6 fields, but 7 columns"),
        (DAILY.replace("close", "last"), "daily.csv, line 1: no column close"),
        (DAILY + 'WALK,"2013', "daily.csv, line 4: the last line does not end"),
        (DAILY + 'WALK,"2013\n', "daily.csv, line 4: unexpected end of data"),
        (DAILY.encode() + b"\xe4\n", "daily.csv, line 4: is not utf-8; save it as UTF-8"),
        (DAILY + "WALK\x00\n", "daily.csv, line 4: holds a NUL"),
        ("", "daily.csv, line 1: no column symbol, date, open, high, low, close"),
    ],
)
def test_a_bad_line_refuses_the_file_and_is_named(tmp_path: Path, content: str | bytes, problem: str) -> None:
    put(tmp_path / "daily.csv", content)
    with pytest.raises(SheetError) as refused:
        closes(CsvFolder(tmp_path))
    assert problem in str(refused.value)


def test_a_packed_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "daily.csv.gz", gzip.compress(DAILY.encode())[:-12])
    with pytest.raises(SheetError, match=r"daily\.csv\.gz"):
        closes(CsvFolder(tmp_path))


def test_a_changed_file_is_read_again(own: CsvFolder, tmp_path: Path) -> None:
    assert closes(own) == [10.0, 10.5]
    put(tmp_path / "daily.csv", DAILY.replace("10.5", "10.75"))
    assert closes(own) == [10.0, 10.75]


def test_a_file_that_is_being_written_is_left_alone(own: CsvFolder, tmp_path: Path) -> None:
    assert closes(own) == [10.0, 10.5]
    put(tmp_path / "daily.csv", DAILY.replace("10.5", "10.75"), age=0)
    assert closes(own) == [10.0, 10.5]
    with pytest.raises(ProviderError, match=r"daily\.csv is being written"):
        closes(CsvFolder(tmp_path))


def test_what_another_program_writes_beside_is_not_read(own: CsvFolder, tmp_path: Path) -> None:
    put(tmp_path / "daily.csv.tmp", "nonsense")
    assert closes(own) == [10.0, 10.5]


def test_a_folder_without_the_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"holds no daily\.csv or daily\.csv\.gz"):
        closes(CsvFolder(tmp_path))


def test_headlines_carry_all_symbols(own: CsvFolder, tmp_path: Path) -> None:
    put(tmp_path / "headlines.csv", HEADLINES)
    start, end = datetime(2013, 2, 1, tzinfo=UTC), datetime(2013, 3, 1, tzinfo=UTC)
    (found,) = own.headlines([Listing("WALK", "XNAS", "Walk Inc.")], start, end)
    assert (found.title, found.symbols, found.source, found.via) == (
        *("Walk wins,\nat last", ("MINS", "WALK"), "own desk", "csv"),
    )
    assert own.headlines([], end, end) == []


def test_minutes_are_of_the_exchanges_day(own: CsvFolder, tmp_path: Path) -> None:
    put(tmp_path / "minute.csv", "symbol,ts,open,high,low,close,volume\nWALK,2013-03-01T00:30:00,1,2,1,2,9\n")
    assert [minute.close for minute in own.minutes(["WALK"], DAY)["WALK"]] == [2.0]
    assert own.minutes(["WALK"], date(2013, 3, 1)) == {}


def test_rates_of_the_pairs_that_are_asked_for(own: CsvFolder, tmp_path: Path) -> None:
    put(tmp_path / "fx.csv", "base,quote,date,rate\nEUR,USD,2013-02-28,1.31\nGBP,USD,2013-02-28,1.5\n")
    assert own.rates([("EUR", "USD")], DAY, DAY) == [Rate("EUR", "USD", DAY, 1.31, "own")]
