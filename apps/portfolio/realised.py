"""Realised gains lot by lot and tax year by tax year, in the book's currency; what the currency made is apart."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from apps.portfolio.holdings import Valued
from apps.portfolio.lots import LEDGER, ZERO, Disposal, Lot

type YearStart = tuple[int, int]  # month and day on which a tax year begins

JANUARY: YearStart = (1, 1)


@dataclass(frozen=True, slots=True)
class Sale:
    """The part of one disposal that came from one lot; money in base currency, each side at the rate of its own day.

    `proceeds` and `cost` are before fees and taxes, which `fees` holds for both sides:
    `proceeds - cost - fees = gain = local_gain + fx_gain`. `key` is the row that sold, `quantity` in its day's units.
    """

    instrument: Hashable
    key: Hashable
    acquired_on: date
    sold_on: date
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal
    fees: Decimal
    local_gain: Decimal
    fx_gain: Decimal

    @property
    def gain(self) -> Decimal:
        """After fees and taxes of both sides."""
        return LEDGER.subtract(LEDGER.subtract(self.proceeds, self.cost), self.fees)

    @property
    def days(self) -> int:
        """How long it was held."""
        return (self.sold_on - self.acquired_on).days

    @property
    def is_long(self) -> bool:
        """Held for more than a year: sold after the day's anniversary."""
        return is_long_term(self.acquired_on, self.sold_on)

    @property
    def return_(self) -> float | None:
        """Gain over the cost, fees of buying not counted; None without a cost."""
        return float(self.gain / self.cost) if self.cost else None


@dataclass(frozen=True, slots=True)
class Sums:
    """Money of several sales together, in base currency."""

    proceeds: Decimal
    cost: Decimal
    fees: Decimal
    gain: Decimal
    local_gain: Decimal
    fx_gain: Decimal
    short_gain: Decimal
    long_gain: Decimal

    @property
    def return_(self) -> float | None:
        """Gain over cost; None without a cost."""
        return float(self.gain / self.cost) if self.cost else None


@dataclass(frozen=True, slots=True)
class TaxYear:
    """Sales of one tax year, in the order in which they were made; `ends_on` is its last day."""

    name: str
    begins_on: date
    sales: Sequence[Sale]
    sums: Sums


def sales_of(positions: Iterable[Valued]) -> list[Sale]:
    """Every lot of every disposal, by the day of the sale, then the purchase."""
    found = [sale for one in positions for disposal in one.holding.disposals for sale in _parts(one, disposal)]
    return sorted(found, key=lambda sale: (sale.sold_on, str(sale.instrument), sale.acquired_on))


def sums_of(sales: Iterable[Sale]) -> Sums:
    """Their totals; nothing was lost between the rows and the totals."""
    rows = list(sales)
    names = ("proceeds", "cost", "fees", "gain", "local_gain", "fx_gain")
    with localcontext(LEDGER):
        columns = [sum((getattr(row, name) for row in rows), ZERO) for name in names]
        terms = [sum((row.gain for row in rows if row.is_long is is_long), ZERO) for is_long in (False, True)]
    return Sums(*columns, *terms)


def tax_years(sales: Iterable[Sale], begins: YearStart = JANUARY) -> list[TaxYear]:
    """The sales by tax year, the newest first; a year without sales is left out."""
    found: dict[date, list[Sale]] = defaultdict(list)
    for sale in sales:
        found[year_begin(sale.sold_on, begins)].append(sale)
    return [
        TaxYear(year_name(first), first, rows, sums_of(rows)) for first, rows in sorted(found.items(), reverse=True)
    ]


def year_begin(on: date, begins: YearStart) -> date:
    """The first day of the tax year that a day belongs to."""
    first = date(on.year, *begins)
    return first if first <= on else date(on.year - 1, *begins)


def year_name(first: date) -> str:
    """`2024`, or `2024/25` where it is no calendar year."""
    return str(first.year) if (first.month, first.day) == JANUARY else f"{first.year}/{(first.year + 1) % 100:02}"


def is_long_term(acquired_on: date, on: date) -> bool:
    """Whether more than a year lies between; a year from 29 February ends on the 28th."""
    try:
        anniversary = acquired_on.replace(year=acquired_on.year + 1)
    except ValueError:
        anniversary = date(acquired_on.year + 1, 2, 28)
    return on > anniversary


def _parts(one: Valued, disposal: Disposal) -> list[Sale]:
    """Gross and net proceeds are shared by quantity; the last lot takes what is left, so that nothing is lost."""
    gross, net, made = disposal.gross, disposal.proceeds, []
    with localcontext(LEDGER):
        for lot in disposal.parts[:-1]:
            share = lot.quantity / disposal.quantity
            mine, after = disposal.gross * share, disposal.proceeds * share
            gross, net = gross - mine, net - after
            made.append(_sale(one, disposal, lot, mine, after))
        return [*made, _sale(one, disposal, disposal.parts[-1], gross, net)]


def _sale(one: Valued, disposal: Disposal, lot: Lot, gross: Decimal, net: Decimal) -> Sale:
    bought = lot.base / lot.cost if lot.cost else ZERO
    cost = lot.gross * bought
    local = (net - lot.cost) * disposal.rate
    return Sale(
        instrument=one.instrument,
        key=disposal.key,
        acquired_on=lot.opened_on,
        sold_on=disposal.on,
        quantity=lot.quantity,
        proceeds=gross * disposal.rate,
        cost=cost,
        fees=(gross - net) * disposal.rate + (lot.base - cost),
        local_gain=local,
        fx_gain=net * disposal.rate - lot.base - local,
    )
