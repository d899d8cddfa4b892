# Golden answers: a quarterly and a monthly payer worked by hand from their ex-days.
"""Income: what came, what is expected, and what the ledger does not tell of."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.portfolio.income import (
    Dividend,
    Payer,
    by_instrument,
    by_month,
    forecast,
    receipts,
    total,
    units_before,
    unrecorded,
    yield_of,
)
from apps.portfolio.movements import Kind, Row
from apps.portfolio.splits import Split

D = Decimal
TODAY = date(2024, 6, 30)
QUARTERS = [Dividend(date(2023, 8, 11), D("0.24")), Dividend(date(2023, 11, 10), D("0.24"))]
QUARTERS += [Dividend(date(2024, 2, 9), D("0.24")), Dividend(date(2024, 5, 10), D("0.25"))]


def rate(currency: str, on: date) -> Decimal:
    return D("0.5") if currency == "EUR" else D(1)


def paid(on: date, amount: int, instrument: str | None = "A", **more: Any) -> Row:
    kind = Kind.DIVIDEND if instrument else Kind.INTEREST
    return Row(on, on, kind, "USD", instrument=instrument, amount=D(amount), **more)


def payer(dividends: list[Dividend], splits: tuple[Split, ...] = (), units: int = 100) -> Payer:
    return Payer("A", D(units), D(1), D(20_000), D(10_000), dividends, splits)


def test_receipts_are_gross_and_net_in_base_currency() -> None:
    rows = [paid(date(2024, 2, 1), 30, fee=D(1), tax=D(4)), paid(date(2024, 1, 2), 10, None)]
    rows.append(Row("e", date(2024, 2, 3), Kind.DIVIDEND, "EUR", instrument="B", amount=D(8)))
    rows.append(Row("f", date(2024, 2, 4), Kind.DIVIDEND, "EUR", instrument="B", amount=D(8), rate=D(2)))
    found = receipts([*rows, Row("d", date(2024, 2, 2), Kind.DEPOSIT, "USD", amount=D(9))], rate, None, TODAY)
    assert [one.gross for one in found] == [10, 30, 4, 16]
    assert (found[1].net, found[1].costs) == (D(25), D(5))
    assert by_instrument(found) == {"A": 30, "B": 20, None: 10}
    assert total(one.net for one in found) == 55


def test_the_opening_day_is_exclusive() -> None:
    rows = [paid(date(2024, 1, day), 1) for day in (1, 2, 3)]
    assert len(receipts(rows, rate, date(2024, 1, 1), date(2024, 1, 2))) == 1


def test_months_without_income_are_zero() -> None:
    rows = [paid(date(2023, 11, 30), 5), paid(date(2024, 2, 1), 7), paid(date(2024, 2, 9), 1)]
    found = by_month(receipts(rows, rate, None, TODAY))
    assert list(found.values()) == [5, 0, 0, 8]
    assert next(iter(found)) == date(2023, 11, 1)
    assert by_month([]) == {}


def test_last_years_dividends_are_expected_again() -> None:
    found = forecast([payer(QUARTERS)], TODAY)
    assert [one.on for one in found] == [date(2024, 8, 11), date(2024, 11, 10), date(2025, 2, 9), date(2025, 5, 10)]
    assert total(one.amount for one in found) == D(97)
    assert not any(one.is_declared for one in found)
    assert yield_of(D(97), D(20_000)) == pytest.approx(0.00485)
    assert yield_of(D(97), None) is yield_of(D(97), D(0)) is None


def test_what_is_declared_stands_for_last_years() -> None:
    declared = Dividend(date(2024, 8, 9), D("0.26"))
    found = forecast([payer([*QUARTERS, declared, Dividend(date(2024, 12, 27), D(1))])], TODAY)
    assert [(one.on, one.is_declared) for one in found][:3] == [
        (date(2024, 8, 9), True), (date(2024, 11, 10), False), (date(2024, 12, 27), True)
    ]  # fmt: skip
    assert total(one.amount for one in found) == 26 + 24 + 100 + 24 + 25


def test_a_monthly_payer_keeps_its_twelve() -> None:
    months = [Dividend(date(2023 + (month > 12), (month - 1) % 12 + 1, 28), D(1)) for month in range(7, 19)]
    assert len(forecast([payer(months)], TODAY)) == 12
    assert len(forecast([payer([*months, Dividend(date(2024, 7, 26), D(1))])], TODAY)) == 12


def test_older_dividends_are_in_todays_units() -> None:
    """Four for one in January: 0.24 became 0.06, what came later stays."""
    found = forecast([payer(QUARTERS, (Split(date(2024, 1, 15), 4, 1), Split(date(2025, 1, 1), 9, 1)))], TODAY)
    assert [one.per_unit for one in found] == [D("0.06"), D("0.06"), D("0.24"), D("0.25")]


def test_what_is_not_held_pays_nothing() -> None:
    assert forecast([payer(QUARTERS, units=0)], TODAY) == []
    assert forecast([payer([Dividend(date(2022, 1, 3), D(1))])], TODAY) == []


def test_a_leap_days_dividend_comes_on_the_28th() -> None:
    (one,) = forecast([payer([Dividend(date(2024, 2, 29), D(1))])], TODAY)
    assert one.on == date(2025, 2, 28)


def test_units_of_a_day_are_in_its_own_units() -> None:
    rows = [
        Row(1, date(2024, 1, 2), Kind.BUY, "USD", "A", D(10), D(5)),
        Row(2, date(2024, 3, 1), Kind.SELL, "USD", "A", D(4), D(5)),
    ]
    split = (Split(date(2024, 2, 1), 2, 1),)
    assert units_before(rows, split, date(2024, 1, 2)) == 0
    assert units_before(rows, split, date(2024, 1, 31)) == 10
    assert units_before(rows, split, date(2024, 2, 1)) == 20
    assert units_before([*rows, paid(date(2024, 3, 1), 3)], split, TODAY) == 16


def test_a_dividend_that_no_row_tells_of_is_named() -> None:
    rows = [Row(1, date(2023, 9, 1), Kind.BUY, "USD", "A", D(10), D(5)), paid(date(2023, 11, 16), 2)]
    found = unrecorded(rows, {"A": QUARTERS, "B": QUARTERS}, {}, TODAY)
    assert [(one.instrument, one.dividend.on, one.units) for one in found] == [("A", date(2024, 2, 9), D(10))]
