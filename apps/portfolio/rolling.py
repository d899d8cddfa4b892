"""Statistics over a window that rolls along simple daily returns; definitions as in `risk`, NaN until it is full."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from apps.portfolio.risk import SESSIONS, Floats, daily_rate

QUARTER = 63


def rolling_volatility(returns: ArrayLike, window: int = QUARTER) -> Floats:
    """Sample standard deviation of the last `window` returns per year; as long as the returns."""
    values = np.asarray(returns, "f8")
    return _filled(values, window, _windows(values, window).std(axis=1, ddof=1) * math.sqrt(SESSIONS))


def rolling_sharpe(returns: ArrayLike, risk_free: float = 0.0, window: int = QUARTER) -> Floats:
    """Mean excess over its sample deviation, per year; NaN where the window is flat."""
    excess = np.asarray(returns, "f8") - daily_rate(risk_free)
    seen = _windows(excess, window)
    return _filled(excess, window, _over(seen.mean(axis=1), seen.std(axis=1, ddof=1)) * math.sqrt(SESSIONS))


def rolling_beta(returns: ArrayLike, benchmark: ArrayLike, window: int = QUARTER) -> Floats:
    """Covariance over the benchmark's variance; NaN where the benchmark is flat or not known."""
    mine, other = np.asarray(returns, "f8"), np.asarray(benchmark, "f8")
    if mine.shape != other.shape:
        raise ValueError("returns and benchmark differ in length")
    ours, theirs = _windows(mine, window), _windows(other, window)
    ours, theirs = ours - ours.mean(axis=1, keepdims=True), theirs - theirs.mean(axis=1, keepdims=True)
    return _filled(mine, window, _over((ours * theirs).sum(axis=1), (theirs**2).sum(axis=1)))


def _windows(values: Floats, window: int) -> Floats:
    if window < 2:
        raise ValueError("a window has two returns or more")
    return sliding_window_view(values, window) if len(values) >= window else np.empty((0, window))


def _filled(values: Floats, window: int, found: Floats) -> Floats:
    whole = np.full(len(values), math.nan)
    whole[window - 1 :] = found if len(values) >= window else math.nan
    return whole


def _over(parts: Floats, spread: Floats) -> Floats:
    """What is no more than the rounding of equal numbers is no spread."""
    return np.asarray(np.divide(parts, spread, out=np.full(len(parts), math.nan), where=spread > 1e-15))
