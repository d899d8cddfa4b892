# Golden answers: figures of Ghostfolio's calculator specs (calculator/roai, August 2026); each names its spec.
"""What another system's tests expect: investment, gains before and after fees, in its currency and in another."""

from typing import Any

import pytest

from tests.golden.documents import figures

RATES = {"2015-01-01": 0.99411, "2017-12-31": 0.9787, "2018-01-01": 0.97373, "2023-01-03": 0.9238, "2023-07-10": 0.8854}
USDCHF = {"USD/CHF": RATES}
BALN = {"2021-11-22": 142.9, "2021-11-26": 139.9, "2021-11-30": 136.6, "2021-12-12": 142.0, "2021-12-18": 148.9}
type Trade = tuple[str, str, float, float, float]


def held(trades: list[Trade], prices: dict[str, float], currency: str, base: str = "") -> dict[str, Any]:
    """The figures under Ghostfolio's method, which is the moving average."""
    names = ("kind", "date", "quantity", "price", "fee")
    rows = [dict(zip(names, trade, strict=True)) | {"instrument": "X", "currency": currency} for trade in trades]
    found = figures(rows, {"X": prices}, base or currency, USDCHF, cash=False, cost_method="average")
    one: dict[str, Any] = found["positions"][0]
    gross = one["realised_gross"] + one["value"] - one["gross_cost"]
    return one | {"gross": gross, "net": one["realised_base"] + one["unrealised_base"], "bridge": found["bridge"]}


BTC = {"2021-12-12": 50098.3, "2022-01-14": 43099.7}
TWICE: list[Trade] = [("BUY", "2021-11-22", 2, 142.9, 1.55), ("BUY", "2021-11-30", 2, 136.6, 1.65)]
AND_SOLD: list[Trade] = [("BUY", "2021-11-22", 2, 142.9, 1.55), ("SELL", "2021-11-30", 2, 136.6, 1.65)]
PARTIALLY: list[Trade] = [("SELL", "2022-04-08", 1, 85.73, 1.3), ("BUY", "2022-03-07", 2, 75.8, 2.95)]
AGAIN: list[Trade] = [
    ("BUY", "2025-12-11T05:00Z", 9, 209.45, 1), ("SELL", "2025-12-18T05:00Z", 9, 210, 1),
    ("BUY", "2025-12-18T05:00Z", 10, 204.11, 1), ("SELL", "2025-12-28T05:00Z", 10, 208.01, 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "trades", "prices", "currency", "expected"),
    [
        ("baln-buy", [("BUY", "2021-11-30", 2, 136.6, 1.55)], BALN, "CHF", (297.8, 273.2, 24.6, 23.05)),
        ("baln-buy-and-buy", TWICE, BALN, "CHF", (595.6, 559, 36.6, 33.4)),
        ("baln-buy-and-sell", AND_SOLD, BALN, "CHF", (0, 0, -12.6, -15.8)),
        ("btcusd", [("BUY", "2021-12-12", 1, 44558.42, 4.46)], BTC, "USD", (43099.7, 44558.42, -1458.72, -1463.18)),
        ("novn-buy-and-sell-partially", PARTIALLY, {"2022-04-11": 87.8}, "CHF", (87.8, 75.8, 21.93, 17.68)),
        ("jnug-buy-and-sell-and-buy-and-sell", AGAIN, {"2025-12-28": 237.8}, "USD", (0, 0, 43.95, 39.95)),
    ],
)
def test_value_investment_and_gains(
    spec: str, trades: list[Trade], prices: dict[str, float], currency: str, expected: tuple[float, ...]
) -> None:
    one = held(trades, prices, currency)
    assert [float(one[key]) for key in ("value", "gross_cost", "gross", "net")] == pytest.approx(expected), spec


def test_a_purchase_in_another_currency() -> None:
    """googl-buy: with the currency's part 19.851974, without it 26.33 USD at today's 0.8854."""
    one = held([("BUY", "2023-01-03", 1, 89.12, 1)], {"2023-01-03": 89.12, "2023-07-10": 116.45}, "USD", "CHF")
    assert float(one["net"]) == pytest.approx(19.851974)
    assert float(one["unrealised_base"] - one["unrealised_fx"]) == pytest.approx(26.33 * 0.8854)
    assert (float(one["value_base"]), float(one["bridge"]["fees"])) == pytest.approx((103.10483, 0.9238))


def test_a_part_sold_in_another_currency() -> None:
    """btcusd-buy-and-sell-partially."""
    prices = {"2015-01-01": 314.25, "2017-12-31": 14156.4, "2018-01-01": 13657.2}
    one = held([("BUY", "2015-01-01", 2, 320.43, 0), ("SELL", "2017-12-31", 1, 14156.4, 0)], prices, "USD", "CHF")
    assert float(one["net"]) == pytest.approx(26516.2087014)
    assert (float(one["gross"]), float(one["value_base"])) == pytest.approx((27172.74, 13298.425356))


def test_a_fee_of_its_own() -> None:
    """fee: no quantity, no price, all of it fee."""
    row = {"kind": "FEE", "date": "2021-09-01", "fee": 49, "quantity": 0, "price": 0, "currency": "USD"}
    assert figures([row], base="USD")["bridge"]["fees"] == 49


def test_a_dividend_by_the_unit() -> None:
    """msft-buy-with-dividend: shown apart from the gains of the price."""
    prices = {"2021-09-16": 89.12, "2023-07-10": 331.83}
    one = held([("BUY", "2021-09-16", 1, 298.58, 19), ("DIVIDEND", "2021-11-16", 1, 0.62, 0)], prices, "USD")
    assert [float(one[key]) for key in ("gross", "net", "income_base")] == pytest.approx([33.25, 14.25, 0.62])


@pytest.mark.parametrize(
    ("splits", "quantity", "average"),
    [([("2021-01-01", 2, 1)], 20, 50), ([("2021-01-01", "1:10", None)], 1, 1000),
     ([("2021-01-01", 2, 1), ("2022-01-01", 1, 3)], 20 / 3, 150)],
)  # fmt: skip
def test_splits(splits: list[tuple[str, Any, Any]], quantity: float, average: float) -> None:
    """stock-split: ten units at 100."""
    rows: list[dict[str, Any]] = [
        {"kind": "buy", "date": "2020-01-01", "quantity": 10, "price": 100, "instrument": "X", "currency": "USD"}
    ]
    for on, top, bottom in splits:
        said = {"ratio": top} if bottom is None else {"numerator": float(top), "denominator": bottom}
        rows.append({"kind": "split", "date": on, "instrument": "X"} | said)
    (one,) = figures(rows, base="USD", period={"end": "2022-06-01"})["positions"]
    assert (float(one["quantity"]), float(one["average_cost"])) == pytest.approx((quantity, average))
