"""Rules over closed bars that turn indicators into a state; a state, never advice."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MIN_CLOSES = 15
RSI_LOW, RSI_HIGH = 30.0, 70.0
FAST, SLOW = 20, 50


class State(StrEnum):
    """What the rules see in an instrument's closed sessions."""

    NO_DATA = "no_data"
    OVERSOLD = "oversold"
    OVERBOUGHT = "overbought"
    TREND_UP = "trend_up"
    TREND_DOWN = "trend_down"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Signal:
    """A state with the rule that made it, in words."""

    state: State
    reason: str


def signal(closes: Sequence[float], rsi: float | None) -> Signal:
    """State from split-adjusted closes (oldest first) and the RSI(14) after the last of them.

    RSI outside 30..70 wins; else SMA(20) against SMA(50) with the close on the same side; below 50 closes neutral.
    Fewer than 15 closes, or no RSI: no data.
    """
    if len(closes) < MIN_CLOSES or rsi is None or math.isnan(rsi):
        return Signal(State.NO_DATA, f"{len(closes)} of {MIN_CLOSES} closes needed")
    if rsi < RSI_LOW:
        return Signal(State.OVERSOLD, f"RSI {rsi:.0f} (rule: below {RSI_LOW:.0f})")
    if rsi > RSI_HIGH:
        return Signal(State.OVERBOUGHT, f"RSI {rsi:.0f} (rule: above {RSI_HIGH:.0f})")
    return _trend(closes, rsi)


def _trend(closes: Sequence[float], rsi: float) -> Signal:
    if len(closes) < SLOW:
        return Signal(
            State.NEUTRAL,
            f"RSI {rsi:.0f}; {len(closes)} of {SLOW} closes for a trend",
        )
    fast, slow, last = _mean(closes[-FAST:]), _mean(closes[-SLOW:]), closes[-1]
    if last > fast > slow:
        return Signal(State.TREND_UP, f"Close above SMA {FAST}, SMA {FAST} above SMA {SLOW}")
    if last < fast < slow:
        return Signal(
            State.TREND_DOWN,
            f"Close below SMA {FAST}, SMA {FAST} below SMA {SLOW}",
        )
    return Signal(State.NEUTRAL, f"RSI {rsi:.0f}; averages without a common direction")


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
