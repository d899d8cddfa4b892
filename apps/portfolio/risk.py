"""Risk of a series of simple daily returns. Ratios: 0.05 is 5 %; per year means 252 sessions; NaN days are dropped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

SESSIONS = 252

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall of a wealth curve: a fraction (negative), and its days; not recovered yet is None."""

    depth: float
    peak_on: date | None
    trough_on: date | None
    recovered_on: date | None


def volatility(returns: ArrayLike) -> float:
    """Sample standard deviation per year; NaN below two returns."""
    known = _known(returns)
    return float(known.std(ddof=1) * math.sqrt(SESSIONS)) if len(known) > 1 else math.nan


def sharpe_ratio(returns: ArrayLike, risk_free: float = 0.0) -> float:
    """Mean excess return over its sample deviation, per year; `risk_free` is yearly. NaN below two or if flat."""
    excess = _known(returns) - daily_rate(risk_free)
    deviation = excess.std(ddof=1) if len(excess) > 1 else 0.0
    return float(excess.mean() / deviation * math.sqrt(SESSIONS)) if _is_spread(deviation, excess) else math.nan


def sortino_ratio(returns: ArrayLike, risk_free: float = 0.0) -> float:
    """As Sharpe's, over the downside deviation, whose mean is taken over all returns. NaN without a loss."""
    excess = _known(returns) - daily_rate(risk_free)
    if len(excess) < 2:
        return math.nan
    downside = math.sqrt(float((np.minimum(excess, 0) ** 2).mean()))
    return float(excess.mean() / downside * math.sqrt(SESSIONS)) if downside else math.nan


def beta(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Covariance with the benchmark over its variance, on days that both know; NaN below two or for a flat one."""
    mine, other = _aligned(returns, benchmark)
    spread = other.var(ddof=1) if len(other) > 1 else 0.0
    return float(np.cov(mine, other, ddof=1)[0, 1] / spread) if _is_spread(math.sqrt(spread), other) else math.nan


def correlation(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Pearson's, on days that both know; NaN below two or where one is flat."""
    mine, other = _aligned(returns, benchmark)
    if len(mine) < 2 or not (_is_spread(mine.std(), mine) and _is_spread(other.std(), other)):
        return math.nan
    return float(np.corrcoef(mine, other)[0, 1])


def alpha(returns: ArrayLike, benchmark: ArrayLike, risk_free: float = 0.0) -> float:
    """Jensen's, compounded to a year: `(1 + mean(r - rf - beta (b - rf))) ** 252 - 1`.

    NaN where beta is, for a mean loss of everything a day, and where a year of it is no number.
    """
    mine, other = _aligned(returns, benchmark)
    rate = daily_rate(risk_free)
    daily = (mine - rate).mean() - beta(mine, other) * (other - rate).mean() if len(mine) > 1 else math.nan
    with np.errstate(over="ignore"):
        yearly = float(np.float64(1 + daily) ** SESSIONS - 1)
    return yearly if daily > -1 and math.isfinite(yearly) else math.nan


def tracking_error(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Volatility of the difference, on days that both know."""
    mine, other = _aligned(returns, benchmark)
    return volatility(mine - other)


def wealth_curve(returns: ArrayLike) -> Floats:
    """What one becomes: 1 before the first return, then after each; one longer than the returns."""
    return np.concatenate([[1.0], np.cumprod(1 + _known(returns))])


def drawdowns(returns: ArrayLike) -> Floats:
    """After each return, how far the curve lies below its highest point so far; 0 or negative."""
    curve = wealth_curve(returns)
    return np.asarray(curve / np.maximum.accumulate(curve) - 1)[1:]


def max_drawdown(returns: ArrayLike) -> float:
    """The deepest of them; 0 for none."""
    return float(drawdowns(returns).min(initial=0.0))


def deepest_drawdown(returns: ArrayLike, days: Sequence[date], opened: date) -> Drawdown:
    """The first of `drawdown_episodes`; of no depth and without days where nothing fell."""
    return next(iter(drawdown_episodes(returns, days, opened)), Drawdown(0.0, None, None, None))


def drawdown_episodes(returns: ArrayLike, days: Sequence[date], opened: date) -> list[Drawdown]:
    """Every fall from a highest point until that was reached again, the deepest first.

    `opened` is the day before the first return; a NaN has no day. The peak is the last day at the highest point.
    """
    values = np.asarray(returns, "f8")
    known = [opened, *(day for day, value in zip(days, values, strict=True) if not math.isnan(value))]
    depths = np.concatenate([[0.0], drawdowns(values), [0.0]])
    tops = np.flatnonzero(depths == 0)
    found = []
    for top, end in pairwise(tops.tolist()):
        if end - top > 1:
            trough = top + int(depths[top : end + 1].argmin())
            recovered = known[end] if end < len(known) else None
            found.append(Drawdown(float(depths[trough]), known[top], known[trough], recovered))
    return sorted(found, key=lambda one: one.depth)


def value_at_risk(returns: ArrayLike, level: float = 0.95) -> float:
    """Historical: the return that is undercut on `1 - level` of days (linear interpolation), signed; NaN for none."""
    known = _known(returns)
    return float(np.quantile(known, 1 - level)) if len(known) else math.nan


def expected_shortfall(returns: ArrayLike, level: float = 0.95) -> float:
    """The mean of the returns at or below the value at risk (CVaR), signed; NaN for none."""
    known = _known(returns)
    return float(known[known <= value_at_risk(known, level)].mean()) if len(known) else math.nan


def risk_contributions(weights: ArrayLike, returns: ArrayLike) -> Floats:
    """Weight times marginal risk of each column of `returns` (days x instruments), per year: sums to the portfolio's.

    Days on which an instrument is not known are dropped for all. NaN below two days.
    """
    held, matrix = np.asarray(weights, "f8"), np.asarray(returns, "f8")
    known = matrix[~np.isnan(matrix).any(axis=1)]
    if len(known) < 2:
        return np.full(len(held), math.nan)
    covariance = np.atleast_2d(np.cov(known, rowvar=False, ddof=1)) * SESSIONS
    total = math.sqrt(float(held @ covariance @ held))
    return np.asarray(held * (covariance @ held) / total) if total else np.zeros(len(held))


def correlations(returns: ArrayLike) -> Floats:
    """Pearson's of each pair of columns (days x instruments) on the days that both know; NaN where one is flat."""
    matrix = np.asarray(returns, "f8")
    count = matrix.shape[1]
    found = np.eye(count)
    for one in range(count):
        for other in range(one):
            found[one, other] = found[other, one] = correlation(matrix[:, one], matrix[:, other])
    return found


def daily_rate(yearly: float) -> float:
    """What a yearly rate is a session: `(1 + r) ** (1 / 252) - 1`."""
    return float((1 + yearly) ** (1 / SESSIONS) - 1)


def _known(values: ArrayLike) -> Floats:
    found = np.asarray(values, "f8")
    return np.asarray(found[~np.isnan(found)])


def _aligned(returns: ArrayLike, benchmark: ArrayLike) -> tuple[Floats, Floats]:
    mine, other = np.asarray(returns, "f8"), np.asarray(benchmark, "f8")
    if mine.shape != other.shape:
        raise ValueError("returns and benchmark differ in length")
    both = ~(np.isnan(mine) | np.isnan(other))
    return mine[both], other[both]


def _is_spread(deviation: float, values: Floats) -> bool:
    """Whether a deviation is more than the rounding of equal numbers."""
    return bool(deviation > 1e-12 * max(1e-3, float(np.abs(values).max(initial=0.0))))
