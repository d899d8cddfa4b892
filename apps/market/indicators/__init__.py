"""Indicators over closes: numbers in, numbers out."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from apps.market.columns import Days, Floats


def split_divisors(days: Days, splits: Iterable[tuple[date, float]]) -> Floats:
    """What prices as traded (days ascending) are divided by to stand in the units of the last day.

    Each day's is the product of the splits after it. A split is (first day in new units, new shares for one old);
    splits after the last day count for nothing.
    """
    divisors = np.ones(len(days))
    for on, ratio in splits:
        if len(days) and np.datetime64(on) <= days[-1]:
            divisors[days < np.datetime64(on)] *= ratio
    return divisors
