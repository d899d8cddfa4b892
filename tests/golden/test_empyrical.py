# Golden answers: figures of empyrical-reloaded's tests/test_stats.py, and of PerformanceAnalytics' manual.
"""Ratios of returns as another library's tests expect them."""

import math

import numpy as np
import pytest

from apps.portfolio import risk

MIXED = np.array([np.nan, 1, 10, -4, 2, 3, 2, 1, -10]) / 100
NEGATIVE = np.array([0, -6, -7, -1, -9, -2, -6, -8, -5]) / 100
POSITIVE = np.array([1, 2, 1, 1, 1, 1, 1, 1, 1]) / 100
# data/portfolio_bacon.csv of PerformanceAnalytics: monthly returns of a fund (C. Bacon, 2008).
BACON = [
    0.003, 0.026, 0.011, -0.010, 0.015, 0.025, 0.016, 0.067, -0.014, 0.040, -0.005, 0.081,
    0.040, -0.037, -0.061, 0.017, -0.049, -0.022, 0.070, 0.058, -0.065, 0.024, -0.005, -0.009,
]  # fmt: skip


def yearly(daily: float) -> float:
    """A rate a session as the yearly one that makes it."""
    return (1 + daily) ** 252 - 1


def test_volatility() -> None:
    assert risk.volatility(MIXED) == pytest.approx(0.9136465399704637, rel=1e-12)


@pytest.mark.parametrize(
    ("returns", "expected"),
    [(MIXED, 1.7238613961706866), (POSITIVE, 52.915026221291804), (NEGATIVE, -24.406808633910085)],
)
def test_sharpe(returns: list[float], expected: float) -> None:
    assert risk.sharpe_ratio(returns) == pytest.approx(expected, rel=1e-12)


def test_sortino() -> None:
    assert risk.sortino_ratio(MIXED) == pytest.approx(2.605531251673693, rel=1e-12)
    assert risk.sortino_ratio(MIXED, yearly(0.01)) == pytest.approx(-1.3934779588919977, rel=1e-12)
    assert risk.sortino_ratio(NEGATIVE) == pytest.approx(-13.532743075043401, rel=1e-12)
    assert math.isnan(risk.sortino_ratio(POSITIVE))


def test_downside_deviation_of_a_fund() -> None:
    """DownsideDeviation(portfolio_bacon, MAR = 0.005) is 0.0255: over all n."""
    excess = np.mean(BACON) - 0.005
    assert excess / risk.sortino_ratio(BACON, yearly(0.005)) * math.sqrt(252) == pytest.approx(0.0255, abs=5e-5)


def test_alpha_and_beta() -> None:
    assert risk.alpha(MIXED, NEGATIVE) == pytest.approx(-0.9997853834885004, rel=1e-12)
    assert risk.beta(MIXED, NEGATIVE) == pytest.approx(-0.71296296296296313, rel=1e-12)
    assert risk.alpha(MIXED, POSITIVE) == pytest.approx(0.432961242076658, rel=1e-12)
    assert (risk.alpha(MIXED, MIXED), risk.beta(MIXED, -MIXED)) == pytest.approx((0.0, -1.0))


def test_wild_returns_have_no_alpha() -> None:
    """A year of a mean gain of tenfold a day is no number, nor is one of losing more than everything."""
    other = [0.01, -0.01, 0.02]
    assert math.isnan(risk.alpha([30.0, 20.0, 10.0], other))
    assert math.isnan(risk.alpha([-5.0, -4.0, -6.0], other))


def test_drawdowns() -> None:
    falls = [risk.max_drawdown(returns) for returns in (MIXED, NEGATIVE, POSITIVE, [0.1, -0.1, 0.1])]
    assert falls == pytest.approx([-0.1, -0.36590730349873, 0.0, -0.1])


@pytest.mark.parametrize(
    ("returns", "cutoff", "expected"),
    [([1, 2], 0.0, 1.0), ([1, 2], 0.3, 1.3), ([1, 2], 1.0, 2.0), ([1, 81, 82, 83, 84, 85], 0.1, 41),
     ([1, 81, 82, 83, 84, 85], 0.2, 81), ([1, 81, 82, 83, 84, 85], 0.3, 81.5)],
)  # fmt: skip
def test_value_at_risk(returns: list[float], cutoff: float, expected: float) -> None:
    assert risk.value_at_risk(returns, 1 - cutoff) == pytest.approx(expected)
