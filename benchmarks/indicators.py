"""Latest indicators after one new bar: one step for all instruments, beside pandas-ta one instrument at a time."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from apps.market.columns import Floats
from apps.market.indicators.running import Readings, replayed, step
from benchmarks.measure import Goal, Measure, alternate, without_collector

INSTRUMENTS, BARS, SAMPLE, ROUNDS = 7_000, 300, 20, 5
EXACT = 1e-9

type Columns = tuple[Floats, Floats, Floats, Floats]


def incremental() -> Iterator[Measure]:
    """All of the house's indicators; the two agree to 1e-9 or nothing is measured."""
    columns = _walks()
    state, _ = replayed(*(column[:-1] for column in columns))
    new = [column[-1] for column in columns]
    ours = step(state, *new)
    frames = [_frame(columns, place) for place in range(SAMPLE)]
    for place, frame in enumerate(frames):
        for name, value in _by_pandas_ta(frame).items():
            mine = getattr(ours, name)[place]
            assert abs(mine - value) <= EXACT * max(1.0, abs(value)), f"{name} of {place}: {mine} and {value}"
    with without_collector():
        mine, theirs = alternate([_timed(lambda: step(state, *new)), _timed(lambda: _all(frames))], ROUNDS)
    a_symbol = min(theirs) / SAMPLE
    text = f"{INSTRUMENTS:,} x pandas-ta (by TA-Lib) a symbol, {BARS} bars, {len(Readings.__slots__)} readings"
    peer = f"{text}, from {SAMPLE} symbols; equal to {EXACT:g}"
    value, against = 1000 * sorted(mine)[len(mine) // 2], 1000 * a_symbol * INSTRUMENTS
    yield Measure("indicators.incremental", value, "ms", against, peer, Goal("ratio", "<=", 1 / 1000))


def _walks() -> Columns:
    """High, low, close and volume (bars x instruments), rounded as prices are."""
    chance = np.random.default_rng(2026)
    shape = (BARS, INSTRUMENTS)
    close = np.round(100 * np.exp(np.cumsum(chance.normal(0, 0.02, shape), axis=0)), 4)
    high = np.round(close * (1 + chance.uniform(0, 0.02, shape)), 4)
    low = np.round(close * (1 - chance.uniform(0, 0.02, shape)), 4)
    return high, low, close, chance.integers(0, 10**7, shape).astype("f8")


def _frame(columns: Columns, place: int) -> Any:
    import pandas as pd

    return pd.DataFrame(dict(zip(("high", "low", "close", "volume"), (one[:, place] for one in columns), strict=True)))


def _all(frames: list[Any]) -> list[dict[str, float]]:
    return [_by_pandas_ta(frame) for frame in frames]


def _by_pandas_ta(bars: Any) -> dict[str, float]:
    """Its own functions, told to use TA-Lib; ADX and the stochastic, which it computes otherwise, by TA-Lib itself."""
    import pandas_ta as ta
    import talib
    from talib._ta_lib import MA_Type

    high, low, close = bars["high"], bars["low"], bars["close"]
    macd = ta.macd(close, talib=True)
    bands = ta.bbands(close, length=20, lower_std=2.0, upper_std=2.0, ddof=0, talib=True)
    k, d = talib.STOCH(high, low, close, 14, 3, MA_Type.SMA, 3, MA_Type.SMA)
    series: dict[str, Any] = {
        "rsi": ta.rsi(close, talib=True), "ema": ta.ema(close, length=20, talib=True),
        **{f"sma{length}": ta.sma(close, length=length, talib=True) for length in (20, 50, 200)},
        "macd": macd.iloc[:, 0], "macd_signal": macd.iloc[:, 2],
        "band_low": bands.iloc[:, 0], "band_high": bands.iloc[:, 2],
        "atr": ta.atr(high, low, close, length=14, talib=True), "adx": talib.ADX(high, low, close),
        "stochastic_k": k, "stochastic_d": d, "obv": ta.obv(close, bars["volume"], talib=True),
    }  # fmt: skip
    return {name: float(values.iloc[-1]) for name, values in series.items()}


def _timed(way: Callable[[], object]) -> Callable[[], float]:
    def run() -> float:
        start = time.perf_counter()
        way()
        return time.perf_counter() - start

    return run


BENCHMARKS = {"indicators.incremental": incremental}
