"""Trails of a period: its returns, its bridge, each instrument's part, its risk."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from apps.market.models import Instrument
from apps.portfolio import periods
from apps.portfolio.models import Portfolio
from apps.portfolio.performance import session_returns
from apps.portfolio.replay import Series
from apps.portfolio.services.books import Book, book_of
from apps.portfolio.services.measuring import Measured, measure_book
from apps.portfolio.services.trails.reading import market_of
from apps.portfolio.trail import balance, returns, risks
from apps.portfolio.trail.returns import Span
from apps.portfolio.trail.rows import Market
from apps.portfolio.trail.tree import Step

LEVEL, FAR = 0.95, 0.99


@dataclass(frozen=True, slots=True)
class Stretch:
    """A measured period with its benchmark."""

    book: Book
    measured: Measured
    benchmark: Instrument | None
    before_taxes: bool = False
    query: str = ""

    @property
    def span(self) -> Span:
        """As its trails read it."""
        return Span(self.measured.days, self.book.portfolio.base_currency, self.before_taxes)

    @property
    def parts(self) -> dict[str, tuple[Instrument | None, float]]:
        """Each instrument's part of the return and that of `cash`; a price may have moved one to nothing meanwhile."""
        found: dict[str, tuple[Instrument | None, float]] = {
            str(key): (one, 0.0) for key, one in self.book.named.items()
        }
        if self.book.keeps_cash:
            found["cash"] = None, 0.0
        return found | {str(one.pk) if one else "cash": (one, part) for one, part in self.measured.contributions}

    @property
    def sessions(self) -> list[tuple[date, date, float]]:
        """Of days with holdings."""
        return session_returns(self.measured.days)


def stretch_of(
    portfolio: Portfolio, asked: periods.Span, benchmark: Instrument | None, *, before_taxes: bool = False
) -> Stretch:
    """The page's own measure of the book."""
    book = book_of(portfolio, until=asked.until, since=asked.opened, beside=[benchmark] if benchmark else [])
    measured = measure_book(book, since=asked.opened, benchmark=benchmark, before_taxes=before_taxes)
    query = f"{asked.query}&taxes=before" if before_taxes else asked.query
    return Stretch(book, measured, benchmark, before_taxes, query)


def period_step(stretch: Stretch, name: str) -> Step | None:
    """A headline of the period, one line of its bridge (`bridge-…`), or one of its risk figures (`risk-…`)."""
    kind, _, part = name.partition("-")
    if kind == "bridge":
        return returns.bridge(stretch.span, part)
    if kind == "risk":
        return _risk(stretch, part)
    return _HEADLINES[name](stretch)


def month_step(stretch: Stretch, first: date) -> Step | None:
    """The return of a month."""
    return returns.month(stretch.span, first)


def contribution_step(stretch: Stretch, of: str) -> Step | None:
    """An instrument's part of the return, or that of `cash`."""
    if of not in stretch.parts or not stretch.measured.days:
        return None
    one, _ = stretch.parts[of]
    return returns.contribution(stretch.span, one.pk if one else None, one.symbol if one else "cash")


def group_step(stretch: Stretch, name: str, is_member: Callable[[Instrument | None], bool]) -> Step | None:
    """The parts of a group's members."""
    parts = [
        (one.symbol if one else "Cash", part, f"contribution/?of={key}&{stretch.query}")
        for key, (one, part) in stretch.parts.items()
        if is_member(one)
    ]
    return returns.group(name, parts) if parts else None


def _benchmark(stretch: Stretch) -> Step | None:
    """The closes of its sessions, linked; None where one is not known."""
    sessions = _benchmark_sessions(stretch)
    if sessions is None:
        return None
    assert stretch.benchmark is not None
    return returns.compounded(f"Return of {stretch.benchmark.symbol}", sessions)


def _benchmark_sessions(stretch: Stretch) -> list[Step] | None:
    sessions, one = stretch.sessions, stretch.benchmark
    if one is None or not sessions or any(map(math.isnan, stretch.measured.benchmark)):
        return None
    market = market_of(stretch.book, sorted({day for begun, on, _ in sessions for day in (begun, on)}))
    return [_price_return(stretch.book.series[one.pk], one.pk, begun, on, market) for begun, on, _ in sessions]


def _price_return(series: Series, key: int, begun: date, on: date, market: Market) -> Step:
    splits = [split for split in series.splits if begun < split.on <= on]
    before, after = market.price(key, begun), market.price(key, on)
    assert before is not None
    assert after is not None
    ends = (market.rate(series.currency, begun), market.rate(series.currency, on))
    return returns.price_return(before, after, begun, on, splits, ends)


def _relative(stretch: Stretch) -> Step | None:
    ours, theirs = returns.time_weighted(stretch.span), _benchmark(stretch)
    return returns.relative(ours, theirs) if ours and theirs else None


def _risk(stretch: Stretch, name: str) -> Step | None:
    sessions = stretch.sessions
    ours = risks.session_returns(sessions, stretch.span.query)
    if len(ours) < (1 if name in _OF_ONE else 2):
        return None
    if name in _ALONE:
        return _ALONE[name](ours)
    rate = stretch.book.portfolio.risk_free_rate
    if name in _OVER:
        return _OVER[name](ours, rate)
    if name == "fall":
        return risks.deepest_fall(ours, sessions)
    theirs = _benchmark_sessions(stretch)
    if not theirs:
        return None
    return risks.alpha(ours, theirs, rate) if name == "alpha" else _BESIDE[name](ours, theirs)


type Returns = Sequence[Step]
_OF_ONE = frozenset({"fall", "var", "cvar", "var95", "cvar95", "var99", "cvar99"})  # one return is enough
_ALONE: dict[str, Callable[[Returns], Step]] = {
    "volatility": risks.volatility,
    "var": lambda ours: risks.at_risk(ours, LEVEL),
    "cvar": lambda ours: risks.shortfall(ours, LEVEL),
    "var95": lambda ours: risks.at_risk(ours, LEVEL),
    "cvar95": lambda ours: risks.shortfall(ours, LEVEL),
    "var99": lambda ours: risks.at_risk(ours, FAR),
    "cvar99": lambda ours: risks.shortfall(ours, FAR),
}
_OVER: dict[str, Callable[[Returns, float], Step]] = {"sharpe": risks.sharpe, "sortino": risks.sortino}
_BESIDE: dict[str, Callable[[Returns, Returns], Step]] = {
    "beta": risks.beta,
    "correlation": risks.correlation,
    "tracking": risks.tracking_error,
}
_HEADLINES: dict[str, Callable[[Stretch], Step | None]] = {
    "twr": lambda stretch: returns.time_weighted(stretch.span),
    "yearly": lambda stretch: returns.yearly(stretch.span),
    "xirr": lambda stretch: balance.money_weighted(stretch.span),
    "peer": _benchmark,
    "relative": _relative,
}
PERIOD_FIGURES = frozenset(
    {
        *_HEADLINES,
        *(f"bridge-{name}" for name in ("start", "end", *returns.PARTS)),
        *(f"risk-{name}" for name in ("fall", "alpha", *_ALONE, *_OVER, *_BESIDE)),
    }
)
