"""Income: what was received, what declared dividends let expect over the next year, and what they yield."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from math import prod

from apps.portfolio.lots import LEDGER, ZERO
from apps.portfolio.movements import INCOME, UNITS_OUT, Kind, Row
from apps.portfolio.replay import Rate
from apps.portfolio.splits import Split

NEAR = timedelta(days=30)  # a declared dividend this close to last year's is that one again
PAID_WITHIN = timedelta(days=75)  # from the ex-day to the money on the account
LONGEST_YEAR = 366


@dataclass(frozen=True, slots=True)
class Receipt:
    """One dividend or interest in base currency at the rate of its day; `net` is after its own fee and tax."""

    on: date
    kind: Kind
    instrument: Hashable
    gross: Decimal
    net: Decimal

    @property
    def costs(self) -> Decimal:
        """Fee and tax."""
        return LEDGER.subtract(self.gross, self.net)


@dataclass(frozen=True, slots=True)
class Dividend:
    """Money for one unit of the ex-day, in the instrument's currency."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payer:
    """What is held of one instrument today: units, base currency for one of its own, value and cost in base currency.

    `dividends` are ascending and as declared; `splits` bring the older ones into today's units.
    """

    instrument: Hashable
    units: Decimal
    rate: Decimal
    value: Decimal | None
    cost: Decimal
    dividends: Sequence[Dividend] = ()
    splits: Sequence[Split] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """What is expected with an ex-day: declared, or last year's again; `amount` in base currency before tax."""

    on: date
    instrument: Hashable
    per_unit: Decimal
    amount: Decimal
    is_declared: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A dividend declared while units were held, of which the ledger has no row."""

    instrument: Hashable
    dividend: Dividend
    units: Decimal


def receipts(rows: Iterable[Row], rate: Rate, since: date | None, until: date) -> list[Receipt]:
    """Dividends and interest after `since` (None: from the first on) up to `until`, oldest first."""
    paid = [row for row in rows if row.kind in INCOME and row.on <= until and (since is None or row.on > since)]
    return [_receipt(row, rate) for row in sorted(paid, key=lambda row: row.on)]


def by_month(found: Iterable[Receipt]) -> dict[date, Decimal]:
    """Gross by the first day of its month, ascending; months without income between them are zero."""
    sums: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for one in found:
        month = one.on.replace(day=1)
        sums[month] = LEDGER.add(sums[month], one.gross)
    if not sums:
        return {}
    months, last = [min(sums)], max(sums)
    while months[-1] < last:
        months.append((months[-1] + timedelta(days=32)).replace(day=1))
    return {month: sums[month] for month in months}


def by_instrument(found: Iterable[Receipt]) -> dict[Hashable, Decimal]:
    """Gross of each payer (None: interest on cash), the largest first."""
    sums: dict[Hashable, Decimal] = defaultdict(lambda: ZERO)
    for one in found:
        sums[one.instrument] = LEDGER.add(sums[one.instrument], one.gross)
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Their sum, exact."""
    with localcontext(LEDGER):
        return sum(amounts, ZERO)


def forecast(payers: Iterable[Payer], today: date) -> list[Payment]:
    """A year of ex-days after today: what is declared, and what was paid in the year before, paid again.

    A declared dividend stands for the one of a year ago that is nearest to it. At today's units and today's rate.
    """
    found = [payment for payer in payers for payment in _expected(payer, today)]
    return sorted(found, key=lambda payment: (payment.on, str(payment.instrument)))


def yield_of(amount: Decimal, base: Decimal | None) -> float | None:
    """Income of a year over value or cost; None without one."""
    return float(amount / base) if base else None


def unrecorded(
    rows: Sequence[Row],
    dividends: Mapping[Hashable, Sequence[Dividend]],
    splits: Mapping[Hashable, Sequence[Split]],
    today: date,
) -> list[Missing]:
    """Dividends whose ex-day came while units were held, whose time to be paid is over, and that no row tells of."""
    found = []
    for instrument, declared in dividends.items():
        own = [row for row in rows if row.instrument == instrument]
        paid = [row.on for row in own if row.kind is Kind.DIVIDEND]
        for dividend in declared:
            units = units_before(own, splits.get(instrument, ()), dividend.on)
            is_told = any(dividend.on <= on <= dividend.on + PAID_WITHIN for on in paid)
            if units > 0 and not is_told and dividend.on + PAID_WITHIN < today:
                found.append(Missing(instrument, dividend, units))
    return sorted(found, key=lambda one: one.dividend.on, reverse=True)


def units_before(rows: Iterable[Row], splits: Sequence[Split], on: date) -> Decimal:
    """Units of one instrument's rows held when that day began, in that day's units."""
    held = ZERO
    with localcontext(LEDGER):
        for row in rows:
            if row.on < on and row.moves_units and row.quantity is not None:
                passed = [split for split in splits if row.on < split.on <= on]
                units = row.quantity * prod(s.numerator for s in passed) / prod(s.denominator for s in passed)
                held += -units if row.kind in UNITS_OUT else units
    return held


def _receipt(row: Row, rate: Rate) -> Receipt:
    with localcontext(LEDGER):
        own = rate(row.currency, row.on) if row.rate is None else row.rate
        return Receipt(row.on, row.kind, row.instrument, row.income * own, row.cash * own)


def _expected(payer: Payer, today: date) -> list[Payment]:
    if payer.units <= 0:
        return []
    year_ago, end = today - timedelta(days=LONGEST_YEAR), _year_after(today)
    declared = [one for one in payer.dividends if today < one.on <= end]
    before = [one for one in payer.dividends if year_ago < one.on <= today and today < _year_after(one.on)]
    for one in declared:
        nearest = min(before, key=lambda past: abs(_year_after(past.on) - one.on), default=None)
        if nearest is not None and abs(_year_after(nearest.on) - one.on) <= NEAR:
            before.remove(nearest)
    again = [_payment(payer, one, _year_after(one.on), today, is_declared=False) for one in before]
    return [*(_payment(payer, one, one.on, today, is_declared=True) for one in declared), *again]


def _payment(payer: Payer, dividend: Dividend, on: date, today: date, *, is_declared: bool) -> Payment:
    with localcontext(LEDGER):
        later = [split for split in payer.splits if dividend.on < split.on <= today]
        per_unit = dividend.amount * prod(s.denominator for s in later) / prod(s.numerator for s in later)
        return Payment(on, payer.instrument, per_unit, per_unit * payer.units * payer.rate, is_declared)


def _year_after(on: date) -> date:
    try:
        return on.replace(year=on.year + 1)
    except ValueError:
        return date(on.year + 1, 2, 28)
