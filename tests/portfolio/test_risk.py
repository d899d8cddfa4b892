# Golden answers: worked by hand from the definitions of risk, and by numpy's own covariance and quantiles.
"""Risk: drawdowns with their days, correlations, contributions and what rolls along."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio import risk, rolling

FIRST = date(2024, 1, 1)
RETURNS = st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=60)
# 1 -> 1.10 -> 0.99 -> 1.0395 -> 1.1434 -> 0.97193 -> 0.97193: fell 10 %, made up; fell 15 %, still open.
HAND = [0.10, -0.10, 0.05, 0.10, -0.15, 0.0]


def days(count: int) -> list[date]:
    return [FIRST + timedelta(days=place + 1) for place in range(count)]


def test_two_falls_by_hand() -> None:
    deep, shallow = risk.drawdown_episodes(HAND, days(6), FIRST)
    assert deep.depth == pytest.approx(-0.15)
    assert (deep.peak_on, deep.trough_on, deep.recovered_on) == (date(2024, 1, 5), date(2024, 1, 6), None)
    assert shallow.depth == pytest.approx(-0.10)
    assert (shallow.peak_on, shallow.trough_on) == (date(2024, 1, 2), date(2024, 1, 3))
    assert shallow.recovered_on == date(2024, 1, 5)


def test_what_only_rises_has_no_fall() -> None:
    assert risk.drawdown_episodes([0.1, 0.0, 0.2], days(3), FIRST) == []
    assert risk.deepest_drawdown([0.1], days(1), FIRST) == risk.Drawdown(0.0, None, None, None)
    assert risk.drawdown_episodes([], [], FIRST) == []


def test_an_unknown_return_has_no_day() -> None:
    (fall,) = risk.drawdown_episodes([math.nan, -0.5, math.nan, 1.5], days(4), FIRST)
    assert (fall.peak_on, fall.trough_on, fall.recovered_on) == (FIRST, date(2024, 1, 3), date(2024, 1, 5))


@given(RETURNS)
def test_the_deepest_fall_is_the_first(returns: list[float]) -> None:
    falls = risk.drawdown_episodes(returns, days(len(returns)), FIRST)
    assert min((fall.depth for fall in falls), default=0.0) == risk.max_drawdown(returns)
    assert falls == sorted(falls, key=lambda fall: fall.depth)


def test_correlations_are_pearsons() -> None:
    columns = np.random.default_rng(7).normal(0, 0.01, (40, 3))
    assert risk.correlations(columns) == pytest.approx(np.corrcoef(columns, rowvar=False))


def test_a_flat_column_correlates_with_nothing() -> None:
    found = risk.correlations([[0.01, 0.0], [0.02, 0.0], [-0.01, 0.0]])
    assert found[0, 0] == found[1, 1] == 1
    assert math.isnan(found[0, 1])


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.integers(0, 99))
def test_contributions_sum_to_the_volatility_of_the_mix(weights: list[float], seed: int) -> None:
    columns = np.random.default_rng(seed).normal(0, 0.01, (30, 3))
    parts = risk.risk_contributions(weights, columns)
    assert parts.sum() == pytest.approx(risk.volatility(columns @ np.array(weights)), abs=1e-12)


def test_one_day_or_a_flat_book_contributes_nothing() -> None:
    assert np.isnan(risk.risk_contributions([1.0], [[0.1]])).all()
    assert risk.risk_contributions([1.0], [[0.1], [0.1]]).tolist() == [0.0]


def test_beta_alpha_and_tracking_by_hand() -> None:
    """Twice the benchmark and 0.1 % a day: beta 2, alpha 1.001 ** 252 - 1."""
    other = np.array([0.01, -0.02, 0.015, 0.0])
    mine = 2 * other + 0.001
    assert risk.beta(mine, other) == pytest.approx(2)
    assert risk.alpha(mine, other) == pytest.approx(1.001**252 - 1)
    assert risk.correlation(mine, other) == pytest.approx(1)
    assert risk.tracking_error(mine, other) == pytest.approx(risk.volatility(other))
    with pytest.raises(ValueError, match="length"):
        risk.beta([0.1], [0.1, 0.2])


def test_ratios_by_hand() -> None:
    """Mean 0.01, sample deviation 0.02, downside root of (0.01 ** 2) / 3."""
    returns = [0.03, 0.01, -0.01]
    assert risk.volatility(returns) == pytest.approx(0.02 * math.sqrt(252))
    assert risk.sharpe_ratio(returns) == pytest.approx(0.5 * math.sqrt(252))
    assert risk.sortino_ratio(returns) == pytest.approx(0.01 / math.sqrt(0.0001 / 3) * math.sqrt(252))
    assert risk.sharpe_ratio([0.01, 0.01], 0.02) != risk.sharpe_ratio(returns, 0.02)
    assert risk.daily_rate(0.05) == pytest.approx(1.05 ** (1 / 252) - 1)


def test_tails_by_hand() -> None:
    """101 returns from -50 to 50 per mille: 5 % of them lie below -45, 1 % below -49."""
    returns = [place / 1000 for place in range(-50, 51)]
    assert risk.value_at_risk(returns) == pytest.approx(-0.045)
    assert risk.value_at_risk(returns, 0.99) == pytest.approx(-0.049)
    assert risk.expected_shortfall(returns) == pytest.approx(-0.0475)
    assert risk.expected_shortfall(returns, 0.99) == pytest.approx(-0.0495)


@pytest.mark.parametrize("figure", [risk.volatility, risk.sharpe_ratio, risk.sortino_ratio])
def test_one_return_is_too_few(figure: object) -> None:
    assert callable(figure)
    assert math.isnan(figure([0.01]))


def test_nothing_has_no_tail_and_no_beta() -> None:
    assert math.isnan(risk.value_at_risk([]))
    assert math.isnan(risk.expected_shortfall([]))
    assert math.isnan(risk.alpha([0.01], [0.01]))
    assert math.isnan(risk.beta([0.01, 0.02], [0.01, 0.01]))
    assert math.isnan(risk.correlation([0.01], [0.01]))
    assert math.isnan(risk.sortino_ratio([0.01, 0.02]))


@given(st.lists(st.floats(-0.2, 0.2), min_size=5, max_size=40), st.integers(2, 5))
def test_a_window_says_what_its_returns_say(returns: list[float], window: int) -> None:
    last, bench = returns[-window:], [value * 0.5 + 0.001 * (place % 3) for place, value in enumerate(returns)]
    assert rolling.rolling_volatility(returns, window)[-1] == pytest.approx(risk.volatility(last), abs=1e-12)
    sharpe, beta = rolling.rolling_sharpe(returns, 0.01, window), rolling.rolling_beta(returns, bench, window)
    for found, whole in ((sharpe[-1], risk.sharpe_ratio(last, 0.01)), (beta[-1], risk.beta(last, bench[-window:]))):
        assert math.isnan(whole) or found == pytest.approx(whole, rel=1e-6, abs=1e-6)


def test_a_window_is_unknown_until_it_is_full() -> None:
    assert np.isnan(rolling.rolling_volatility([0.1, 0.2, 0.3], 3)).tolist() == [True, True, False]
    assert np.isnan(rolling.rolling_sharpe([0.1], 0.0, 3)).all()
    assert np.isnan(rolling.rolling_beta([0.1, 0.2], [math.nan, 0.1], 2)).all()


def test_windows_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="two returns"):
        rolling.rolling_volatility([0.1, 0.2], 1)
    with pytest.raises(ValueError, match="length"):
        rolling.rolling_beta([0.1, 0.2], [0.1], 2)
