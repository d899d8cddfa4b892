"""A portfolio measured over a period: ledger, closes and rates are read once, the arithmetic is the pure modules'."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from apps.market.currencies import NoRateError
from apps.market.models import Instrument
from apps.portfolio import risk
from apps.portfolio.holdings import price_return
from apps.portfolio.models import Portfolio
from apps.portfolio.performance import (
    Bridge,
    Figure,
    Quality,
    bridge,
    contributions,
    flows_of,
    money_weighted,
    returns_of,
    session_returns,
    time_weighted,
)
from apps.portfolio.replay import EVE, Day, Rate, Series, Terms, replay
from apps.portfolio.services.books import Book, book_of
from apps.portfolio.services.books import keeps_cash as is_kept
from apps.portfolio.services.entries import market_day
from apps.portfolio.services.series import rates_of, series_of, splits_of
from apps.portfolio.services.snapshots import days_of

type Peer = tuple[Series, Rate]  # what it is held against

NO_FALL = risk.Drawdown(0.0, None, None, None)


@dataclass(frozen=True, slots=True)
class Measured:
    """Days of the period with what follows from them; without days there is nothing to measure, and `reason` says why.

    `daily` has a return for each day but the first; `returns` are those of sessions with holdings, `benchmark` the
    benchmark's on the same sessions (NaN where unknown).
    """

    days: Sequence[Day]
    twr: Figure
    xirr: Figure
    bridge: Bridge
    contributions: Sequence[tuple[Instrument | None, float]]
    returns: Sequence[float]
    benchmark: Sequence[float]
    daily: Sequence[float]
    drawdown: risk.Drawdown
    keeps_cash: bool
    reason: str = ""


def measure_portfolio(
    portfolio: Portfolio,
    *,
    since: date | None,
    until: date,
    benchmark: Instrument | None = None,
    before_taxes: bool = False,
) -> Measured:
    """From kept days, those that are missing replayed first; before taxes from the ledger. A dozen queries at most."""
    try:
        if before_taxes:
            book = book_of(portfolio, until=until, since=since, beside=[benchmark] if benchmark else [])
            return measure_book(book, since=since, benchmark=benchmark, before_taxes=True)
        days = days_of(portfolio, since=since, until=until, closed=market_day() - EVE)
        if not days:
            return _nothing("Nothing is recorded yet.")
        named = Instrument.objects.select_related("exchange").in_bulk(
            {key for day in days for key in day.gains if key is not None}
        )
        peer = _peer(portfolio, benchmark, days) if benchmark else None
        return _measured(days, {**named}, peer, keeps_cash=is_kept(portfolio))
    except NoRateError as error:
        return _nothing(str(error))


def measure_book(
    book: Book, *, since: date | None, benchmark: Instrument | None = None, before_taxes: bool = False
) -> Measured:
    """A book over the days after `since` (None: from its first row on); no query."""
    if book.first is None:
        return _nothing("Nothing is recorded yet.")
    first = book.first - timedelta(days=1)
    terms = Terms(cash=book.keeps_cash, before_taxes=before_taxes)
    opened = first if since is None else max(since, first)
    days = replay(book.rows, book.series, book.rate, until=book.until, since=opened, terms=terms)
    peer = (book.series[benchmark.pk], book.rate) if benchmark else None
    return _measured(days, book.named, peer, keeps_cash=book.keeps_cash)


def _peer(portfolio: Portfolio, benchmark: Instrument, days: Sequence[Day]) -> Peer:
    since, until, currency = days[0].on, days[-1].on, benchmark.currency
    series = series_of({benchmark.pk: currency}, since, until, splits_of([benchmark.pk]))
    return series[benchmark.pk], rates_of(portfolio.base_currency, [currency], since, until)


def _measured(
    days: Sequence[Day], named: Mapping[Hashable, Instrument], peer: Peer | None, *, keeps_cash: bool
) -> Measured:
    sessions = session_returns(days)
    values = [value for *_, value in sessions]
    beside = [price_return(*peer, start, end) for start, end, _ in sessions] if peer else []
    parts = contributions(days).items()
    fall = risk.deepest_drawdown(values, [on for _, on, _ in sessions], sessions[0][0]) if sessions else NO_FALL
    return Measured(
        days=days,
        twr=time_weighted(days),
        xirr=money_weighted(flows_of(days)),
        bridge=bridge(days),
        contributions=[(named.get(key), part) for key, part in sorted(parts, key=lambda pair: -pair[1])],
        returns=values,
        benchmark=beside,
        daily=returns_of(days),
        drawdown=fall,
        keeps_cash=keeps_cash,
    )


def _nothing(reason: str) -> Measured:
    unknown = Figure(None, "", Quality.UNAVAILABLE, (reason,))
    return Measured([], unknown, unknown, bridge([]), [], [], [], [], NO_FALL, keeps_cash=False, reason=reason)
