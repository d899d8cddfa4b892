"""The ledger's figures against a second implementation in fractions, and what must hold for every ledger.

300 ledgers by default; LEDGERS=100000 compares more (some 30 a second on one core: under an hour).
"""

import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from math import isclose
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.portfolio.evaluation.figures import evaluate
from tests.portfolio.exact import evaluate as exactly
from tests.portfolio.exact.generator import LAST, on, random_ledger

BLOCKS = 20
LEDGERS = int(os.environ.get("LEDGERS", "300"))
MONEY, RATIO = Fraction(1, 10**15), 1e-9
PLAIN = ("quantity", "cost", "gross_cost", "value", "realised", "realised_base", "realised_fx")
OPEN = ("unrealised", "unrealised_base", "unrealised_fx")
CAUSES = ("start", "end", "flows", "price", "income", "fx", "fees", "taxes")

seeds = st.integers(0, 10**9)
few = settings(max_examples=15, deadline=None, derandomize=True)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_figure_is_the_exact_one(block: int) -> None:
    for seed in range(block, LEDGERS, BLOCKS):
        said = random_ledger(seed)
        assert list(_differences(evaluate(said), exactly(said))) == [], f"ledger {seed}"


def _differences(told: Mapping[str, Any], exact: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    positions = {one["instrument"]: one for one in told["positions"]}
    for name, one in exact["positions"].items():
        yield from _money(positions[name], one, [*PLAIN, *OPEN], name)
        yield from _lots(positions[name]["lots"], one["lots"], name)
    cash = dict.fromkeys({**told["cash"], **exact["cash"]}, Fraction(0))
    yield from _money(cash | told["cash"], cash | exact["cash"], cash, "cash")
    yield from _money(told, exact, ["value"], "")
    yield from _money(told["income"], exact["income"], exact["income"], "income")
    yield from _money(told["bridge"], exact["bridge"], CAUSES, "bridge")
    yield from _days(told["days"], exact["days"])
    yield from _ratios(told["risk"], exact["risk"], exact["risk"])
    yield from _ratios({"twr": told["twr"]["value"]}, exact, ["twr"])
    if told["xirr"]["quality"] == "complete":
        yield from _ratios({"xirr": told["xirr"]["value"]}, exact, ["xirr"])


def _money(told: Any, exact: Any, keys: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    for key in keys:
        one, other = Fraction(told[key]), exact[key]
        if abs(one - other) > MONEY * max(abs(one), abs(other), 1):
            yield f"{where} {key}", float(one), float(other)


def _lots(told: list[dict[str, Any]], exact: list[tuple[Any, ...]], name: str) -> Iterator[tuple[str, Any, Any]]:
    if [str(lot["opened_on"]) for lot in told] != [opened for opened, *_ in exact]:
        yield f"lots of {name}", told, exact
    for lot, (_, *parts) in zip(told, exact, strict=False):
        keys = ("quantity", "cost", "gross")
        yield from _money(lot, dict(zip(keys, parts, strict=True)), keys, f"lot of {name}")


def _days(told: list[dict[str, Any]], exact: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """A day that is not listed moved nothing but its rate: its return is part of the next one's."""
    listed = {str(day["on"]): day for day in told}
    linked, begun = 1.0, False
    for key, day in exact.items():
        linked *= float(day.ratio)
        if key in listed:
            one, keys = listed[key], ["value", "inflow", "outflow"] if begun else ["value"]
            yield from _money(one, vars(day), keys, key)
            if begun:
                yield from _ratios({"return": one["return"]}, {"return": linked - 1}, ["return"])
            linked, begun = 1.0, True
        elif begun and day.inflow + day.outflow:
            yield key, "no day", day


def _ratios(told: Any, exact: Any, keys: Any) -> Iterator[tuple[str, Any, Any]]:
    for key in keys:
        one, other = told[key], exact[key]
        if None in (one, other):
            if one is not other:
                yield key, one, other
        elif not isclose(one, other, rel_tol=RATIO, abs_tol=RATIO):
            yield key, one, other


@few
@given(seeds)
def test_what_is_relieved_and_what_remains_is_what_came(seed: int) -> None:
    """Cost and units of both portfolios together: a transfer loses none."""
    said = random_ledger(seed, without={"split"})
    cost, units = Fraction(0), Fraction(0)
    for who in "PQ":
        for one in evaluate(_with(said, portfolio=who))["positions"]:
            for part in (one, *one["disposals"]):
                cost, units = cost + Fraction(part["cost"]), units + Fraction(part["quantity"])
    came = [row for row in said["transactions"] if row["kind"] in {"buy", "delivery_in", "opening"}]
    paid = sum((Fraction(row["quantity"]) * Fraction(row["price"]) + _costs(row) for row in came), Fraction(0))
    assert abs(cost - paid) <= MONEY * paid
    assert units == sum(Fraction(row["quantity"]) for row in came)


@few
@given(seeds)
def test_both_methods_gain_the_same_in_all(seed: int) -> None:
    """Where nothing is carried to another portfolio: the method decides what is."""
    said = random_ledger(seed, without={"transfer"})
    gains: list[Fraction] = []
    for method in ("fifo", "average"):
        positions = evaluate(_with(said, cost_method=method))["positions"]
        gains.append(
            sum((Fraction(one["realised_base"]) + Fraction(one["unrealised_base"]) for one in positions), Fraction(0))
        )
    assert float(abs(gains[0] - gains[1])) <= 1e-9


@few
@given(seeds)
def test_the_bridge_leaves_nothing_over(seed: int) -> None:
    assert abs(evaluate(random_ledger(seed, rows=40))["bridge"]["residual"]) <= Fraction(1, 10**20)


@few
@given(seeds, st.randoms(use_true_random=False))
def test_rows_may_stand_in_any_order(seed: int, chance: Random) -> None:
    """Among purchases of one moment the first one said is the first in: lots may differ, worth and flows do not."""
    said = random_ledger(seed)
    shuffled = chance.sample(said["transactions"], len(said["transactions"]))
    told, again = evaluate(said), evaluate({**said, "transactions": shuffled})
    assert list(_money(told["bridge"], _fractions(again["bridge"]), CAUSES, "bridge")) == []
    assert told["cash"] == again["cash"]
    assert isclose(told["twr"]["value"], again["twr"]["value"], rel_tol=RATIO, abs_tol=RATIO)


@few
@given(seeds)
def test_two_halves_of_a_row_are_the_row(seed: int) -> None:
    said = random_ledger(seed)
    rows = [half for row in said["transactions"] for half in _halves(row)]
    told, halved = evaluate(said), evaluate({**said, "transactions": rows})
    for one, other in zip(told["positions"], halved["positions"], strict=True):
        assert list(_money(one, _fractions(other), [*PLAIN, *OPEN], one["instrument"])) == []
    assert list(_money(told["bridge"], _fractions(halved["bridge"]), CAUSES, "bridge")) == []
    assert list(_ratios(told["risk"], halved["risk"], ["volatility", "beta", "max_drawdown"])) == []


@few
@given(seeds)
def test_what_comes_after_the_end_changes_nothing(seed: int) -> None:
    said = random_ledger(seed)
    own = [row for row in said["transactions"] if "transfer" not in row and row["kind"] != "split"]
    later = [row | {"id": f"{row['id']}+", "date": on(LAST + 9)} for row in own]
    assert evaluate({**said, "transactions": said["transactions"] + later}) == evaluate(said)


def _with(said: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    return {**said, "options": said["options"] | options}


def _costs(row: Mapping[str, Any]) -> Fraction:
    return Fraction(row.get("fee", 0)) + Fraction(row.get("tax", 0))


def _fractions(told: Mapping[str, Any]) -> dict[str, Fraction]:
    return {key: Fraction(value) for key, value in told.items() if isinstance(value, Decimal)}


def _halves(row: dict[str, Any]) -> list[dict[str, Any]]:
    if row["kind"] == "split":
        return [row]
    half = {key: str(Decimal(row[key]) / 2) for key in ("quantity", "amount", "fee", "tax") if key in row}
    links = ({"transfer": row["transfer"] + which} if "transfer" in row else {} for which in "ab")
    return [row | half | link | {"id": f"{row['id']}{which}"} for which, link in zip("ab", links, strict=True)]
