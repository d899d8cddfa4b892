"""Indicators kept up bar by bar: one step for all instruments at once, whatever the length of their histories.

A state holds what the next bar needs and nothing else: Wilder's averages, exponential means, and the windows of the
moving ones. Seeds and alignment are TA-Lib's (docs of TA_RSI, TA_MACD, TA_ATR, TA_ADX, TA_STOCH); a window without
any movement is 50 where TA-Lib says 0. A column is an instrument.
"""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from apps.market.columns import Floats, Ints, Mask

RSI, ATR, ADX, EMA, BAND, STOCHASTIC, SLOW = 14, 14, 14, 20, 20, 14, 3
SMA = (20, 50, 200)
MACD_FAST, MACD_SLOW, MACD_SIGNAL = 12, 26, 9
WIDTH = 2.0  # of the bands, in population deviations
KEPT = max(SMA)
TINY = 1e-14  # TA-Lib's zero
TALL = {"sums": len(SMA), "closes": KEPT, "highs": STOCHASTIC, "lows": STOCHASTIC, "raw_k": SLOW, "slow_k": SLOW}


@dataclass(slots=True)
class Readings:
    """After the last bar of each instrument; NaN until defined. Prices in its currency, the others 0 to 100."""

    rsi: Floats
    sma20: Floats
    sma50: Floats
    sma200: Floats
    ema: Floats
    macd: Floats
    macd_signal: Floats
    band_low: Floats
    band_high: Floats
    atr: Floats
    adx: Floats
    stochastic_k: Floats
    stochastic_d: Floats
    obv: Floats


@dataclass(slots=True)
class State:
    """Of n instruments. The windows are rings with one place for all: `at` is where the last bar stands."""

    count: Ints
    high: Floats
    low: Floats
    close: Floats
    gain: Floats
    loss: Floats
    ema: Floats
    fast: Floats
    slow: Floats
    signal: Floats
    atr: Floats
    plus: Floats
    minus: Floats
    range: Floats
    adx: Floats
    obv: Floats
    sums: Floats  # of the closes, len(SMA) x n
    closes: Floats  # KEPT x n
    highs: Floats  # STOCHASTIC x n
    lows: Floats
    raw_k: Floats  # SLOW x n
    slow_k: Floats
    at: int = -1

    @classmethod
    def empty(cls, instruments: int) -> Self:
        """Before any bar."""
        arrays: dict[str, Any] = {
            field.name: np.zeros((TALL[field.name], instruments) if field.name in TALL else instruments)
            for field in fields(cls)
            if field.name not in {"count", "at"}
        }
        return cls(count=np.zeros(instruments, dtype="i8"), **arrays)

    def last(self, length: int) -> Floats:
        """The last closes, oldest first (length x n); zero before the first."""
        closes: Floats = self.closes[(self.at - np.arange(length)[::-1]) % KEPT]
        return closes

    def rsi(self) -> Floats:
        """After the last bar; NaN until defined."""
        both = self.gain + self.loss
        moved = both > TINY
        return _from(self.count, RSI + 1, np.where(moved, 100.0 * self.gain / np.where(moved, both, 1.0), 50.0))


def replayed(high: Floats, low: Floats, close: Floats, volume: Floats) -> tuple[State, Readings]:
    """From whole histories (bars x n, oldest first); what was not traded yet is NaN at the beginning.

    At least one bar. What `step` is held against is TA-Lib, not this: it takes the same steps.
    """
    state = State.empty(close.shape[1])
    for bar in zip(high[:-1], low[:-1], close[:-1], volume[:-1], strict=True):
        step(state, *bar)
    return state, step(state, high[-1], low[-1], close[-1], volume[-1])


def step(state: State, high: Floats, low: Floats, close: Floats, volume: Floats) -> Readings:
    """One more bar of every instrument: changes the state in place. NaN: its first bar is still to come."""
    traded = ~np.isnan(close)
    old, n = state.close, state.count + traded
    change = np.where(n > 1, close - old, 0.0)
    state.at += 1
    obv = state.obv + np.where(n == 1, volume, np.sign(change) * volume)
    _move_averages(state, n, change)
    state.count = n
    readings = Readings(
        rsi=state.rsi(),
        **_means(state, n, np.where(traded, close, 0.0)),
        **_macd(state, n, close),
        **_ranges(state, n, high, low),
        **_stochastic(state, n, high, low, close),
        obv=np.where(traded, obv, np.nan),
    )
    state.obv = np.where(traded, obv, 0.0)
    for name, values in (("high", high), ("low", low), ("close", close)):
        setattr(state, name, np.where(traded, values, 0.0))
    return readings


def _from(n: Ints, first: int, values: Floats) -> Floats:
    """Defined from that bar on, the first is 1."""
    return np.where(n >= first, values, np.nan)


def _wilder(mean: Floats, value: Floats, seen: Ints, length: int) -> Floats:
    """The sum of the first values, at the last of them their mean, then Wilder's; `seen` counts the values."""
    total = mean + value
    seeded = np.where(seen == length, total / length, (mean * (length - 1) + value) / length)
    return np.where(seen < 1, 0.0, np.where(seen < length, total, seeded))


def _move_averages(state: State, n: Ints, change: Floats) -> None:
    """Wilder's, of gains and of losses."""
    state.gain = _wilder(state.gain, np.maximum(change, 0.0), n - 1, RSI)
    state.loss = _wilder(state.loss, np.maximum(-change, 0.0), n - 1, RSI)


def _exponential(mean: Floats, value: Floats, seen: Ints, length: int) -> Floats:
    """The mean of the first values, then an exponential one; until then their sum."""
    total = mean + value
    moved = mean + (value - mean) * (2.0 / (length + 1))
    return np.where(seen < 1, 0.0, np.where(seen < length, total, np.where(seen == length, total / length, moved)))


def _means(state: State, n: Ints, close: Floats) -> dict[str, Floats]:
    """Simple and exponential means, and the bands around the first of them."""
    place = state.at % KEPT
    for row, length in enumerate(SMA):
        state.sums[row] += close - state.closes[(state.at - length) % KEPT]
    state.closes[place] = close
    state.ema = _exponential(state.ema, close, n, EMA)
    window = state.last(BAND)
    middle, deviation = window.mean(axis=0), window.std(axis=0)
    return {
        **{f"sma{length}": _from(n, length, state.sums[row] / length) for row, length in enumerate(SMA)},
        "ema": _from(n, EMA, state.ema),
        "band_low": _from(n, BAND, middle - WIDTH * deviation),
        "band_high": _from(n, BAND, middle + WIDTH * deviation),
    }


def _macd(state: State, n: Ints, close: Floats) -> dict[str, Floats]:
    """The fast mean begins with the slow one, from the closes just before it."""
    state.slow = _exponential(state.slow, np.nan_to_num(close), n, MACD_SLOW)
    begun = n == MACD_SLOW
    fast = state.fast + (np.nan_to_num(close) - state.fast) * (2.0 / (MACD_FAST + 1))
    state.fast = np.where(begun, state.last(MACD_FAST).mean(axis=0), np.where(n > MACD_SLOW, fast, 0.0))
    line = np.where(n >= MACD_SLOW, state.fast - state.slow, 0.0)
    state.signal = _exponential(state.signal, line, n - MACD_SLOW + 1, MACD_SIGNAL)
    first = MACD_SLOW + MACD_SIGNAL - 1
    return {"macd": _from(n, first, line), "macd_signal": _from(n, first, state.signal)}


def _ranges(state: State, n: Ints, high: Floats, low: Floats) -> dict[str, Floats]:
    """True range, and Wilder's directional movement in it."""
    later = n > 1
    reach = np.maximum(high, state.close) - np.minimum(low, state.close)
    reach = np.where(later, reach, 0.0)
    state.atr = _wilder(state.atr, reach, n - 1, ATR)
    rise, fall = np.where(later, high - state.high, 0.0), np.where(later, state.low - low, 0.0)
    plus = np.where((rise > 0) & (rise > fall), rise, 0.0)
    minus = np.where((fall > 0) & (fall > rise), fall, 0.0)
    kept = np.where(n > ADX, 1.0 - 1.0 / ADX, 1.0)  # sums first, then Wilder's running sums
    state.plus, state.minus = state.plus * kept + plus, state.minus * kept + minus
    state.range = state.range * kept + reach
    state.adx = _adx(state, n)
    return {"atr": _from(n, ATR + 1, state.atr), "adx": _from(n, 2 * ADX, state.adx)}


def _adx(state: State, n: Ints) -> Floats:
    """The mean of the first directional indices, then Wilder's; a bar without any range leaves it as it is."""
    moves: Mask = (state.range > TINY) & (state.plus + state.minus > TINY * state.range)
    both = np.where(moves, state.plus + state.minus, 1.0)
    index = np.where(moves, 100.0 * np.abs(state.plus - state.minus) / both, 0.0)
    after = np.where(moves, (state.adx * (ADX - 1) + index) / ADX, state.adx)
    total = state.adx + index
    summed = np.where(n == 2 * ADX, total / ADX, np.where(n > ADX, total, 0.0))
    return np.where(n > 2 * ADX, after, summed)


def _stochastic(state: State, n: Ints, high: Floats, low: Floats, close: Floats) -> dict[str, Floats]:
    """Where the close lies in the range of the window, smoothed twice."""
    place = state.at % STOCHASTIC
    state.highs[place], state.lows[place] = high, low
    top, bottom = state.highs.max(axis=0), state.lows.min(axis=0)
    spread = top - bottom
    moved = spread > 0
    raw = np.where(moved, 100.0 * (close - bottom) / np.where(moved, spread, 1.0), 50.0)
    state.raw_k[state.at % SLOW] = raw
    state.slow_k[state.at % SLOW] = state.raw_k.mean(axis=0)
    first = STOCHASTIC + 2 * (SLOW - 1)
    return {
        "stochastic_k": _from(n, first, state.slow_k[state.at % SLOW]),
        "stochastic_d": _from(n, first, state.slow_k.mean(axis=0)),
    }
