"""A portfolio measured over a period: ledger, closes and rates are read once, the arithmetic is the pure modules'."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apps.market.currencies import NoRateError
from apps.market.models import Bar, Basis, FxRate, Instrument, Quote
from apps.portfolio import risk
from apps.portfolio.holdings import price_return
from apps.portfolio.lots import ONE
from apps.portfolio.models import Portfolio, Transaction
from apps.portfolio.movements import Kind, Row
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
from apps.portfolio.replay import Day, Rate, Series, Terms, as_traded, replay
from apps.portfolio.services.valuation import price_of, splits_of

BEFORE = timedelta(days=14)  # so long before the first row a close may be the last one known
NO_FALL = risk.Drawdown(0.0, None, None, None)
CASH = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL})


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
    portfolio: Portfolio, *, since: date | None, until: date, benchmark: Instrument | None = None
) -> Measured:
    """Six queries, whatever the ledger's length."""
    entries = [entry for entry in Transaction.objects.of(portfolio) if entry.traded_on <= until]
    rows = [entry.as_row() for entry in entries if entry.kind != Kind.SPLIT]
    if not rows:
        return _nothing("Nothing is recorded yet.")
    first = min(row.on for row in rows) - timedelta(days=1)
    opened = first if since is None else max(since, first)
    named: dict[Hashable, Instrument] = {entry.instrument.pk: entry.instrument for entry in entries if entry.instrument}
    wanted = [*(instrument.pk for instrument in named.values()), *([benchmark.pk] if benchmark else [])]
    series = series_of(wanted, opened - BEFORE, until)
    keeps_cash = any(row.kind in CASH for row in rows)
    try:
        rate = _rates(portfolio.base_currency, series, rows, until)
        days = replay(rows, series, rate, until=until, since=opened, terms=Terms(cash=keeps_cash))
    except NoRateError as error:
        return _nothing(str(error))
    return _measured(days, series, rate, named, benchmark, keeps_cash)


def series_of(instruments: Iterable[int], since: date, until: date) -> dict[Hashable, Series]:
    """Closes as traded, up to the quote of a session that runs; two queries and the splits."""
    keys = list(instruments)
    splits = splits_of(keys)
    found: dict[int, tuple[list[date], list[Decimal], str]] = {key: ([], [], Basis.RAW) for key in keys}
    bars = Bar.objects.filter(instrument__in=keys).between(since, until).order_by("instrument", "on")
    for key, on, close, basis in bars.values_list("instrument_id", "on", "close", "basis"):
        found[key][0].append(on)
        found[key][1].append(price_of(close))
        found[key] = (*found[key][:2], basis)
    quotes = Quote.objects.filter(pk__in=keys, session_on__lte=until)
    now = {key: (on, price_of(price)) for key, on, price in quotes.values_list("pk", "session_on", "price")}
    currencies = dict(Instrument.objects.filter(pk__in=keys).values_list("pk", "currency"))
    made: dict[Hashable, Series] = {}
    for key, (days, closes, basis) in found.items():
        known = splits.get(key, [])
        prices = as_traded(days, closes, known) if basis == Basis.SPLIT else closes
        if key in now and (not days or now[key][0] > days[-1]):
            days, prices = [*days, now[key][0]], [*prices, now[key][1]]
        made[key] = Series(currencies[key], days, prices, known)
    return made


def _rates(base: str, series: Mapping[Hashable, Series], rows: Sequence[Row], until: date) -> Rate:
    """Rates of all days at once; a book of one currency asks for none. Raises NoRateError."""
    foreign = {one.currency for one in series.values()} | {row.currency for row in rows}
    foreign.discard(base)
    if not foreign:
        return lambda currency, on: ONE
    first = min(row.on for row in rows) - timedelta(days=1)
    days = [first + timedelta(days=place) for place in range((until - first).days + 1)]
    known = FxRate.objects.conversions([(currency, base) for currency in foreign], days)

    def rate(currency: str, on: date) -> Decimal:
        return ONE if currency == base else known[(currency, base), on].rate

    return rate


def _measured(
    days: Sequence[Day],
    series: Mapping[Hashable, Series],
    rate: Rate,
    named: Mapping[Hashable, Instrument],
    benchmark: Instrument | None,
    keeps_cash: bool,
) -> Measured:
    sessions = session_returns(days)
    values = [value for *_, value in sessions]
    beside = [price_return(series[benchmark.pk], rate, start, end) for start, end, _ in sessions] if benchmark else []
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
