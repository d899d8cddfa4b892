"""Indicators over closes: numbers in, numbers out."""

from collections.abc import Sequence
from datetime import date


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


def rsi(closes: Sequence[float], length: int = 14) -> float | None:
    """Wilder's relative strength index after the last close, 0 to 100; a flat window is 50.

    Seeded with the mean of the first `length` changes, as TA-Lib. None with `length` closes or fewer.
    """
    if len(closes) <= length:
        return None
    if len(set(closes)) == 1:
        return 50.0
    import pandas as pd  # with pandas-ta four seconds and 150 MB: only in the worker
    import pandas_ta

    return float(pandas_ta.rsi(pd.Series(closes, dtype="float64"), length=length, talib=True).iloc[-1])
