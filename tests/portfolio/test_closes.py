# Golden answers: closes around a split, worked by hand.
"""Closes of several instruments beside each other: the last one known, splits and currencies counted."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from apps.portfolio.closes import close_matrix, matrix_returns
from apps.portfolio.holdings import price_return
from apps.portfolio.replay import Series
from apps.portfolio.splits import Split

DAYS = [date(2024, 1, day) for day in (1, 2, 3, 4)]
SPLIT = Split(date(2024, 1, 3), 2, 1)
A = Series("USD", DAYS, [Decimal(price) for price in (100, 110, 55, 44)], [SPLIT, Split(date(2024, 2, 1), 5, 1)])
B = Series("EUR", [DAYS[1]], [Decimal(10)])


def rate(currency: str, on: date) -> Decimal:
    return Decimal(on.day) if currency == "EUR" else Decimal(1)


def test_a_split_is_no_fall() -> None:
    found = close_matrix([A, B], rate, DAYS)
    assert found[:, 0].tolist() == [50, 55, 55, 44]
    assert np.isnan(found[0, 1])
    assert found[1:, 1].tolist() == [20, 30, 40]


def test_returns_are_those_of_single_prices() -> None:
    found = matrix_returns(close_matrix([A, B], rate, DAYS))
    for place, (start, end) in enumerate(pairwise(DAYS)):
        assert found[place] == pytest.approx([price_return(one, rate, start, end) for one in (A, B)], nan_ok=True)


def test_nothing_held_and_nothing_known() -> None:
    assert close_matrix([], rate, DAYS).shape == (4, 0)
    assert np.isnan(close_matrix([Series("USD")], rate, DAYS)).all()
    assert close_matrix([A], rate, []).shape == (0, 1)
