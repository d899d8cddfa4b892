"""Rates and statistics in floats, by the plainest algorithm of their definition."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

YEAR = 252


def xirr(flows: Sequence[tuple[int, float]]) -> float | None:
    """The rate nearest zero at which payments (days since the first, amount) are worth nothing, by bisection."""

    def worth(power: float) -> float:
        return math.fsum(amount * math.exp(-power * days / 365) for days, amount in flows)

    if all(amount >= 0 for _, amount in flows):
        return -1.0  # nothing came back
    grid = [*(step / 50 for step in range(1, 1500)), *(float(step) for step in range(30, 700))]
    for near, far in zip([0.0, *grid], grid, strict=False):
        for sign in (1, -1):
            if worth(sign * near) * worth(sign * far) <= 0:
                return math.expm1(_bisect(worth, sign * near, sign * far))
    return None


def _bisect(worth, one: float, other: float) -> float:  # type: ignore[no-untyped-def]
    for _ in range(200):
        middle = (one + other) / 2
        if worth(one) * worth(middle) <= 0:
            other = middle
        else:
            one = middle
    return (one + other) / 2


def risk(returns: Sequence[float], risk_free: float) -> dict[str, float | None]:
    """Volatility, Sharpe, Sortino, value at risk and its tail of simple daily returns."""
    if len(returns) < 2:
        return {}
    free = (1 + risk_free) ** (1 / YEAR) - 1
    excess = [each - free for each in returns]
    spread = stdev(returns)
    downside = math.sqrt(fmean(min(each, 0.0) ** 2 for each in excess))
    figures: dict[str, float | None] = {"volatility": spread * math.sqrt(YEAR)}
    figures["sharpe"] = fmean(excess) / spread * math.sqrt(YEAR) if spread else None
    figures["sortino"] = fmean(excess) / downside * math.sqrt(YEAR) if downside else None
    for level in (95, 99):
        edge = quantile(returns, 1 - level / 100)
        figures[f"var_{level}"] = edge
        figures[f"cvar_{level}"] = fmean(each for each in returns if each <= edge + 1e-15)
    return figures


def quantile(values: Sequence[float], share: float) -> float:
    """Linear between the two nearest of the sorted values."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def drawdown(returns: Sequence[float]) -> float:
    """The deepest fall from a peak of wealth that starts at 1, negative."""
    wealth = peak = 1.0
    deepest = 0.0
    for each in returns:
        wealth *= 1 + each
        peak = max(peak, wealth)
        deepest = min(deepest, wealth / peak - 1)
    return deepest


def beta(own: Sequence[float], other: Sequence[float]) -> tuple[float | None, float | None]:
    """Slope on the other's returns and correlation with them."""
    if len(own) < 2:
        return None, None
    mine, theirs = fmean(own), fmean(other)
    both = math.fsum((a - mine) * (b - theirs) for a, b in zip(own, other, strict=True))
    apart = math.fsum((b - theirs) ** 2 for b in other)
    alone = math.fsum((a - mine) ** 2 for a in own)
    return (both / apart if apart else None), (both / math.sqrt(apart * alone) if apart and alone else None)
