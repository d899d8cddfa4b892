"""What a file seems to be, and what stays a question."""

from decimal import Decimal

import pytest

from apps.portfolio.imports.days import DayError, UnsureDayError, day_of, moment_of, order_of, time_part
from apps.portfolio.imports.detection import detect
from apps.portfolio.imports.encodings import UnreadableFileError, encoding_of, text_of
from apps.portfolio.imports.layouts import FIELDS, MEANINGS
from apps.portfolio.imports.numbers import NumberError, mark_of, number_of
from apps.portfolio.imports.presets import presets
from apps.portfolio.imports.tables import delimiter_of, lines_of, unique_names
from tests.portfolio.imports import files

TEXT = "Datum;Stück\r\n05.03.2013;1.234,5 €\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_any_encoding_and_any_line_end_is_the_same_text(encoding: str, end: str) -> None:
    content = TEXT.replace("\r\n", end).encode(encoding)
    assert text_of(content, encoding_of(content)) == TEXT.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x00\x00 \n", "empty"),
        (b"PK\x03\x04rest", "workbook or an archive"),
        (b"\x1f\x8brest", "compressed"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_what_is_no_text_is_refused_unopened(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFileError, match=words):
        detect(content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_lines_agree_on(delimiter: str) -> None:
    rows = [["Date", "Name", "Price"], ["2013-03-04", '"A, B; C"', '"1,5"'], ["2013-03-05", "D", '"2,5"']]
    assert delimiter_of("\n".join(delimiter.join(row) for row in rows)) == delimiter


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.234,56", ",", "1234.56"),
        ("1,234.56", ".", "1234.56"),
        ("1 234,56", ",", "1234.56"),
        ("1\u202f234,56", ",", "1234.56"),
        ("1'234.56", ".", "1234.56"),
        ("(123)", ".", "-123"),
        ("($1,234.50)", ".", "-1234.50"),
        ("\u2212123", ".", "-123"),
        ("123-", ".", "-123"),
        ("-$4,259.95", ".", "-4259.95"),
        ("€ 12,5", ",", "12.5"),
        ("１２３．５", ".", "123.5"),
        ("１，２３４", ".", "1234"),
        (".5", ".", "0.5"),
        ("1e15", ".", "1e15"),
        ("+7", ".", "7"),
    ],
)
def test_numbers_as_files_write_them(text: str, mark: str, value: str) -> None:
    assert number_of(text, mark) == Decimal(value)


NO_NUMBERS = ["NaN", "Infinity", "-inf", "1,2,3", "12.34.56", "1.234,56", "abc", "1e", "--5", "0x10", "1_000", "9" * 61]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_says_so(text: str) -> None:
    with pytest.raises(NumberError):
        number_of(text, ".")


@pytest.mark.parametrize("text", ["", " ", "-", "--", "n/a"])
def test_nothing_is_no_number(text: str) -> None:
    assert number_of(text, ".") is None


@pytest.mark.parametrize(
    ("cells", "delimiter", "mark"),
    [
        (["1.234,56"], ";", ","),
        (["1,234.56", "7"], ",", "."),
        (["12,5", "1.234"], ";", ","),
        (["1.234.567"], ";", ","),
        (["1,234"], ",", None),
        (["1.234"], ";", None),
        (["1.234"], ",", "."),
        (["0,125"], ";", ","),
        (["12", "7"], ";", "."),
        (["1,5", "2.5"], ";", None),
        (["note"], ",", "."),
    ],
)
def test_the_decimal_mark_is_told_or_asked(cells: list[str], delimiter: str, mark: str | None) -> None:
    assert mark_of(cells, delimiter) == mark


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2026"], None),
        (["03/04/2026", "25/04/2026"], "dmy"),
        (["03/04/2026", "04/25/2026"], "mdy"),
        (["25/04/2026", "04/25/2026"], None),
        (["2026-03-04"], "ymd"),
        (["03.04.2026"], "ymd"),
        (["04/04/2026"], "ymd"),
        (["4 March 2026"], "ymd"),
    ],
)
def test_the_order_of_day_and_month_is_told_or_asked(cells: list[str], order: str | None) -> None:
    assert order_of(cells) == order


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-03-04", None, "2026-03-04"),
        ("2026/3/4", None, "2026-03-04"),
        ("20260304", None, "2026-03-04"),
        ("04.03.2026", "mdy", "2026-03-04"),
        ("04/03/2026", "dmy", "2026-03-04"),
        ("03/04/2026", "mdy", "2026-03-04"),
        ("03/25/26", None, "2026-03-25"),
        ("25-03-2026", None, "2026-03-25"),
        ("04/04/2026", None, "2026-04-04"),
        ("4 Mar 2026", None, "2026-03-04"),
        ("4. März 2026", None, "2026-03-04"),
        ("Mar 4, 2026", None, "2026-03-04"),
        ("2026-03-04T10:15:00Z", None, "2026-03-04"),
        ("2026-03-04, 10:15:30", None, "2026-03-04"),
        ("20260304;101530", None, "2026-03-04"),
        ("03/04/2026 as of 03/01/2026", "mdy", "2026-03-04"),
        ("０３/０４/２０２６", "dmy", "2026-04-03"),
    ],
)
def test_days_as_files_write_them(text: str, order: str | None, day: str) -> None:
    assert day_of(text, order).isoformat() == day


@pytest.mark.parametrize("text", ["31/02/2026", "soon", "4 Foo 2026", "2026-13-01", "99999999", "0000-01-01"])
def test_what_is_no_day_says_so(text: str) -> None:
    with pytest.raises(DayError):
        day_of(text, "dmy")


def test_a_day_that_could_be_two_is_asked_about() -> None:
    with pytest.raises(UnsureDayError, match="say which"):
        day_of("03/04/2026", None)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-04, 10:15:30", "2026-03-04T10:15:30+00:00"),
        ("20260304;101530", "2026-03-04T10:15:30+00:00"),
        ("2026-03-04T10:15:30.250000+02:00", "2026-03-04T10:15:30.250000+02:00"),
        ("2026-03-04 10:15 PM", "2026-03-04T22:15:00+00:00"),
        ("2026-03-04T10:15Z", "2026-03-04T10:15:00+00:00"),
        ("2026-03-04", None),
        ("03/04/2026 as of 03/01/2026", None),
    ],
)
def test_a_time_behind_the_day_is_kept(text: str, moment: str | None) -> None:
    found = moment_of(day_of(text, "mdy"), time_part(text))
    assert (found and found.isoformat()) == moment


@pytest.mark.parametrize("text", ["25:00", "noon", "10:61", "13:00+99:99"])
def test_what_is_no_time_says_so(text: str) -> None:
    with pytest.raises(DayError):
        moment_of(day_of("2026-03-04", None), text)


def test_columns_without_a_name_are_called_after_their_neighbour() -> None:
    names = unique_names(["", "Price", "", "", "Fee", "Price"])
    assert names == ("Column +1", "Price", "Price +1", "Price +2", "Fee", "Price (2)")


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    lines = list(lines_of('a,b\n"x\ny",1\n\nc,d\n', ","))
    found = [(line.number, line.cells) for line in lines if not line.is_blank]
    assert found == [(1, ("a", "b")), (2, ("x\ny", "1")), (5, ("c", "d"))]


@pytest.mark.parametrize(
    ("content", "preset", "header", "order", "mark"),
    [
        (files.SCHWAB, "schwab", 2, "mdy", "."),
        (files.FIDELITY, "fidelity", 3, "mdy", "."),
        (files.DEGIRO, "degiro", 1, "dmy", ","),
        (files.IB_ACTIVITY, "interactive_brokers", 3, "ymd", "."),
        (files.IB_HISTORY, "interactive_brokers_history", 2, "ymd", "."),
        (files.IB_FLEX, "interactive_brokers_flex", 1, "ymd", "."),
        (files.generic("2026-03-04,buy,AAPL,1,2.5,,,"), "generic", 1, "ymd", "."),
        (b"My broker\n\n" + files.generic("03/04/2026,buy,AAPL,1,2.5,,,"), "generic", 3, None, "."),
    ],
)
def test_each_brokers_file_is_known(content: bytes, preset: str, header: int, order: str | None, mark: str) -> None:
    found = detect(content)
    assert (found.preset, found.header, found.order, found.mark) == (preset, header, order, mark)


@pytest.mark.parametrize("key", list(presets()))
def test_a_preset_means_kinds_that_exist(key: str) -> None:
    preset = presets()[key]
    assert set(preset.kinds.values()) <= set(MEANINGS)
    assert set(preset.columns) <= set(FIELDS)
    assert preset.columns
