# Golden answers: the examples of Portfolio Performance's manual (performance calculation), recomputed by hand.
"""The table of answers that the definitions were settled by."""

from typing import Any

import pytest

from apps.portfolio.performance import yearly_return
from tests.golden.documents import Rows, cash, figures, position, units

FLOWS = [("deposit", "2021-01-15", "155"), ("deposit", "2022-01-14", "84"), ("deposit", "2022-09-30", "67")]
END = "2023-06-12"


def kept(flows: list[tuple[str, str, str]], end: str, **options: Any) -> dict[str, Any]:
    """Deposits lie in cash, and one unit bought for nothing makes up what the end is more than they."""
    paid = sum(float(amount) for *_, amount in flows)
    rows = [*cash(*flows), *units(("buy", flows[0][1], "1", "0"))]
    return figures(rows, {"X": {flows[0][1]: "0", END: str(round(float(end) - paid, 2))}}, **options)


@pytest.mark.parametrize(
    ("count", "end", "rate"), [(1, "190.06", 0.0885), (3, "396.85", 0.1560), (3, "426.82", 0.2028)]
)
def test_rate_of_deposits(count: int, end: str, rate: float) -> None:
    assert round(kept(FLOWS[:count], end)["xirr"]["value"], 4) == rate


def test_rate_of_a_window_of_two_years() -> None:
    opened = [("deposit", "2021-06-12", "177.94"), *FLOWS[1:]]
    found = kept(opened, "426.82", period={"start": "2021-06-12", "end": END})
    assert round(found["xirr"]["value"], 4) == 0.1763


def test_rate_of_an_instrument() -> None:
    rows = units(
        ("buy", "2021-01-15", "1", "153"), ("buy", "2022-01-14", "1", "83"), ("sell", "2023-04-12", "1", "107")
    )
    rows += [{"kind": "dividend", "date": "2022-12-15", "amount": "30", "instrument": "X", "currency": "EUR"}]
    found = figures(rows, {"X": {END: "190.06"}})
    assert round(found["instruments"]["X"]["xirr"]["value"], 4) == 0.18


def test_a_closed_trade_per_year() -> None:
    rows = units(("buy", "2021-01-15", "1", "77.50"), ("sell", "2023-04-12", "1", "105"))
    (trade,) = position(rows)["disposals"]
    assert round(trade["xirr"], 4) == 0.1453
    assert round(trade["return"], 4) == 0.3548


def test_time_weighted_over_two_years() -> None:
    rows = [*cash(("deposit", "2021-06-12", "177.94"), *FLOWS[1:]), *units(("buy", "2021-06-12", "1", "177.94"))]
    prices = {"2021-06-12": "177.94", "2022-01-13": "160.26", "2022-09-29": "180.57", END: "275.82"}
    found = figures(rows, {"X": prices}, period={"start": "2021-06-12", "end": END})
    assert round(found["twr"]["value"], 4) == 0.2558


FIRST: Rows = units(
    ("buy", "2024-01-02", "100", "9500"), ("buy", "2024-01-03", "200", "21000"), ("buy", "2024-01-04", "100", "10700"),
    ("sell", "2024-01-05", "150", "16500"),
)  # fmt: skip
THEN = units(
    ("buy", "2024-01-08", "50", "5000"), ("buy", "2024-01-09", "300", "32250"), ("sell", "2024-01-10", "200", "21600")
)


@pytest.mark.parametrize(("method", "realised", "opened"), [("fifo", 1750, 1050), ("average", 1050, 1750)])
def test_cost_by_either_method(method: str, realised: int, opened: int) -> None:
    one = position(FIRST, {"X": {"2024-01-05": "110"}}, method)
    assert [int(one["realised"]), int(one["unrealised"])] == [realised, opened]


@pytest.mark.parametrize(("method", "realised", "opened"), [("fifo", 2250, 600), ("average", 1650, 1200)])
def test_cost_goes_on_by_either_method(method: str, realised: int, opened: int) -> None:
    one = position(FIRST + THEN, {"X": {"2024-01-10": "108"}}, method)
    assert [int(one["realised"]), int(one["unrealised"])] == [realised, opened]


def test_a_return_per_year() -> None:
    assert round(yearly_return(0.30, 730), 4) == 0.1402
