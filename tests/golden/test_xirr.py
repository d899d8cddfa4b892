# Golden answers: the manuals of Excel and MATLAB; the tests of pyxirr, beangrow and Portfolio Performance.
"""Money-weighted rates as others publish them, and what becomes of flows that no rate or several solve."""

from datetime import date

import pytest

from apps.portfolio.performance import Quality, money_weighted

type Flows = list[tuple[str, float]]


def rate(flows: Flows) -> float | None:
    return money_weighted([(date.fromisoformat(on), amount) for on, amount in flows]).value


EXCEL = [("2008-01-01", -10000), ("2008-03-01", 2750), ("2008-10-30", 4250), ("2009-02-15", 3250), ("2009-04-01", 2750)]
MATLAB = [
    ("2007-01-12", -10000),
    ("2008-02-14", 2500),
    ("2008-03-03", 2000),
    ("2008-06-14", 3000),
    ("2008-12-01", 4000),
]
BEANGROW = [("2020-12-30", -206), ("2020-12-30", -103), ("2020-12-31", -104), ("2021-01-01", 416)]


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        (EXCEL, 0.373362535),  # support.microsoft.com, XIRR
        (MATLAB, 0.10064378342638),  # mathworks.com, xirr; pyxirr's test_xirr_day_count, act/365F
        (BEANGROW, 3.530362589),  # returns_test.py, test_compute_irr: 3.530
        ([("2010-01-01", -200), ("2010-12-31", 210)], 0.050140747),  # IRRTest.testSimpleExcelTestCase
        # IRRTest.testSmallConvergenceInterval
        ([("2019-05-24", -1560.94), ("2020-01-13", -1160), ("2020-06-29", 42.8)], -0.999251643),
        ([("2024-01-01", -100), ("2024-01-02", 110)], 1.1**365 - 1),  # by hand, and the next
        ([("2024-01-01", -100), ("2024-01-11", 60)], 0.6**36.5 - 1),
    ],
)
def test_rates(flows: Flows, expected: float) -> None:
    assert rate(flows) == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_of_several_rates_the_nearest_to_zero() -> None:
    """By hand: x = 1 / (1 + r) solves -100 + 230 x - 132 x ** 2 for r of 10 % and of 20 %."""
    found = money_weighted([(date(2021, 1, 1), -100), (date(2022, 1, 1), 230), (date(2023, 1, 1), -132)])
    assert found.value == pytest.approx(0.1)
    assert (found.quality, found.reasons) == (Quality.ESTIMATED, ("Not unique: 2 rates solve it.",))


def test_no_rate_is_modified_dietz_with_a_reason() -> None:
    """By hand: a loss of 30 on 100 - 120 / 2 of capital is -75 % in 730 days, a half a year."""
    found = money_weighted([(date(2021, 1, 1), -100), (date(2022, 1, 1), 120), (date(2023, 1, 1), -50)])
    assert found.value == pytest.approx(-0.5)
    assert (found.method, found.quality) == ("Modified Dietz", Quality.ESTIMATED)
    assert found.reasons == ("No rate solves it: Modified Dietz instead.",)
