"""The one door by which pages read a ledger: rows, the instruments they name, prices with splits, and rates."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apps.market.models import Bar, Basis, FxRate, Instrument, Quote
from apps.portfolio.lots import ONE
from apps.portfolio.models import Portfolio, Transaction
from apps.portfolio.movements import Kind, Row
from apps.portfolio.replay import Rate, Series, as_traded
from apps.portfolio.services.valuation import price_of, splits_of

BEFORE = timedelta(days=14)  # so long before the first row a close may be the last one known
CASH = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL})


@dataclass(frozen=True, slots=True)
class Book:
    """A ledger as known on a day, with everything that its figures need; all that is derived is computed from it."""

    portfolio: Portfolio
    until: date
    entries: Sequence[Transaction]
    rows: Sequence[Row]
    named: Mapping[Hashable, Instrument]
    series: Mapping[Hashable, Series]
    rate: Rate

    @property
    def first(self) -> date | None:
        """The day of the first row; None for an empty ledger."""
        return min((row.on for row in self.rows), default=None)

    @property
    def keeps_cash(self) -> bool:
        """Whether its cash is kept: a deposit or a withdrawal says so."""
        return any(row.kind in CASH for row in self.rows)


def book_of(portfolio: Portfolio, *, until: date, since: date | None = None, beside: Iterable[Instrument] = ()) -> Book:
    """Six queries, whatever the ledger's length; prices from `since` on (None: from the first row on).

    `beside` are instruments whose prices are wanted although no row names them. Raises NoRateError.
    """
    entries = [entry for entry in Transaction.objects.of(portfolio) if entry.traded_on <= until]
    rows = [entry.as_row() for entry in entries if entry.kind != Kind.SPLIT]
    named: dict[Hashable, Instrument] = {entry.instrument.pk: entry.instrument for entry in entries if entry.instrument}
    first = min((row.on for row in rows), default=until) - timedelta(days=1)
    wanted = {instrument.pk for instrument in (*named.values(), *beside)}
    series = series_of(wanted, max(since or first, first) - BEFORE, until)
    rate = rates_of(portfolio.base_currency, series, rows, until)
    return Book(portfolio, until, entries, rows, named, series, rate)


def first_day(portfolio: Portfolio) -> date | None:
    """The day of the first row; None for an empty ledger."""
    ledger = Transaction.objects.filter(account__portfolio=portfolio).order_by("traded_on")
    return ledger.values_list("traded_on", flat=True).first()


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


def rates_of(base: str, series: Mapping[Hashable, Series], rows: Sequence[Row], until: date) -> Rate:
    """Rates of all days at once; a book of one currency asks for none. Raises NoRateError."""
    foreign = {one.currency for one in series.values()} | {row.currency for row in rows}
    foreign.discard(base)
    if not foreign:
        return lambda currency, on: ONE
    first = min((row.on for row in rows), default=until) - timedelta(days=1)
    days = [first + timedelta(days=place) for place in range((until - first).days + 1)]
    known = FxRate.objects.conversions([(currency, base) for currency in foreign], days)

    def rate(currency: str, on: date) -> Decimal:
        return ONE if currency == base else known[(currency, base), on].rate

    return rate
