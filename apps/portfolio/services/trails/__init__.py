"""The trail of each figure of a portfolio: which one is asked for, and what it is made of. Nothing is changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from apps.market.currencies import NoRateError
from apps.market.models import Instrument
from apps.portfolio.models import Portfolio
from apps.portfolio.periods import Span
from apps.portfolio.services.books import benchmark_of
from apps.portfolio.services.trails import days, now, periods
from apps.portfolio.trail.days import weight_on
from apps.portfolio.trail.tree import Step


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure by its name and what it is a figure of; what a name does not need is left out."""

    figure: str
    span: Span
    of: str = ""
    on: date | None = None
    after: date | None = None
    part: str = ""
    before_taxes: bool = False
    group: str = ""
    is_member: Callable[[Instrument | None], bool] = lambda instrument: False


def trail_of(portfolio: Portfolio, asked: Asked) -> Step | None:
    """None for a figure that nobody knows, and for one that cannot be computed."""
    try:
        return _found(portfolio, asked)
    except (NoRateError, ArithmeticError):  # a division by nothing
        return None


def _found(portfolio: Portfolio, asked: Asked) -> Step | None:
    name = asked.figure
    if name in now.TOTALS and not asked.of:
        return now.total_step(now.now_of(portfolio), name)
    if name in now.POSITIONS:
        return now.position_step(now.now_of(portfolio), asked.of, name)
    if name in _OF_DAYS:
        return _of_day(portfolio, asked)
    return _of_period(portfolio, asked)


def _of_day(portfolio: Portfolio, asked: Asked) -> Step | None:
    if asked.on is None:
        return None
    if asked.figure == "value-on":
        return days.value_on(portfolio, asked.on)
    if asked.figure in {"worth-on", "weight-on"}:
        return _of_group(portfolio, asked, asked.on)
    if asked.after is None or asked.part not in _PARTS:
        return None
    book = days.then_of(portfolio, asked.on, asked.after, before_taxes=asked.before_taxes)
    return days.moved_on(book, asked.on, asked.after, asked.part, asked.of) if book else None


def _of_group(portfolio: Portfolio, asked: Asked, on: date) -> Step | None:
    found = days.group_on(portfolio, on, asked.of, asked.group, asked.is_member)
    if found is None or asked.figure == "worth-on":
        return found[1] if found else None
    return weight_on(*found, on)


def _of_period(portfolio: Portfolio, asked: Asked) -> Step | None:
    stretch = periods.stretch_of(portfolio, asked.span, benchmark_of(portfolio), before_taxes=asked.before_taxes)
    if asked.figure == "month" and asked.on:
        return periods.month_step(stretch, asked.on)
    if asked.figure == "group":
        return periods.group_step(stretch, asked.group, asked.is_member)
    if asked.figure == "contribution":
        return periods.contribution_step(stretch, asked.of)
    return periods.period_step(stretch, asked.figure) if asked.figure in periods.PERIOD_FIGURES else None


_OF_DAYS = frozenset({"value-on", "moved-on", "worth-on", "weight-on"})
_PARTS = frozenset({"inflow", "outflow", "income", "fees", "taxes", "price", "fx", "gain"})

__all__ = ["Asked", "trail_of"]
