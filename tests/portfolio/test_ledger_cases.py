"""Cases in which the figures once differed from the exact ones (tests/portfolio/exact), each by its name."""

import math
from decimal import Decimal
from typing import Any

import pytest

from apps.portfolio.evaluation.figures import evaluate
from apps.portfolio.evaluation.scalars import DocumentError
from apps.portfolio.performance import yearly_return

UNIT = {"instrument": "X", "currency": "EUR", "quantity": 10, "price": 10, "portfolio": "P"}
CLOSES = {"X": [["2024-01-01", 10], ["2024-01-31", 10]]}


def told(rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    options = {"portfolio": "P", "days": True, "period": {"end": "2024-01-31"}} | more.pop("options", {})
    return evaluate({"base_currency": "EUR", "transactions": rows, "prices": CLOSES, "options": options} | more)


def row(on: int, kind: str, **more: Any) -> dict[str, Any]:
    return {**UNIT, "date": f"2024-01-{on:02}", "kind": kind, **more}


def paid(on: int, kind: str, amount: Any, **more: Any) -> dict[str, Any]:
    said = {"date": f"2024-01-{on:02}", "kind": kind, "amount": amount, "currency": "EUR", "portfolio": "P"}
    return said | more


def moved(on: int, **more: Any) -> list[dict[str, Any]]:
    there = row(on, "transfer_out", portfolio="Q", transfer="t", **more)
    return [there, row(on, "transfer_in", transfer="t", **more)]


def test_units_transferred_in_the_morning_are_sold_in_the_afternoon() -> None:
    bought = row(2, "buy", portfolio="Q")
    figures = told([bought, *moved(3, time="10:00"), row(3, "sell", time="15:00", price=12)])
    assert figures["positions"][0]["realised"] == 20


def test_transferred_units_have_the_turn_of_their_own_day() -> None:
    rows = [row(2, "buy", portfolio="Q", price=5), row(4, "buy"), *moved(5), row(8, "sell", price=12)]
    figures = told(rows)["positions"][0]
    assert [str(lot["opened_on"]) for lot in figures["lots"]] == ["2024-01-04"]
    assert figures["realised"] == 70
    assert (
        str(told(rows[:-1], options={"cost_method": "average"})["positions"][0]["lots"][0]["opened_on"]) == "2024-01-02"
    )


def test_a_rate_that_moved_before_a_deposit_is_no_return_of_the_deposit() -> None:
    """100 dollars that become 200 euros on a day without rows or prices, and then 800 paid in: the return is 100 %."""
    rates = [("2024-01-01", 1), ("2024-01-10", 2)]
    fx = [{"base": "USD", "quote": "EUR", "date": on, "rate": rate} for on, rate in rates]
    rows = [paid(2, "deposit", 100, currency="USD"), paid(11, "deposit", 800)]
    assert told(rows, fx_rates=fx)["twr"]["value"] == pytest.approx(1)


def test_what_a_currency_did_between_sessions_is_a_risk() -> None:
    """Halved over a weekend and back on a Tuesday without a price: one session of -50 % and one of +100 %."""
    rates = [("2024-01-01", 1), ("2024-01-06", 0.5), ("2024-01-09", 1)]
    fx = [{"base": "USD", "quote": "EUR", "date": on, "rate": rate} for on, rate in rates]
    prices = {"X": [[f"2024-01-{day:02}", 10] for day in (2, 3, 8, 10)], "I": [["2024-01-01", 7]]}
    known = {"X": {"currency": "USD"}, "I": {"currency": "USD"}}
    more = {"fx_rates": fx, "prices": prices, "instruments": known, "options": {"cash": False, "benchmark": "I"}}
    risk = told([row(2, "buy", currency="USD")], **more)["risk"]
    assert (risk["returns"], risk["max_drawdown"]) == (4, pytest.approx(-0.5))
    assert risk["beta"] == pytest.approx(1)


def test_the_day_on_which_all_is_sold_is_a_day_with_holdings() -> None:
    prices = {"X": [["2024-01-02", 10], ["2024-01-03", 5], ["2024-01-31", 5]]}
    risk = told([row(2, "buy"), row(3, "sell", price=5)], prices=prices, options={"cash": False})["risk"]
    assert (risk["returns"], risk["max_drawdown"]) == (2, pytest.approx(-0.5))


def test_before_taxes_a_tax_without_cash_never_came_in() -> None:
    figures = told([row(2, "buy", tax=5)], options={"cash": False, "before_taxes": True})
    assert figures["bridge"]["flows"] == 100
    assert all(day["outflow"] == 0 for day in figures["days"])


def test_the_fee_of_a_deposit_that_is_kept_nowhere_is_paid_from_outside() -> None:
    rows = [row(2, "buy"), paid(3, "deposit", 100, fee=1)]
    assert told(rows, options={"cash": False})["bridge"]["residual"] == 0


def test_a_dividend_may_name_its_units() -> None:
    figures = told([row(2, "buy"), row(3, "dividend", price="0.5")])
    assert (figures["positions"][0]["quantity"], figures["income"]["dividends"]) == (10, 5)


def test_units_that_move_without_a_price_are_worth_the_market() -> None:
    figures = told([row(2, "delivery_in", price=4), row(3, "delivery_out", price=None)])
    assert figures["positions"][0]["realised"] == 60
    assert told([row(2, "buy", portfolio="Q"), *moved(3, price=None)])["positions"][0]["cost"] == 100


def test_units_of_no_instrument_are_refused_by_name() -> None:
    with pytest.raises(DocumentError, match="transaction r1"):
        told([row(2, "transfer_out", instrument=None, id="r1")])


def test_income_is_in_full_precision() -> None:
    rates = [{"base": "EUR", "quote": "USD", "date": "2024-01-01", "rate": 3}]
    figures = told([paid(2, "interest", 1, currency="USD")], fx_rates=rates)
    assert figures["income"]["interest"] == figures["bridge"]["income"]


def test_before_the_first_price_the_last_trade_by_time_stands_for_it() -> None:
    rows = [row(2, "buy", time="15:00", price=30), row(2, "buy", time="09:00", price=20)]
    assert told(rows, prices={}, options={"cash": False})["value"] == Decimal(600)


def test_a_recorded_rate_is_no_price() -> None:
    """Ten bought at 10 dollars each are worth 100 dollars, whatever the bank took for a dollar."""
    fx = [{"base": "USD", "quote": "EUR", "date": "2024-01-01", "rate": 2}]
    assert (
        told([row(2, "buy", currency="USD", rate=3)], prices={}, fx_rates=fx, options={"cash": False})["value"] == 200
    )


def test_a_yearly_return_beyond_all_numbers_is_unknown() -> None:
    assert math.isnan(yearly_return(6.3, 1))
