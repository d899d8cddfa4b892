"""Every row of a file becomes a draft or a message, and nothing else happens."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.imports.detection import detect
from apps.portfolio.imports.encodings import ENCODINGS, UnreadableFileError
from apps.portfolio.imports.layouts import FIELDS, Layout
from apps.portfolio.imports.reading import Read, read
from apps.portfolio.imports.tables import MOST_ROWS
from tests.portfolio.imports import files


def found(content: bytes, **chosen: Any) -> list[Read]:
    layout = detect(content)
    return list(read(content, Layout(**(layout.as_json() | chosen)), "USD"))


def shown(content: bytes, **chosen: Any) -> list[tuple[object, ...]]:
    """Kind, day, what, and the figures that matter of each draft."""
    drafts = [row.draft for row in found(content, **chosen) if row.draft]
    return [(d.kind.value, str(d.traded_on)[5:], d.symbol or d.isin, *figures(d)) for d in drafts]


def figures(draft: Any) -> tuple[str, ...]:
    numbers = (draft.quantity, draft.price, draft.amount, draft.fee)
    return tuple(f"{number:f}" for number in numbers if number)


def problems(content: bytes, **chosen: Any) -> list[tuple[int, str, str]]:
    return [(row.number, row.about, row.problem) for row in found(content, **chosen) if row.problem]


def test_schwab() -> None:
    assert shown(files.SCHWAB) == [
        ("buy", "02-04", "AAPL", "10", "425.5", "4.95"),
        ("dividend", "02-05", "IBM", "85"),
        ("tax", "02-06", "IBM", "12.75"),
        ("withdrawal", "02-07", "", "1000"),
        ("sell", "02-08", "AAPL", "4", "431", "4.95"),
    ]
    assert problems(files.SCHWAB) == []


def test_fidelity() -> None:
    assert shown(files.FIDELITY) == [
        ("buy", "02-04", "AAPL", "10", "425.5", "4.97"),
        ("dividend", "02-05", "IBM", "85"),
        ("deposit", "02-06", "", "1000"),
        ("sell", "02-08", "AAPL", "4", "431", "4.98"),
    ]
    assert problems(files.FIDELITY) == []


def test_degiro_converts_its_fee_by_its_own_rate() -> None:
    assert shown(files.DEGIRO) == [
        ("buy", "02-04", "US0378331005", "10", "425.5", "2.6000000000"),
        ("sell", "02-08", "US0378331005", "4", "431", "2.6000000000"),
    ]


def test_interactive_brokers() -> None:
    assert shown(files.IB_ACTIVITY) == [
        ("buy", "02-04", "AAPL", "1000", "425.5", "5.25"),
        ("sell", "02-08", "AAPL", "400", "431", "3.1"),
    ]
    assert shown(files.IB_HISTORY)[1:] == [("dividend", "02-05", "IBM", "85"), ("deposit", "02-06", "", "1000")]
    assert [row.draft.external_id for row in found(files.IB_FLEX) if row.draft] == ["77001", "77002"]


ONE = "2013-03-04,{kind},AAPL,{quantity},{price},{amount},{fee},{currency}"


def row(**cells: str) -> bytes:
    given = {"kind": "buy", "quantity": "1", "price": "2", "amount": "", "fee": "", "currency": "USD"} | cells
    return files.generic(ONE.format(**given))


@pytest.mark.parametrize(
    ("content", "about", "words"),
    [
        (row(quantity="1e15"), "quantity", "more than exists"),
        (row(price="1e-10"), "price", "too small"),
        (row(price="-3"), "price", "never negative"),
        (row(quantity="NaN"), "quantity", "no number"),
        (row(price="Infinity"), "price", "no number"),
        (row(price="1e999"), "price", "more than exists"),
        (row(quantity="0.12345678901"), "quantity", "10 decimals"),
        (row(quantity=""), "quantity", "missing"),
        (row(price=""), "price", "missing"),
        (row(quantity="-1"), "quantity", "negative quantity"),
        (row(kind="dividend", quantity="", price="", amount="-4"), "amount", "reversal"),
        (row(kind="dividend", quantity="", price=""), "amount", "missing"),
        (row(kind="short"), "kind", "no kind"),
        (row(kind=""), "kind", "missing"),
        (row(currency="dollars"), "currency", "no currency"),
        (row(currency="$$$"), "currency", "no currency"),
        (row(fee="abc"), "fee", "no number"),
        (row(price="1.234,56").replace(b"1.234,56", b'"1.234,56"'), "price", "no number with"),
        (row().replace(b"2013-03-04", b"2013-02-30"), "traded_on", "no day"),
        (row().replace(b"2013-03-04", b"03/04/2013"), "traded_on", "say which"),
        (row().replace(b"2013-03-04", b"1850-01-01"), "traded_on", "nothing to record"),
        (row().replace(b"2013-03-04", b""), "traded_on", "missing"),
        (row().replace(b"AAPL", b"A\x00PL"), "", "NUL"),
        (row().replace(b"AAPL", b'"A'), "", "never closed"),
        (row().replace(b"AAPL", b"A" * 131_073), "", "131,072"),
        (row().replace(b"AAPL", b"," * 20_000), "", "20,008 columns"),
        (row().replace(b"AAPL", b"A" * 30), "symbol", "longer than"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_the_row_and_the_column(content: bytes, about: str, words: str) -> None:
    said = problems(content, order="ymd", mark=".")
    assert [(number, one) for number, one, _ in said] == [(2, about)]
    assert words in said[0][2]


def test_the_rows_beside_a_bad_one_are_read() -> None:
    content = files.generic("2013-03-04,buy,AAPL,1,2,,,", "2013-03-05,buy,AAPL,x,2,,,", "2013-03-06,buy,AAPL,3,2,,,")
    assert [bool(one.draft) for one in found(content)] == [True, False, True]


def test_an_open_question_is_no_guess() -> None:
    with pytest.raises(UnreadableFileError, match="day or the month"):
        found(files.generic("03/04/2026,buy,AAPL,1,2.5,,,"))
    with pytest.raises(UnreadableFileError, match="before the decimals"):
        found(files.generic('2026-03-04,buy,AAPL,"1,234",2,,,'))


def test_20_000_columns_are_no_header() -> None:
    with pytest.raises(UnreadableFileError, match="20,000 columns"):
        detect(b",".join([b"a"] * 20_000))


def test_more_rows_than_are_read_at_once() -> None:
    with pytest.raises(UnreadableFileError, match="rows"):
        found(files.generic("2013-03-04,buy,AAPL,1,2,,,") + b"x\n" * (MOST_ROWS + 1))


def test_a_missing_column_is_named() -> None:
    content = files.generic("2013-03-04,buy,AAPL,1,2,,,")
    with pytest.raises(UnreadableFileError, match="no column “Nowhere”"):
        found(content, columns={"traded_on": "Date", "quantity": "Nowhere"})


LAYOUTS = st.builds(
    Layout,
    encoding=st.sampled_from(list(ENCODINGS)),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    header=st.integers(1, 4),
    mark=st.sampled_from([".", ","]),
    order=st.sampled_from(["ymd", "dmy", "mdy"]),
    columns=st.dictionaries(st.sampled_from(list(FIELDS)), st.sampled_from(["a", "b", "c", "Column +1"]), min_size=1),
    kinds=st.just({"buy": "buy", "t": "trade", "div": "dividend", "c": "cash", "s": "split"}),
)
WORDS = ["buy", "t", "div", "c", "s", "USD", "AAPL", "2013-03-04", "03/04/2013 10:00", "\x00", '"']
NUMBERS = ["1.234,56", "(5)", "1e15", "NaN", "−3", "12"]
CELLS = st.one_of(st.sampled_from([*WORDS, *NUMBERS]), st.text(max_size=12))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_mark_of_order_alone_is_an_empty_file(content: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="empty"):
        detect(content)


@given(content=st.binary(max_size=400), layout=LAYOUTS)
def test_no_bytes_bring_down_the_reader(content: bytes, layout: Layout) -> None:
    _read_or_refuse(content, layout)


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=8), layout=LAYOUTS)
def test_no_table_brings_down_the_reader(rows: list[list[str]], layout: Layout) -> None:
    text = "\n".join(layout.delimiter.join(cells) for cells in [["a", "b", "c", ""], *rows])
    known = {"encoding": "utf-8-sig", "header": 1}
    _read_or_refuse(text.encode("utf-8", "surrogatepass"), Layout(**(layout.as_json() | known)))


def _read_or_refuse(content: bytes, layout: Layout) -> None:
    try:
        detect(content)
        rows = list(read(content, layout, "USD"))
    except UnreadableFileError:
        return
    assert not any(row.draft and row.problem for row in rows)
    assert all(not row.draft or row.draft.fee >= Decimal(0) for row in rows)
