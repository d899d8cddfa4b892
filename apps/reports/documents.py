"""The statement of a portfolio as data: everything that its pages say, nothing of how they look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from apps.accounts.models import House
from apps.market.models import Feed, Instrument
from apps.portfolio.models import Transaction
from apps.portfolio.services import Position, Valuation, value_portfolios
from apps.portfolio.services.history import History, closes_of, index_history
from apps.reports.models import Report
from apps.tenants.backend.connections import connection

SESSIONS = 90
MOST_HOLDINGS = 60
MOST_ENTRIES = 14
MOST_MOVERS = 10
BENCHMARK = "SPY"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a holding added to the day's return of the whole; 0.0001 is one basis point."""

    symbol: str
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """A holding; amounts are None in a statement without amounts."""

    symbol: str
    name: str
    price: float | None
    day_percent: float | None
    closes: tuple[float, ...]
    weight: float | None
    gain_percent: float | None
    quantity: Decimal | None
    cost: Decimal | None
    value: Decimal | None
    gain: Decimal | None
    reason: str

    @property
    def last_close(self) -> float | None:
        """The newest of the closes."""
        return self.closes[-1] if self.closes else None


@dataclass(frozen=True, slots=True)
class Statement:
    """A portfolio at one moment, for one kind of reader."""

    organization: str
    portfolio: str
    currency: str
    method: str
    asked_by: str
    built_at: datetime
    as_of_on: date | None
    as_of_at: datetime | None
    feed: str
    shows_amounts: bool
    value: Decimal | None
    cost: Decimal | None
    gain: Decimal | None
    gain_percent: float | None
    day_change: Decimal | None
    day_percent: float | None
    contributions: tuple[Contribution, ...]
    lines: tuple[Line, ...]
    left_out: int
    history: History
    benchmark: tuple[float, ...]
    entries: tuple[Transaction, ...]
    reasons: tuple[str, ...]
    as_of_label: str
    logo: bytes = b""

    @property
    def priced(self) -> int:
        """How many of the positions listed have a price."""
        return sum(1 for line in self.lines if line.weight is not None)

    @property
    def benchmark_change(self) -> float | None:
        """The benchmark's return over the history; None without one."""
        return self.benchmark[-1] / self.benchmark[0] - 1 if self.benchmark else None


def statement(report: Report) -> Statement:
    """What the report's portfolio is worth now, in the form that its reader may see."""
    portfolio, amounts = report.portfolio, report.shows_amounts
    valuation = value_portfolios([portfolio])[portfolio.pk]
    totals, feed = valuation.totals, Feed.objects.current()
    until = valuation.as_of_on or timezone.localdate()
    history = index_history(portfolio, until, SESSIONS)
    quoted = [position.quote.as_of for position in valuation.positions if position.quote]
    return Statement(
        organization=connection.tenant.name,
        portfolio=portfolio.name,
        currency=portfolio.base_currency,
        method=portfolio.get_cost_method_display(),
        asked_by=report.requested_by.name if report.requested_by else "",
        built_at=timezone.now(),
        as_of_on=valuation.as_of_on,
        as_of_at=max(quoted, default=None),
        logo=_logo(),
        as_of_label=f"{until:%a} {until.day} {until:%b %Y}",
        feed=feed.label if feed else "",
        shows_amounts=amounts,
        value=totals.value if amounts else None,
        cost=totals.cost if amounts else None,
        gain=totals.gain if amounts else None,
        gain_percent=totals.gain_percent,
        day_change=totals.day_change if amounts else None,
        day_percent=totals.day_percent,
        contributions=contributions(valuation),
        lines=_lines(valuation, until, amounts=amounts),
        left_out=max(len(valuation.positions) - MOST_HOLDINGS, 0),
        history=history,
        benchmark=_benchmark(history),
        entries=tuple(Transaction.objects.of(portfolio)[:MOST_ENTRIES]) if amounts else (),
        reasons=totals.reasons,
    )


def _logo() -> bytes:
    """The organization's own; one that is stored no more is left out."""
    house = House.current()
    if not house.logo.name or not house.logo.storage.exists(house.logo.name):
        return b""
    with house.logo.open("rb") as file:
        return bytes(file.read())


def contributions(valuation: Valuation) -> tuple[Contribution, ...]:
    """Each holding's day change over the whole's value at the last close, largest first; the outermost ten."""
    totals = valuation.totals
    if totals.value is None or totals.day_change is None or totals.value == totals.day_change:
        return ()
    before = totals.value - totals.day_change
    rows = [
        Contribution(row.instrument.symbol, float(row.day_change / before))
        for row in valuation.positions
        if row.day_change is not None
    ]
    rows.sort(key=lambda row: -row.value)
    half = MOST_MOVERS // 2
    return tuple(rows if len(rows) <= MOST_MOVERS else [*rows[:half], *rows[-half:]])


def _lines(valuation: Valuation, until: date, *, amounts: bool) -> tuple[Line, ...]:
    shown = valuation.positions[:MOST_HOLDINGS]
    closes = closes_of([row.instrument.pk for row in shown], until, SESSIONS)
    return tuple(_line(row, closes.get(row.instrument.pk, {}), amounts=amounts) for row in shown)


def _line(row: Position, closes: dict[date, float], *, amounts: bool) -> Line:
    return Line(
        symbol=row.instrument.symbol,
        name=row.instrument.name,
        price=row.quote.price if row.quote else None,
        day_percent=row.day_percent,
        closes=tuple(closes[day] for day in sorted(closes)),
        weight=row.weight,
        gain_percent=row.gain_percent,
        quantity=row.quantity if amounts else None,
        cost=row.cost if amounts else None,
        value=row.value if amounts else None,
        gain=row.gain if amounts else None,
        reason=row.reason,
    )


def _benchmark(history: History) -> tuple[float, ...]:
    """The index instrument on the same sessions, its first value 100; empty where a close is missing."""
    days: Sequence[date] = history.days
    spy = Instrument.objects.filter(symbol=BENCHMARK).first() if len(days) > 1 else None
    if spy is None:
        return ()
    closes = closes_of([spy.pk], days[-1], SESSIONS * 2).get(spy.pk, {})
    if any(day not in closes for day in days):
        return ()
    return tuple(100 * closes[day] / closes[days[0]] for day in days)
