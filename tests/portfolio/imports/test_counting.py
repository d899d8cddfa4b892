"""Twins are counted, not set; oversells are named at the file's own rows."""

from collections import Counter
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.imports.oversells import oversells
from apps.portfolio.imports.twins import Sameness, twins_among
from apps.portfolio.movements import Kind, Row
from apps.portfolio.splits import Split

CONTENTS = st.lists(st.sampled_from("abc"), max_size=12)


@given(rows=CONTENTS, ledger=CONTENTS)
def test_n_in_the_file_against_m_in_the_ledger_are_n_minus_m_new(rows: list[str], ledger: list[str]) -> None:
    twins = twins_among([Sameness(one) for one in rows], [Sameness(one) for one in ledger])
    new = Counter(one for one, is_twin in zip(rows, twins, strict=True) if not is_twin)
    assert new == Counter(rows) - Counter(ledger)


@given(rows=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["", "1", "2"])), max_size=10))
def test_the_same_file_twice_brings_nothing_new(rows: list[tuple[str, str]]) -> None:
    same = [Sameness(content, reference) for content, reference in rows]
    assert all(twins_among(same, same))


def test_two_references_are_two_rows_however_alike() -> None:
    assert twins_among([Sameness("a", "2")], [Sameness("a", "1")]) == [False]
    assert twins_among([Sameness("a", "2"), Sameness("a", "1")], [Sameness("a", "1")]) == [False, True]
    assert twins_among([Sameness("a")], [Sameness("a", "1")]) == [True]
    assert twins_among([Sameness("a", "1"), Sameness("a", "2")], [Sameness("a")]) == [True, False]


def row(key: object, kind: Kind, day: int, quantity: int) -> Row:
    return Row(key, date(2013, 3, day), kind, "USD", "AAPL", Decimal(quantity), Decimal(1))


def named(rows: list[Row], ledger: list[Row], splits: list[Split] | None = None) -> dict[object, str]:
    found = oversells(rows, ledger, {"AAPL": splits or []})
    return {key: str(one.held) for key, one in found.items()}


def test_a_sale_of_more_than_is_held_is_named() -> None:
    rows = [row(2, Kind.BUY, 4, 10), row(3, Kind.SELL, 5, 11), row(4, Kind.SELL, 6, 10)]
    assert named(rows, []) == {3: "10"}


def test_a_back_dated_sale_that_takes_what_the_ledger_sells_later_is_named() -> None:
    ledger = [row("a", Kind.BUY, 4, 10), row("b", Kind.SELL, 8, 10)]
    assert named([row(2, Kind.SELL, 6, 1)], ledger) == {2: "0"}
    assert named([row(2, Kind.SELL, 9, 1)], ledger) == {2: "0"}
    assert named([row(2, Kind.BUY, 6, 1), row(3, Kind.SELL, 9, 1)], ledger) == {}


def test_units_are_those_of_their_day() -> None:
    rows = [row(2, Kind.BUY, 4, 10), row(3, Kind.SELL, 6, 20), row(4, Kind.SELL, 7, 1)]
    assert named(rows, [], [Split(date(2013, 3, 5), 2, 1)]) == {4: "0"}


def test_what_comes_in_on_a_day_may_go_out_on_it() -> None:
    assert named([row(2, Kind.SELL, 4, 10), row(3, Kind.BUY, 4, 10)], []) == {}
