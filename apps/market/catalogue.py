"""The indicator catalogue of pandas-ta: four seconds and 150 MB to import, so it is loaded in the worker alone."""

from apps.market.columns import Floats


def rsi(closes: Floats, length: int = 14) -> float | None:
    """pandas-ta's RSI after the last close (0 to 100), computed by TA-Lib; None with `length` closes or fewer."""
    if len(closes) <= length:
        return None
    import pandas as pd
    import pandas_ta

    return float(pandas_ta.rsi(pd.Series(closes, dtype="float64"), length=length, talib=True).iloc[-1])
