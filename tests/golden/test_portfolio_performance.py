# Golden answers: figures of Portfolio Performance's own tests (August 2026); each names its test.
"""What another system's tests expect, where it follows the same definitions."""

from typing import Any

import pytest

from tests.golden.documents import Rows, cash, cents, figures, position, units

EURUSD = [{"base": "EUR", "quote": "USD", "date": on, "rate": rate} for on, rate in
          (("2014-12-31", "1.2141"), ("2015-01-02", "1.2043"), ("2015-01-16", "1.1588"))]  # fmt: skip


def test_daily_returns_of_an_account() -> None:
    """ClientIndexTest.testExcelSample."""
    rows = cash(
        ("deposit", "2011-12-31", "10000"), ("interest", "2012-01-01", "230"), ("deposit", "2012-01-02", "200"),
        ("interest", "2012-01-02", "200"), ("withdrawal", "2012-01-03", "400"), ("fee", "2012-01-03", "234.41"),
        ("interest", "2012-01-04", "293.99"), ("interest", "2012-01-05", "293.99"), ("deposit", "2012-01-06", "5400"),
        ("interest", "2012-01-06", "195.99"), ("withdrawal", "2012-01-07", "3697.04"), ("fee", "2012-01-07", "882.52"),
        ("fee", "2012-01-08", "1003.85"),
    )  # fmt: skip
    found = figures(rows, period={"start": "2011-12-31", "end": "2012-01-08"}, days=True)
    daily = [0.023, 0.019175455, -0.0220517, 0.0294117647, 0.0285714286, 0.012261967, -0.0545454545, -0.0865384615]
    assert [day["return"] for day in found["days"][1:]] == pytest.approx(daily, abs=1e-5)
    assert found["twr"]["value"] == pytest.approx(-0.056182678, abs=1e-6)


def test_interest_on_nothing_is_no_return_and_is_said() -> None:
    """ClientIndexTest.testThatInterstWithoutInvestmentDoesNotCorruptResultAndIsReported."""
    found = figures(cash(("interest", "2012-01-02", "1")), period={"start": "2012-01-01", "end": "2012-01-09"})
    assert (found["twr"]["value"], len(found["twr"]["reasons"])) == (0.0, 1)


def test_a_deposit_on_the_last_day_is_neutral() -> None:
    """ClientIndexTest.testThatDepositsOnTheLastDayArePerformanceNeutral."""
    rows = cash(("deposit", "2012-01-01", "100"), ("interest", "2012-01-02", "10"), ("deposit", "2012-01-10", "100"))
    assert figures(rows, period={"start": "2012-01-01", "end": "2012-01-10"})["twr"]["value"] == pytest.approx(0.1)


BOUGHT = units(("buy", "2010-01-01", "109", "3149.20"))
SOLD_FIRST = BOUGHT + units(
    ("sell", "2010-02-01", "15", "531.50"),
    ("buy", "2010-03-01", "52", "1684.92"),
    ("buy", "2010-03-01", "32", "959.30"),
)
SOLD_LAST = BOUGHT + units(("buy", "2010-02-01", "52", "1684.92"), ("sell", "2010-03-01", "15", "531.50"))


@pytest.mark.parametrize(
    ("rows", "method", "realised", "unrealised", "cost"),
    [
        (SOLD_FIRST, "fifo", "98.12", "12439.96", "5360.04"),
        (SOLD_FIRST, "average", "98.12", "12439.96", "5360.04"),
        (SOLD_LAST, "fifo", "98.12", "10199.26", "4400.74"),
        (SOLD_LAST, "average", "81.12", "10216.26", "4383.74"),
    ],
)
def test_gains_and_cost(rows: Rows, method: str, realised: str, unrealised: str, cost: str) -> None:
    """CapitalGainsCalculationTest.testFifoBuySellTransactions, and 2; CostCalculationTest of the same names."""
    one = position(rows, {"X": {"2013-03-01": "100"}}, method)
    assert [str(cents(one[key])) for key in ("realised", "unrealised", "cost")] == [realised, unrealised, cost]


@pytest.mark.parametrize(
    ("method", "realised", "open_gain"), [("fifo", "830.00", None), ("average", "730.00", "2203.69")]
)
def test_gains_at_rates_of_ones_own(method: str, realised: str, open_gain: str | None) -> None:
    """CapitalGainsCalculationTest.testFifoBuySellTransactions3: the currency's part of the average's gain is -3.33."""
    rows = units(("delivery_in", "2024-01-01", "100", "5000"), currency="USD", rate="0.90")
    rows += units(("delivery_in", "2024-02-01", "50", "3000"), currency="USD", rate="0.85")
    rows += units(("delivery_out", "2024-03-01", "50", "3500"), currency="USD", rate="0.88")
    one = position(rows, {"X": {"2024-12-31": "80"}}, method, fx=EURUSD)
    assert str(cents(one["realised_base"])) == realised
    if open_gain is not None:
        assert str(cents(one["unrealised_base"])) == open_gain
        assert (str(cents(one["realised_fx"])), str(cents(one["unrealised_fx"]))) == ("-3.33", "-97.54")


def trade(rows: Rows, **more: Any) -> list[float]:
    """Gain, return and yearly rate of the only one that is closed."""
    (one,) = position(rows, **more)["disposals"]
    return [float(one["gain"]), one["return"], one["xirr"]]


def test_a_trade_and_what_is_left_of_it() -> None:
    """TradeTest.testLong, testLongUnclosed."""
    rows = units(("buy", "2024-01-01", "5", "500"), ("sell", "2024-12-31", "3", "540"))
    assert trade(rows) == pytest.approx([240.0, 0.8, 0.8], abs=1e-4)
    left = position(rows, {"X": {"2025-01-01": "210"}})
    assert (left["quantity"], left["unrealised"]) == (2, 220)


def test_a_trade_out_of_several_purchases() -> None:
    """TradeTest.testLongMultipleBuys."""
    rows = units(("buy", "2024-01-01", "12", "120"), ("buy", "2024-02-01", "5", "60"), ("buy", "2024-03-01", "3", "90"))
    rows += units(("sell", "2024-12-31", "18", "360"))
    assert trade(rows) == pytest.approx([150.0, 150 / 210, 0.76018], abs=1e-4)


def test_a_closed_trade_with_fees_and_taxes() -> None:
    """TradeTest.testForeignCurrencyClosedTradeReportedInSecurityCurrency: 90 and 45 EUR at 0.90, 80 and 40 at 0.80."""
    rows = units(("buy", "2024-01-01", "100", "5000"), currency="USD", fee="100", tax="50")
    rows += units(("sell", "2024-12-31", "100", "8000"), currency="USD", fee="100", tax="50")
    assert trade(rows, base="USD") == pytest.approx([2700.0, 7850 / 5150 - 1, 0.52427], abs=1e-4)


def test_fees_are_inside_and_taxes_outside_an_instruments_rate() -> None:
    """IRRCalculationTest.testDividendPaymentsWithTaxes."""
    rows = units(("buy", "2015-12-31", "10", "990"), fee="10") + units(
        ("sell", "2016-12-31", "10", "1240"), fee="10", tax="30"
    )
    paid = {
        "kind": "dividend",
        "date": "2016-06-01",
        "amount": "150",
        "tax": "50",
        "instrument": "X",
        "currency": "EUR",
    }
    assert figures([*rows, paid])["instruments"]["X"]["xirr"]["value"] == pytest.approx(0.412128788, abs=1e-8)


def test_fees_and_taxes_that_are_rows_of_their_own() -> None:
    """SecurityTaxAndFeeAccountTransactionsTestCase.testAdidas: with refunds of both."""
    own = {"instrument": "X", "currency": "EUR"}
    rows = units(("buy", "2017-01-02", "10", "1513"), fee="10", tax="10")
    rows += [
        {"kind": "fee", "date": "2017-01-09", "amount": 10, **own},
        {"kind": "FEES_REFUND", "date": "2017-01-10", "amount": 5, **own},
    ]
    rows += [
        {"kind": "tax", "date": "2017-01-11", "amount": 25, **own},
        {"kind": "tax refund", "date": "2017-01-12", "amount": 5, **own},
    ]
    found = figures(rows, {"X": {"2017-01-31": "145.65"}}, period={"end": "2017-01-31"})["instruments"]["X"]
    assert found["xirr"]["value"] == pytest.approx(-0.453151944, abs=1e-8)
    assert (found["bridge"]["fees"], found["bridge"]["taxes"]) == (15, 30)
    moved = found["bridge"]
    assert moved["end"] - moved["start"] - moved["flows"] == cents("1456.5") - 1533 - 10 + 5 - 25 + 5


def test_one_unit_of_half_a_million() -> None:
    """SecurityPerformanceSnapshotTest.testBigPurchases2."""
    rows = units(("buy", "2018-05-01", "500000", "450000"), ("sell", "2018-05-08", "1", "0.989"))
    for method in ("fifo", "average"):
        one = position(rows, method=method)
        assert (one["quantity"], one["cost"], one["average_cost"]) == (499999, cents("449999.10"), cents("0.90"))


def test_a_purchase_paid_in_another_currency_at_its_own_rate() -> None:
    """CurrencyTestCase.testFIFOPurchasePriceWithForex: 454.60 at 0.8237, 571.90 and 577.60 USD at the market's."""
    rows = units(("buy", "2015-01-01", "5", "551.90"), currency="USD", rate="0.8237")
    rows += units(("buy", "2015-01-01", "5", "551.90"), currency="USD", fee="10", tax="10")
    rows += units(("buy", "2015-08-03", "5", "577.60"), currency="USD")
    one = position(rows, {"X": {"2015-08-07": "115.52"}}, fx=EURUSD)
    assert abs(one["cost_base"] - (cents("454.60") + cents("471.05") + cents("498.45"))) < cents("0.01")
    assert str(cents(one["value_base"])) == "1495.34"
