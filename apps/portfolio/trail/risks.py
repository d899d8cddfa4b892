"""Trails of risk: the returns of sessions, one by one with their days, and what statistics make of them."""

import math
from collections.abc import Sequence
from datetime import date

import numpy as np

from apps.portfolio.risk import SESSIONS, daily_rate, deepest_drawdown, value_at_risk
from apps.portfolio.trail.tree import RATIO, SHARE, Kind, Op, Source, Step, constant, given, step

type Returns = Sequence[tuple[date, date, float]]  # the day that it begins after, its own, the return


def session_returns(returns: Returns, query: str = "") -> list[Step]:
    """Each as an input whose own trail is the return between the two days; `query` goes on to it."""
    return [_return(begun, on, value, query) for begun, on, value in returns if not math.isnan(value)]


def volatility(ours: Sequence[Step]) -> Step:
    """Sample standard deviation, per year."""
    words = "Sample standard deviation of daily returns, times the root of 252."
    return _yearly("Volatility", step("Deviation", Op.DEVIATION, ours, RATIO), SHARE, words)


def sharpe(ours: Sequence[Step], risk_free: float = 0.0) -> Step:
    """Mean excess over its deviation, per year."""
    ratio = step("Mean over deviation", Op.OVER, [_excess(ours, risk_free), _deviation(ours)], RATIO)
    return _yearly("Sharpe ratio", ratio, RATIO, "Mean excess return over its sample deviation, times the root of 252.")


def sortino(ours: Sequence[Step], risk_free: float = 0.0) -> Step:
    """Mean excess over the downside deviation of all days, per year."""
    excess = ours if not risk_free else [_without(one, risk_free) for one in ours]
    parts = [_excess(ours, risk_free), step("Downside deviation", Op.DOWNSIDE, excess, RATIO)]
    words = "Mean excess over the downside deviation of all days, times the root of 252."
    return _yearly("Sortino ratio", step("Mean over downside", Op.OVER, parts, RATIO), RATIO, words)


def deepest_fall(ours: Sequence[Step], returns: Returns) -> Step:
    """The returns after the peak up to the trough, linked; none where it never fell."""
    known = [one for one in returns if not math.isnan(one[2])]
    days = [on for _, on, _ in known]
    fall = deepest_drawdown([value for *_, value in known], days, known[0][0])
    within = [
        one
        for one, on in zip(ours, days, strict=True)
        if fall.peak_on and fall.trough_on and fall.peak_on < on <= fall.trough_on
    ]
    words = (
        "The largest loss from a highest point of the wealth curve: the returns from that day to the lowest, linked."
    )
    return step("Deepest fall", Op.LINK, within, SHARE, words)


def at_risk(ours: Sequence[Step], level: float) -> Step:
    """Historical, linear between neighbours, signed."""
    share = constant("Share of days that are worse", 1 - level)
    name = f"Value at risk, {level:.0%}"
    return step(name, Op.QUANTILE, [share, *ours], SHARE, "The return that this share of days undercuts.")


def shortfall(ours: Sequence[Step], level: float) -> Step:
    """The mean of the returns at or below the value at risk."""
    bound = value_at_risk([float(one.value) for one in ours], level)
    worse = [one for one in ours if float(one.value) <= bound]
    return step(
        f"Expected shortfall, {level:.0%}", Op.MEAN, worse, SHARE, "The mean of the days at or below value at risk."
    )


def beta(ours: Sequence[Step], theirs: Sequence[Step]) -> Step:
    """Covariance with the benchmark over its variance."""
    together = step("Covariance", Op.COVARIANCE, [*ours, *theirs], RATIO)
    alone = step("Variance of the benchmark", Op.COVARIANCE, [*theirs, *theirs], RATIO)
    return step("Beta", Op.OVER, [together, alone], RATIO, "Covariance with the benchmark over its variance.")


def correlation(ours: Sequence[Step], theirs: Sequence[Step]) -> Step:
    """Pearson's, on the same sessions."""
    return step("Correlation", Op.CORRELATION, [*ours, *theirs], RATIO, "Pearson's, with the benchmark's days.")


def tracking_error(ours: Sequence[Step], theirs: Sequence[Step]) -> Step:
    """Volatility of the difference."""
    apart = [
        step(f"Difference of {_on(mine):%-d %b %Y}", Op.LESS, [mine, other], SHARE, on=_on(mine))
        for mine, other in zip(ours, theirs, strict=True)
    ]
    words = "Volatility of the difference to the benchmark."
    return _yearly("Tracking error", step("Deviation", Op.DEVIATION, apart, RATIO), SHARE, words)


def alpha(ours: Sequence[Step], theirs: Sequence[Step], risk_free: float = 0.0) -> Step:
    """Jensen's, compounded to a year."""
    market = step("Beta times the benchmark's", Op.TIMES, [beta(ours, theirs), _excess(theirs, risk_free)], RATIO)
    daily = step("A day", Op.LESS, [_excess(ours, risk_free), market], RATIO)
    grown = step("One with it", Op.SUM, [constant("One", 1.0), daily], RATIO)
    power = step("In a year", Op.POWER, [grown, constant("Sessions of a year", SESSIONS)], RATIO)
    words = "(1 + mean(r - rf - beta (b - rf))) to the power of 252, less one."
    return step("Alpha", Op.LESS, [power, constant("One", 1.0)], SHARE, words)


def _return(begun: date, on: date, value: float, query: str) -> Step:
    figure = f"twr/?period=custom&from={begun.isoformat()}&to={on.isoformat()}{query}"
    return given(f"Return of {on:%-d %b %Y}", value, SHARE, Source(Kind.FIGURE, on, figure=figure))


def _deviation(ours: Sequence[Step]) -> Step:
    return step("Deviation", Op.DEVIATION, ours, RATIO)


def _excess(ours: Sequence[Step], risk_free: float) -> Step:
    mean = step("Mean", Op.MEAN, ours, RATIO)
    return mean if not risk_free else _without(mean, risk_free)


def _without(one: Step, risk_free: float) -> Step:
    rate = given("Risk-free rate a session", daily_rate(risk_free), RATIO, Source(Kind.SETTING))
    return step(f"{one.name} without the risk-free rate", Op.LESS, [one, rate], RATIO)


def _yearly(name: str, a_day: Step, unit: str, words: str) -> Step:
    root = constant("Root of 252", float(np.sqrt(SESSIONS)))
    return step(name, Op.TIMES, [a_day, root], unit, words)


def _on(part: Step) -> date:
    assert part.source is not None
    assert part.source.on is not None
    return part.source.on
