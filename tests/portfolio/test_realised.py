# Golden answers: the FIFO example of Portfolio Performance, and a sale with fees and two rates, worked by hand.
"""Realised gains by lot: the parts sum to the sale, the years to the whole, and the currency is apart."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.holdings import Valued
from apps.portfolio.lots import LEDGER, Entry, Holding, Method, Side, match
from apps.portfolio.realised import is_long_term, sales_of, sums_of, tax_years, year_begin

D = Decimal


def entry(on: date, side: Side, quantity: int, price: int, fee: int = 0, rate: str = "1") -> Entry:
    return Entry(on, side, D(quantity), D(price), fee=D(fee), rate=D(rate), key=on)


def held(*entries: Entry, method: Method = Method.FIFO) -> Valued:
    return Valued("A", "USD", match(entries, method=method), D(1), D(1))


def test_the_golden_sale_by_lot() -> None:
    """100@95, 200@105, 100@107, sell 150@110: 100 x 15 + 50 x 5 = 1,750."""
    bought = [
        entry(date(2023, 1, place), Side.IN, n, p) for place, n, p in ((1, 100, 95), (2, 200, 105), (3, 100, 107))
    ]
    sales = sales_of([held(*bought, entry(date(2024, 6, 1), Side.OUT, 150, 110))])
    assert [(sale.quantity, sale.cost, sale.gain) for sale in sales] == [
        (D(100), D(9500), D(1500)),
        (D(50), D(5250), D(250)),
    ]
    assert sums_of(sales).gain == 1750
    assert all(sale.is_long for sale in sales)


def test_the_currency_is_apart() -> None:
    """10 @ 100 + 10 fee at 0.90, sold @ 120 - 20 fee at 0.80: local (1180 - 1010) x 0.8, currency 1010 x -0.1."""
    rows = entry(date(2024, 1, 2), Side.IN, 10, 100, 10, "0.9"), entry(date(2024, 3, 1), Side.OUT, 10, 120, 20, "0.8")
    (sale,) = sales_of([held(*rows)])
    assert (sale.proceeds, sale.cost) == (D(960), D(900))
    assert sale.fees == D(16) + D(9)
    assert (sale.local_gain, sale.fx_gain, sale.gain) == (D(136), D(-101), D(35))
    assert (sale.days, sale.is_long) == (59, False)
    assert sale.return_ == pytest.approx(35 / 900)


def test_what_cost_nothing_has_no_return() -> None:
    (sale,) = sales_of([held(entry(date(2024, 1, 2), Side.IN, 1, 0), entry(date(2024, 1, 3), Side.OUT, 1, 5))])
    assert (sale.cost, sale.gain, sale.return_) == (D(0), D(5), None)
    assert sums_of([sale]).return_ is None
    assert sums_of([]).gain == 0


def test_years_are_apart_and_newest_first() -> None:
    rows = [entry(date(2022, 1, 3), Side.IN, 10, 10)]
    rows += [entry(on, Side.OUT, 1, 12) for on in (date(2022, 4, 5), date(2022, 4, 6), date(2023, 12, 31))]
    sales = sales_of([held(*rows)])
    assert [(year.name, len(year.sales)) for year in tax_years(sales)] == [("2023", 1), ("2022", 2)]
    british = tax_years(sales, (4, 6))
    assert [(year.name, year.begins_on.year) for year in british] == [
        ("2023/24", 2023),
        ("2022/23", 2022),
        ("2021/22", 2021),
    ]
    assert british[0].sums.long_gain == 2
    assert british[0].sums.return_ == pytest.approx(0.2)


def test_a_tax_year_begins_on_its_day() -> None:
    assert year_begin(date(2024, 4, 5), (4, 6)) == date(2023, 4, 6)
    assert year_begin(date(2024, 4, 6), (4, 6)) == date(2024, 4, 6)


def test_more_than_a_year_is_long() -> None:
    assert not is_long_term(date(2023, 5, 1), date(2024, 5, 1))
    assert is_long_term(date(2023, 5, 1), date(2024, 5, 2))
    assert is_long_term(date(2024, 2, 29), date(2025, 3, 1))
    assert not is_long_term(date(2024, 2, 29), date(2025, 2, 28))


PRICES = st.integers(1, 500)
TRADES = st.lists(
    st.tuples(st.integers(1, 90), PRICES, st.integers(0, 9), st.integers(50, 150)), min_size=1, max_size=6
)


@given(TRADES, PRICES, st.integers(1, 100), st.sampled_from(Method))
def test_nothing_is_lost_between_the_lots_and_the_sale(
    trades: list[tuple[int, int, int, int]], price: int, share: int, method: Method
) -> None:
    rows = [entry(date(2023, 1, 1 + at), Side.IN, n, p, f, f"{r / 100}") for at, (n, p, f, r) in enumerate(trades)]
    units = max(1, sum(n for n, *_ in trades) * share // 100)
    one = held(*rows, entry(date(2024, 2, 1), Side.OUT, units, price, 3, "0.77"), method=method)
    sums, disposal = sums_of(sales_of([one])), one.holding.disposals[0]
    assert abs(sums.gain - disposal.base_gain) < D("1e-30")
    assert abs(sums.fx_gain - disposal.fx_gain) < D("1e-30")
    assert abs(sums.gain - LEDGER.add(sums.local_gain, sums.fx_gain)) < D("1e-30")


def test_nothing_sold_is_no_year() -> None:
    assert tax_years(sales_of([Valued("A", "USD", Holding(), None, D(1))])) == []
