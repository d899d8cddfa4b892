# Golden answers: published time-weighted examples of Portfolio Performance, recomputed by hand.
"""Returns: golden answers and the rules of flows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.performance import daily_returns, linked_return, wealth_index, yearly_return


def test_golden_time_weighted_over_two_years() -> None:
    parts = [160.26 / 177.94 - 1, 264.57 / 244.26 - 1, 426.82 / 331.57 - 1]
    assert round(linked_return(parts), 4) == 0.2558


def test_golden_return_per_year() -> None:
    assert round(yearly_return(0.30, 730), 4) == 0.1402
    assert round(yearly_return(105 / 77.50 - 1, 817), 4) == 0.1453


def test_a_purchase_is_no_return() -> None:
    assert daily_returns([100, 200], [0, 100], [0, 0]) == [0]


def test_a_sale_is_no_return() -> None:
    assert daily_returns([100, 40], [0, 0], [0, 60]) == [0]


def test_a_day_without_capital_returns_nothing() -> None:
    assert daily_returns([0, 0], [0, 0], [0, 0]) == [0]


def test_flows_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        daily_returns([1, 2], [0], [0, 0])


def test_no_days_have_no_yearly_return() -> None:
    assert math.isnan(yearly_return(0.1, 0))


def test_more_than_a_total_loss_has_no_yearly_return() -> None:
    assert math.isnan(yearly_return(-1.5, 400))


@given(st.lists(st.floats(-0.5, 0.5), max_size=40))
def test_the_index_ends_at_the_linked_return(returns: list[float]) -> None:
    assert math.isclose(wealth_index(returns)[-1], 100 * (1 + linked_return(returns)), rel_tol=1e-9)


@given(st.lists(st.floats(1, 1e6), min_size=2, max_size=30))
def test_without_flows_only_the_ends_count(values: list[float]) -> None:
    flat = [0.0] * len(values)
    assert math.isclose(linked_return(daily_returns(values, flat, flat)), values[-1] / values[0] - 1, abs_tol=1e-9)
