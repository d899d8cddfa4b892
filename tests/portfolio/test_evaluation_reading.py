"""What a document may say in several ways, what it may not say at all, and several portfolios or periods at once."""

from datetime import date
from typing import Any

import pytest

from apps.market.currencies import NoRateError
from apps.portfolio.evaluation.figures import evaluate
from apps.portfolio.evaluation.scalars import DocumentError
from apps.portfolio.lots import ONE, Entry, Side, TransferError, match_books

BUY: dict[str, Any] = {
    "kind": "buy",
    "date": "2024-01-02",
    "instrument": "X",
    "quantity": 2,
    "price": 50,
    "currency": "EUR",
}
PRICES = {"X": {"2024-01-02": 50, "2024-01-31": 55, "2024-02-29": 60.5}}


def told(*rows: dict[str, Any], prices: Any = None, **options: Any) -> dict[str, Any]:
    document = {"base_currency": "EUR", "transactions": list(rows), "prices": prices or PRICES}
    return evaluate(document | {"options": options})


@pytest.mark.parametrize(
    "same",
    [
        {"kind": "BUY"}, {"date": "2024-01-02T00:00:00.000Z"}, {"date": "2024-01-02 15:30:00+01:00"}, {"time": "15:30"},
        {"quantity": " 2.0 "}, {"price": "5e1"}, {"price": None, "amount": 100}, {"fee": None, "tax": ""},
        {"currency": "eur"}, {"rate": "1"}, {"inverse_rate": 1}, {"instrument": "X "},
    ],
)  # fmt: skip
def test_a_row_may_be_said_in_other_words(same: dict[str, Any]) -> None:
    assert told(BUY | same | {"id": 1}) == told(BUY | {"id": 1})


@pytest.mark.parametrize(
    "prices",
    [
        {"X": [["2024-01-02", 50], ["2024-01-31", 55.0], ["2024-02-29", "60.5"]]},
        {"X": [{"date": on, "close": price} for on, price in PRICES["X"].items()]},
        {"X": {"2024-02-29T16:00Z": 60.5, "2024-01-31": 55, "2024-01-02": 50, "2024-02-01": None}},
        {"X": [["2024-01-02", 99], *PRICES["X"].items()]},
    ],
)
def test_prices_may_be_said_in_other_ways(prices: Any) -> None:
    """A null is no price, and of two for a day the last one said stands."""
    assert told(BUY, prices=prices) == told(BUY)


@pytest.mark.parametrize("rates", [{"EURUSD": {"2024-01-02": 1.25}}, {"EUR/USD": [["2024-01-02", "1.25"]]}])
def test_rates_may_be_said_by_pair(rates: Any) -> None:
    document = {"transactions": [BUY], "prices": PRICES, "fx_rates": rates}
    assert evaluate(document)["positions"][0]["value_base"] == 121 * 1.25


@pytest.mark.parametrize(
    "said", [{"numerator": 3.0, "denominator": "2"}, {"ratio": 1.5}, {"ratio": "3:2"}, {"ratio": "3/2"}]
)
def test_splits_may_be_said_as_ratios(said: dict[str, Any]) -> None:
    found = told(BUY, {"kind": "split", "date": "2024-02-01", "instrument": "X"} | said)
    assert found["positions"][0]["quantity"] == 3


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"kind": "gift"}, "kind 'gift' is none of"), ({"kind": None}, "kind is missing"),
        ({"date": None}, "date is missing"),
        ({"date": "2024-02-30"}, "no day"), ({"date": "2024-01-02Tnoon"}, "no day"),
        ({"date": "0001-01-01"}, "before 1800"),
        ({"time": "25:00"}, "no time"), ({"quantity": 0}, "missing or 0"), ({"quantity": -1}, "less than 0"),
        ({"quantity": True}, "no number"), ({"quantity": "1,000"}, "no number"),
        ({"quantity": "Infinity"}, "no number"),
        ({"quantity": "1e31"}, "between"), ({"price": None}, "price is missing"), ({"price": -1}, "less than 0"),
        ({"amount": -1}, "less than 0"), ({"instrument": None}, "without an instrument"),
        ({"instrument": ["X"]}, "no name"),
        ({"rate": 0}, "not more than 0"), ({"inverse_rate": "-1"}, "not more than 0"), ({"currency": 5.5}, "no name"),
        ({"kind": "deposit", "price": None}, "amount is missing"),
        ({"kind": "split", "ratio": "1:0"}, "not more than 0"),
        ({"kind": "split", "ratio": "1e-13"}, "no ratio of whole numbers"), ({"kind": "split", "ratio": ""}, "missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_said_with_its_name(wrong: dict[str, Any], word: str) -> None:
    with pytest.raises(DocumentError, match=f"transaction r1: .*{word}"):
        told(BUY | {"id": "r1", "quantity": 2} | wrong)


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ({"transactions": {}}, "no list"), ({"transactions": ["buy"]}, "no object"), ({"prices": []}, "no object"),
        ({"prices": {"X": [["2024-01-02"]]}}, "no pair"), ({"prices": {"X": {"2024-01-02": -1}}}, "less than 0"),
        ({"price_basis": "adjusted"}, "none of raw, split"), ({"fx_rates": {"EURO": {}}}, "no pair"),
        ({"fx_rates": [{"base": "EUR", "quote": "USD", "date": "2024-01-02", "rate": 0}]}, "not more than 0"),
        ({"fx_rates": {"EURUSD": {"2024-01-02": 0}}}, "rate is 0"),
        ({"fx_rates": [{"quote": "USD"}]}, "currency is missing"),
        ({"options": {"cost_method": "lifo"}}, "none of fifo"),
        ({"options": {"cash": "maybe"}}, "neither true nor false"),
        ({"options": {"risk_free_rate": -1}}, "no yearly rate"),
        ({"options": {"portfolio": "other"}}, "no row of other"),
        ({"options": {"period": {"start": "2024-02-01", "end": "2024-01-01"}}}, "after its end"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_document_is_said(part: dict[str, Any], word: str) -> None:
    with pytest.raises(DocumentError, match=word):
        evaluate({"transactions": [BUY]} | part)


def test_a_missing_rate_is_never_one() -> None:
    with pytest.raises(NoRateError):
        evaluate({"base_currency": "CHF", "transactions": [BUY], "prices": PRICES})


OUT = {
    "kind": "transfer_out",
    "date": "2024-01-10",
    "instrument": "X",
    "quantity": 2,
    "currency": "EUR",
    "transfer": "t",
}
INTO = OUT | {"kind": "transfer_in", "portfolio": "new"}


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        ([OUT, INTO | {"date": "2024-01-09"}], "goes out on 2024-01-10 and comes in on 2024-01-09"),
        ([OUT, INTO | {"quantity": 1}], "not what comes in"), ([OUT, INTO | {"portfolio": "main"}], "one portfolio"),
        ([OUT, OUT | {"portfolio": "new"}], "one transfer_out and one"),
        ([OUT, INTO, INTO], "one transfer_out and one"),
    ],
)  # fmt: skip
def test_the_ends_of_a_transfer_fit(ends: list[dict[str, Any]], word: str) -> None:
    with pytest.raises(DocumentError, match=f"transfer t: .*{word}"):
        told(BUY, *ends)


def test_units_do_not_come_out_of_a_transfer_before_they_went_in() -> None:
    early = Entry(date(2024, 1, 1), Side.IN, ONE, ONE, link="t")
    late = Entry(date(2024, 1, 2), Side.OUT, ONE, ONE, link="t")
    with pytest.raises(TransferError, match="has not gone out"):
        match_books({"new": [early], "old": [late]})


def test_portfolios_are_reported_together() -> None:
    """What moves between them is no flow, and each keeps its lots."""
    both = told(BUY, OUT, INTO, portfolio="*")
    assert both == told(BUY, OUT, INTO, portfolio=["main", "new"])
    assert [(one["portfolio"], one["quantity"]) for one in both["positions"]] == [("main", 0), ("new", 2)]
    assert both["bridge"] == told(BUY)["bridge"]


def test_each_portfolio_may_have_its_own_method() -> None:
    rows = [BUY, BUY | {"price": 100, "date": "2024-01-03"}, BUY | {"kind": "sell", "date": "2024-01-04"}]
    told_by = told(*rows, cost_method={"main": "average"})
    assert (
        told_by["positions"][0]["realised"]
        == told(*rows, cost_method="Moving_Average")["positions"][0]["realised"]
        == -50
    )


def test_several_periods_at_once() -> None:
    january, all_of_it = {"start": "2024-01-01", "end": "2024-01-31"}, {"end": "2024-02-29"}
    found = told(BUY, periods=[january, all_of_it])
    assert [one["twr"]["value"] for one in found["periods"]] == pytest.approx([0.1, 0.21])
    assert found["periods"][0]["value"] == told(BUY, period=january)["value"] == 110
    assert found["by_month"] == pytest.approx({"2024-01": 0.1, "2024-02": 0.1})


def test_what_is_paid_back_is_less_paid() -> None:
    rows = [
        {"kind": "fee", "date": "2024-01-02", "amount": 9},
        {"kind": "Fee refund", "date": "2024-01-03", "amount": 4},
    ]
    rows.append({"kind": "interest_charge", "date": "2024-01-04", "amount": 2})
    found = told(*(row | {"currency": "EUR"} for row in rows))
    assert (found["bridge"]["fees"], found["bridge"]["income"], found["value"]) == (5, -2, 0)


def test_cash_is_kept_where_some_was_paid_in() -> None:
    """As in a portfolio that says nothing of it: without, what is bought was paid from outside."""
    paid = {"kind": "deposit", "date": "2024-01-02", "amount": 100, "currency": "EUR"}
    assert (told(BUY)["value"], told(BUY, cash=True)["value"]) == (121, 21)
    assert told(paid, BUY) == told(paid, BUY, cash="true")


def test_a_return_on_less_than_nothing_is_marked() -> None:
    """Bought on credit: 100 paid with 10 in cash, then the price falls below what is owed."""
    paid = {"kind": "deposit", "date": "2024-01-02", "amount": 10, "currency": "EUR"}
    prices = {"X": {"2024-01-02": 50, "2024-01-03": 40, "2024-01-04": 41}}
    figure = told(paid, BUY, prices=prices)["twr"]
    assert figure["reasons"] == ["On 2024-01-04 more was owed than held."]
    assert figure["quality"] == "estimated"


def test_days_of_python_and_odd_dates() -> None:
    assert told(BUY | {"date": date(2024, 1, 2)}) == told(BUY)
    with pytest.raises(DocumentError, match="no day"):
        told(BUY | {"date": 20240102})


def test_a_benchmark_without_prices_is_said_to_have_none() -> None:
    assert told(BUY, benchmark="SPY")["risk"]["benchmark"] == {"reasons": ["There are no prices of SPY."]}


def test_one_end_of_a_transfer_crosses_the_border() -> None:
    assert told(BUY, OUT, cash=True)["bridge"]["flows"] == -100


def test_a_rate_of_later_is_not_used() -> None:
    document = {"transactions": [BUY], "prices": PRICES}
    with pytest.raises(NoRateError):
        evaluate(document | {"fx_rates": {"EURUSD": {"2024-02-01": 1.25}}})
