"""Closes of several instruments on the same days as one matrix, from which returns beside each other follow."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date

import numpy as np

from apps.portfolio.replay import Rate, Series
from apps.portfolio.risk import Floats


def close_matrix(series: Sequence[Series], rate: Rate, days: Sequence[date]) -> Floats:
    """What one unit of the last day was worth in base currency at each day's close: days x instruments.

    The last price known by then counts; before the first it is NaN. Splits are counted. Raises what `rate` raises.
    """
    if not series:
        return np.empty((len(days), 0))
    rates = {currency: [float(rate(currency, on)) for on in days] for currency in {one.currency for one in series}}
    return np.column_stack([_column(one, days) * rates[one.currency] for one in series])


def matrix_returns(closes: Floats) -> Floats:
    """Simple returns from each day to the next: one row less; NaN where a close is not known."""
    return np.asarray(closes[1:] / closes[:-1] - 1)


def _column(series: Series, days: Sequence[date]) -> Floats:
    """Prices in the units after the last split that counts, which is one not after the last day."""
    known = np.array([float(price) for price in series.prices])
    for split in series.splits:
        if days and split.on <= days[-1]:
            known[: bisect_left(series.days, split.on)] *= split.denominator / split.numerator
    places = np.array([bisect_right(series.days, on) - 1 for on in days], dtype=int)
    return np.where(places >= 0, known[places], np.nan) if len(known) else np.full(len(days), np.nan)
