# Golden answers: the published FIFO and average-cost examples of Portfolio Performance, recomputed by hand.
"""Lots: golden answers and what must hold for every ledger."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.lots import Entry, InsufficientPositionError, Method, Side, match
from apps.portfolio.splits import Split, splits_without_twins

DAY = date(2021, 1, 4)


def entry(day: int, side: Side, quantity: object, price: object, fee: object = 0, hour: int | None = None) -> Entry:
    on = DAY + timedelta(days=day)
    at = None if hour is None else datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    return Entry(on, side, Decimal(str(quantity)), Decimal(str(price)), fee=Decimal(str(fee)), at=at)


def buy(day: int, quantity: object, price: object, fee: object = 0, hour: int | None = None) -> Entry:
    return entry(day, Side.IN, quantity, price, fee, hour)


def sell(day: int, quantity: object, price: object, fee: object = 0, hour: int | None = None) -> Entry:
    return entry(day, Side.OUT, quantity, price, fee, hour)


FIRST = [buy(0, 100, 95), buy(1, 200, 105), buy(2, 100, 107), sell(3, 150, 110)]
SECOND = [*FIRST, buy(4, 50, 100), buy(5, 300, "107.50"), sell(6, 200, 108)]


@pytest.mark.parametrize(
    ("entries", "price", "method", "realised", "unrealised"),
    [
        (FIRST, 110, Method.FIFO, 1750, 1050),
        (FIRST, 110, Method.AVERAGE, 1050, 1750),
        (SECOND, 108, Method.FIFO, 2250, 600),
        (SECOND, 108, Method.AVERAGE, 1650, 1200),
    ],
)
def test_golden_gains(entries: list[Entry], price: int, method: Method, realised: int, unrealised: int) -> None:
    holding = match(entries, method=method)
    assert holding.realised == realised
    assert holding.quantity * price - holding.cost == unrealised


def test_fees_are_cost_when_buying_and_off_the_proceeds_when_selling() -> None:
    holding = match([buy(0, 10, 100, fee=5), sell(1, 5, 110, fee=2)])
    assert holding.cost == Decimal("502.5")
    assert holding.lots[0].gross == 500
    assert holding.realised == Decimal("548") - Decimal("502.5")


def test_selling_more_than_held_says_what_was_held() -> None:
    with pytest.raises(InsufficientPositionError, match="10 held on 2021-01-05, 11 wanted"):
        match([buy(0, 10, 1), sell(1, 11, 1)])


def test_a_back_dated_sale_is_judged_on_its_own_day() -> None:
    with pytest.raises(InsufficientPositionError):
        match([buy(5, 10, 1), sell(1, 5, 1)])


def test_on_one_day_without_times_buys_come_first() -> None:
    assert match([sell(0, 10, 2), buy(0, 10, 1)]).realised == 10


def test_on_one_day_times_decide() -> None:
    with pytest.raises(InsufficientPositionError):
        match([sell(0, 10, 2, hour=9), buy(0, 10, 1, hour=10)])


def test_a_split_changes_units_not_cost() -> None:
    holding = match([buy(0, 10, 100)], [Split(DAY + timedelta(days=1), 10, 1)])
    assert (holding.quantity, holding.cost, holding.average_cost) == (Decimal(100), Decimal(1000), Decimal(10))


def test_a_trade_on_the_split_day_is_in_new_units() -> None:
    assert match([buy(1, 10, 100)], [Split(DAY + timedelta(days=1), 10, 1)]).quantity == 10


def test_three_thirds_are_a_whole() -> None:
    entries = [buy(0, 10, 1), buy(0, 10, 1), buy(0, 10, 1), sell(2, 10, 3)]
    holding = match(entries, [Split(DAY + timedelta(days=1), 1, 3)])
    assert holding.quantity == 0
    assert holding.lots == ()


def test_nothing_later_than_until_is_looked_at() -> None:
    split = Split(DAY + timedelta(days=4), 2, 1)
    assert match([buy(0, 10, 1), buy(5, 10, 1)], [split], until=DAY + timedelta(days=3)).quantity == 10


def test_the_average_starts_again_when_flat() -> None:
    holding = match([buy(0, 10, 1), sell(1, 10, 2), buy(2, 10, 5)], method=Method.AVERAGE)
    assert holding.average_cost == 5


def test_nothing_held_has_no_average_cost() -> None:
    assert match([]).average_cost is None


def test_two_records_of_one_split_are_one() -> None:
    twins = [Split(DAY, 2, 1), Split(DAY + timedelta(days=1), 4, 2), Split(DAY + timedelta(days=9), 2, 1)]
    assert [s.on for s in splits_without_twins(twins)] == [DAY, DAY + timedelta(days=9)]


money = st.decimals("0.01", "9999", places=2)
quantities = st.decimals("0.0001", "9999", places=4)
buys = st.lists(st.tuples(st.integers(0, 30), quantities, money, st.decimals(0, 50, places=2)), min_size=1, max_size=12)
ratios = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20), st.integers(1, 20)), max_size=3)


@given(buys, ratios)
def test_splits_never_change_cost(
    rows: list[tuple[int, Decimal, Decimal, Decimal]], splits: list[tuple[int, int, int]]
) -> None:
    entries = [buy(*row) for row in rows]
    split = match(entries, [Split(DAY + timedelta(days=d), n, m) for d, n, m in splits])
    assert split.cost == match(entries).cost


@given(buys, ratios, st.sampled_from(Method))
def test_everything_bought_can_be_sold_to_the_last_unit(
    rows: list[tuple[int, Decimal, Decimal, Decimal]], splits: list[tuple[int, int, int]], method: Method
) -> None:
    entries = [buy(*row) for row in rows]
    known = [Split(DAY + timedelta(days=d), n, 1) for d, n, _ in splits]
    held = match(entries, known, method)
    flat = match([*entries, sell(60, held.quantity, 10)], known, method)
    assert flat.quantity == 0
    assert abs(flat.realised - (held.quantity * 10 - held.cost)) < Decimal("1e-15")


@given(buys, st.integers(1, 99))
def test_both_methods_agree_on_the_sum_of_gains(
    rows: list[tuple[int, Decimal, Decimal, Decimal]], percent: int
) -> None:
    entries = [buy(*row) for row in rows]
    part = match(entries).quantity * percent / 100
    sums = []
    for method in Method:
        holding = match([*entries, sell(60, part, 7)], method=method)
        sums.append(holding.realised + holding.quantity * 7 - holding.cost)
    assert abs(sums[0] - sums[1]) < Decimal("1e-15")
