# Golden answers: the published examples of Portfolio Performance, recomputed by hand.
"""A ledger as one document: golden answers, and what must hold for every ledger."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.portfolio.evaluation.figures import evaluate
from apps.portfolio.evaluation.scalars import DocumentError
from apps.portfolio.lots import InsufficientPositionError
from tests.portfolio.ledgers import random_document

CENT = Decimal("0.01")


def deposited(*flows: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"date": on, "kind": "deposit", "amount": amount, "currency": "EUR"} for on, amount in flows]


def book(rows: list[dict[str, Any]], end: str, **more: Any) -> dict[str, Any]:
    options = {"period": {"end": "2023-06-12"}} | more.pop("options", {})
    worth = [["2023-06-12", end]]
    opened = {"date": rows[0]["date"], "kind": "buy", "instrument": "X", "quantity": "1", "currency": "EUR"}
    paid = {**opened, "price": rows[0]["amount"]}
    return {"base_currency": "EUR", "transactions": [*rows, paid], "prices": {"X": worth}, "options": options, **more}


FIRST, SECOND, THIRD = ("2021-01-15", "155"), ("2022-01-14", "84"), ("2022-09-30", "67")


@pytest.mark.parametrize(
    ("flows", "end", "rate"),
    [
        ((FIRST,), "190.06", 0.0885),
        ((FIRST, SECOND, THIRD), str(Decimal("396.85") - 84 - 67), 0.1560),
        ((FIRST, SECOND, THIRD), str(Decimal("426.82") - 84 - 67), 0.2028),
    ],
)
def test_golden_money_weighted(flows: tuple[tuple[str, str], ...], end: str, rate: float) -> None:
    assert round(evaluate(book(deposited(*flows), end))["xirr"]["value"], 4) == rate


def test_golden_rate_of_an_instrument() -> None:
    own = {"instrument": "X", "currency": "EUR"}
    rows = [
        {"date": "2021-01-15", "kind": "buy", "quantity": "1", "price": "153", **own},
        {"date": "2022-01-14", "kind": "buy", "quantity": "1", "price": "83", **own},
        {"date": "2022-12-15", "kind": "dividend", "amount": "30", **own},
        {"date": "2023-04-12", "kind": "sell", "quantity": "1", "price": "107", **own},
    ]
    prices = {"X": [["2023-06-12", "190.06"]]}
    figures = evaluate({"base_currency": "EUR", "transactions": rows, "prices": prices})
    assert round(figures["instruments"]["X"]["xirr"]["value"], 4) == 0.18


def test_golden_time_weighted() -> None:
    """Values before each flow: 160.26 and 264.57, opened at 177.94 and closed at 426.82."""
    start = {"date": "2021-06-12", "kind": "buy", "instrument": "X", "quantity": "1", "price": "177.94"}
    rows = [{**start, "currency": "EUR"}, *deposited(SECOND, THIRD)]
    prices = [["2021-06-12", "177.94"], ["2022-01-13", "160.26"], ["2022-01-14", "160.26"], ["2022-09-29", "180.57"]]
    prices += [["2022-09-30", "180.57"], ["2023-06-12", str(Decimal("426.82") - 84 - 67)]]
    paid = {"date": "2021-06-12", "kind": "deposit", "amount": "177.94", "currency": "EUR"}
    figures = evaluate({"base_currency": "EUR", "transactions": [paid, *rows], "prices": {"X": prices}})
    assert round(figures["twr"]["value"], 4) == 0.2558
    assert figures["twr"]["quality"] == "complete"


@pytest.mark.parametrize("seed", range(60))
def test_every_figure_of_a_random_ledger_reconciles(seed: int) -> None:
    figures = evaluate(random_document(seed))
    assert abs(figures["bridge"]["residual"]) < Decimal("1e-20")
    assert abs(sum(figures["contributions"].values()) - figures["twr"]["value"]) < 1e-9


def test_what_the_lots_gained_is_what_moved_the_value() -> None:
    """Without income, cost and currency, price gains by the lots are those by the days, whatever the method."""
    for seed in range(40):
        document = random_document(seed)
        document["instruments"] = {name: {"currency": "EUR"} for name in "ABC"}
        bought = [row | ({"kind": "buy"} if row["kind"] == "delivery_in" else {}) for row in document["transactions"]]
        traded = [row | {"currency": "EUR", "fee": "0", "tax": "0"} for row in bought if row["kind"] in {"buy", "sell"}]
        document["transactions"] = traded
        figures = evaluate(document)
        gained = figures["gains"]["realised_base"] + figures["gains"]["unrealised_base"]
        assert abs(gained - figures["bridge"]["price"]) < CENT


def test_a_split_is_no_return() -> None:
    rows = deposited(("2024-06-03", "1000"))
    rows.append(
        {"date": "2024-06-03", "kind": "buy", "instrument": "N", "quantity": 1, "price": 1000, "currency": "EUR"}
    )
    prices = {"N": [["2024-06-03", 1000], ["2024-06-07", 1200], ["2024-06-10", 120]]}
    split = [{"instrument": "N", "date": "2024-06-10", "numerator": 10, "denominator": 1}]
    figures = evaluate({"base_currency": "EUR", "transactions": rows, "prices": prices, "splits": split})
    assert figures["positions"][0]["quantity"] == 10
    assert round(figures["twr"]["value"], 12) == 0.2


def test_adjusted_prices_give_the_same_figures() -> None:
    rows = [{"date": "2024-06-03", "kind": "buy", "instrument": "N", "quantity": 3, "price": 1000, "currency": "EUR"}]
    split = [{"instrument": "N", "date": "2024-06-10", "numerator": 10, "denominator": 1}]
    raw = {"N": [["2024-06-03", 1000], ["2024-06-07", 1200], ["2024-06-10", 130]]}
    adjusted = {"N": [["2024-06-03", 100], ["2024-06-07", 120], ["2024-06-10", 130]]}
    base = {"base_currency": "EUR", "transactions": rows, "splits": split, "options": {"days": True}}
    assert evaluate({**base, "prices": raw}) == evaluate({**base, "prices": adjusted, "price_basis": "split"})


def test_a_transfer_keeps_day_and_cost_and_realises_nothing() -> None:
    unit = {"instrument": "X", "quantity": 10, "currency": "EUR", "price": 50}
    rows = [
        {"date": "2024-01-02", "kind": "buy", **unit, "fee": 5, "portfolio": "old"},
        {"date": "2024-03-01", "kind": "transfer_out", **unit, "portfolio": "old", "transfer": "t"},
        {"date": "2024-03-01", "kind": "transfer_in", **unit, "portfolio": "new", "transfer": "t"},
    ]
    document = {"base_currency": "EUR", "transactions": rows, "prices": {"X": [["2024-03-01", 70]]}}
    new = evaluate(document | {"options": {"portfolio": "new"}})
    assert new["positions"][0]["lots"] == [
        {"opened_on": new["positions"][0]["lots"][0]["opened_on"], "quantity": 10, "cost": 505, "gross": 500}
    ]
    assert str(new["positions"][0]["lots"][0]["opened_on"]) == "2024-01-02"
    assert new["bridge"]["flows"] == 700
    assert evaluate(document | {"options": {"portfolio": "old"}})["gains"]["realised_base"] == 0


def test_gains_by_currency_and_by_price_are_told_apart() -> None:
    buy = {"date": "2024-01-02", "kind": "buy", "instrument": "U", "quantity": 1, "price": 100, "currency": "USD"}
    rates = [("2024-01-02", 0.8), ("2024-06-03", 1.0)]
    fx = [{"base": "USD", "quote": "EUR", "date": on, "rate": rate} for on, rate in rates]
    prices = {"U": [["2024-06-03", 110]]}
    figures = evaluate({"base_currency": "EUR", "transactions": [buy], "prices": prices, "fx_rates": fx})
    position = figures["positions"][0]
    assert (position["unrealised"], position["unrealised_base"], position["unrealised_fx"]) == (10, 30, 20)


def test_several_rates_are_said_to_be_several() -> None:
    flows = [("2020-01-01", "deposit", "100"), ("2021-01-01", "withdrawal", "230"), ("2022-01-01", "deposit", "132")]
    rows = [{"date": on, "kind": kind, "amount": amount, "currency": "EUR"} for on, kind, amount in flows]
    rows.append({"date": "2022-06-01", "kind": "fee", "amount": "1.999999", "currency": "EUR"})
    figures = evaluate({"base_currency": "EUR", "transactions": rows})
    assert figures["xirr"]["quality"] in {"estimated", "unavailable"}


@pytest.mark.parametrize("wrong", [{"quantity": "NaN"}, {"quantity": "many"}, {"kind": "gift"}, {"date": "03/04/2026"}])
def test_a_row_that_cannot_be_read_is_named(wrong: dict[str, str]) -> None:
    row = {"id": "r7", "date": "2024-01-02", "kind": "buy", "instrument": "X", "quantity": "1", "price": "1"}
    with pytest.raises(DocumentError, match="transaction r7"):
        evaluate({"transactions": [row | wrong]})


def test_more_sold_than_held_names_the_row() -> None:
    row = {"date": "2024-01-02", "instrument": "X", "price": "1", "currency": "USD"}
    rows = [{**row, "id": 1, "kind": "buy", "quantity": "1"}, {**row, "id": 2, "kind": "sell", "quantity": "2"}]
    with pytest.raises(InsufficientPositionError) as refused:
        evaluate({"transactions": rows})
    assert refused.value.key == 2


def test_the_command_prints_figures_or_a_sentence(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(random_document(1)))
    bad.write_text('{"transactions": [{"kind": "buy"}]}')
    command = [sys.executable, "-m", "apps.portfolio.evaluation"]
    done = subprocess.run([*command, str(good)], capture_output=True, text=True, check=True)
    assert abs(Decimal(json.loads(done.stdout)["bridge"]["residual"])) < CENT
    refused = subprocess.run([*command, str(bad)], capture_output=True, text=True, check=False)
    assert (refused.returncode, "transaction 0" in refused.stdout) == (1, True)
