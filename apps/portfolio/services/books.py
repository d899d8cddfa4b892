"""The one door by which a ledger is read for a figure: its rows with everything of the market that they need."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from apps.market.currencies import Rates
from apps.market.models import Instrument
from apps.portfolio.models import Kind, Portfolio, Transaction
from apps.portfolio.movements import Row
from apps.portfolio.replay import Series
from apps.portfolio.services.series import rates_of, series_of, splits_of
from apps.portfolio.splits import Split

CASH = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL})
FIELDS = (
    "pk",
    "traded_on",
    "kind",
    "currency",
    "instrument_id",
    "quantity",
    "price",
    "amount",
    "fee",
    "tax",
    "traded_at",
    "rate",
    "link",
)
KINDS = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Book:
    """A ledger as known on a day, with everything that its figures need; all that is derived is computed from it.

    `rows` are in the order of their days, without those that only record a split: these are in the `series`, which hold
    every instrument of the rows and those asked for besides. A row's key is its transaction's.
    """

    portfolio: Portfolio
    until: date
    rows: Sequence[Row]
    named: Mapping[Hashable, Instrument]
    series: Mapping[Hashable, Series]
    rate: Rates
    keeps_cash: bool

    @property
    def first(self) -> date | None:
        """The day of the first row; None for an empty ledger."""
        return self.rows[0].on if self.rows else None


def book_of(
    portfolio: Portfolio,
    *,
    until: date,
    since: date | None = None,
    beside: Iterable[Instrument] = (),
    instruments: Iterable[int] | None = None,
) -> Book:
    """Prices from `since` on (None: from the first row on), whole or the rows of some `instruments` alone.

    `beside` are instruments whose prices are wanted although no row names them. At most seven queries, whatever the
    ledger's length; a day without a rate raises NoRateError when it is asked for.
    """
    rows = rows_of(portfolio, until=until, instruments=instruments)
    known = Instrument.objects.select_related("exchange").in_bulk(
        {row.instrument for row in rows if row.instrument is not None}
    )
    named: dict[Hashable, Instrument] = {**known}
    first = (rows[0].on if rows else until) - timedelta(days=1)
    currencies = {one.pk: one.currency for one in (*known.values(), *beside)}
    splits = splits_of(currencies, own_splits(portfolio))
    wanted = {*currencies.values(), *(row.currency for row in rows)}
    return Book(
        portfolio=portfolio,
        until=until,
        rows=rows,
        named=named,
        series=series_of(currencies, max(since or first, first), until, splits),
        rate=rates_of(portfolio.base_currency, wanted, first, until),
        keeps_cash=keeps_cash(portfolio, rows if instruments is None else None),
    )


def first_day(portfolio: Portfolio) -> date | None:
    """The day of the first row; None for an empty ledger."""
    ledger = Transaction.objects.filter(account__portfolio=portfolio).order_by("traded_on")
    return ledger.values_list("traded_on", flat=True).first()


def rows_of(
    portfolio: Portfolio,
    *,
    until: date | None = None,
    after: date | None = None,
    instruments: Iterable[int] | None = None,
) -> list[Row]:
    """Rows of the days after `after` up to `until`, in the order of their days and of their recording; one query.

    Columns and no models: a ledger of fifty thousand rows is read in a quarter of the time. Recorded splits are not
    among them.
    """
    entries = Transaction.objects.filter(account__portfolio=portfolio).exclude(kind=Kind.SPLIT)
    if until is not None:
        entries = entries.filter(traded_on__lte=until)
    if after is not None:
        entries = entries.filter(traded_on__gt=after)
    if instruments is not None:
        entries = entries.filter(instrument__in=list(instruments))
    columns = entries.order_by("traded_on", "recorded_at", "pk").values_list(*FIELDS)
    return [Row(pk, on, KINDS[kind], *rest) for pk, on, kind, *rest in columns.iterator(chunk_size=10_000)]


def own_splits(portfolio: Portfolio) -> dict[int, list[Split]]:
    """Splits that were recorded in this ledger, by instrument; they beat the market's."""
    found: dict[int, list[Split]] = defaultdict(list)
    entries = Transaction.objects.filter(account__portfolio=portfolio, kind=Kind.SPLIT).order_by("traded_on")
    for key, on, numerator, denominator in entries.values_list("instrument", "traded_on", "numerator", "denominator"):
        if numerator and denominator:
            found[key].append(Split(on, numerator, denominator))
    return found


def keeps_cash(portfolio: Portfolio, rows: Sequence[Row] | None = None) -> bool:
    """Whether cash is part of the book: as its owner said, else once somebody deposited or withdrew some.

    `rows` are its rows where they were read already.
    """
    if portfolio.keeps_cash is not None:
        return portfolio.keeps_cash
    if rows is not None:
        return any(row.kind in CASH for row in rows)
    return Transaction.objects.filter(account__portfolio=portfolio, kind__in=CASH).exists()


def benchmark_of(portfolio: Portfolio) -> Instrument | None:
    """What it is held against: as its owner said, else the installation's; None where the market does not know that."""
    if portfolio.benchmark_id is not None:
        return portfolio.benchmark
    return Instrument.objects.listed().by_symbols([settings.BENCHMARK]).first()
