"""Indicators over closes: numbers in, numbers out."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import talib

from apps.market.columns import Floats


def split_adjusted(days: Sequence[date], closes: Sequence[float], splits: Sequence[tuple[date, float]]) -> list[float]:
    """Raw closes (oldest first) in the units of the last day: each is divided by the splits after its own day.

    A split is (first day in new units, new shares for one old). Splits after the last day count for nothing.
    """
    relevant = sorted((on, ratio) for on, ratio in splits if days and on <= days[-1])
    adjusted, divisor = [], 1.0
    for on, close in zip(reversed(days), reversed(closes), strict=True):
        while relevant and relevant[-1][0] > on:
            divisor *= relevant.pop()[1]
        adjusted.append(close / divisor)
    return adjusted[::-1]


def rsi(closes: Sequence[float] | Floats, length: int = 14) -> float | None:
    """Wilder's relative strength index after the last close, 0 to 100; a flat window is 50.

    Seeded with the mean of the first `length` changes (TA-Lib's RSI). None with `length` closes or fewer.
    """
    if len(closes) <= length:
        return None
    values = np.asarray(closes, dtype="f8")
    if (values == values[0]).all():
        return 50.0
    return float(talib.RSI(values, length)[-1])
