"""Matches purchases with disposals: FIFO lots and the moving average, splits applied when reading."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum
from math import prod

LEDGER = Context(prec=50, rounding=ROUND_HALF_EVEN)
ZERO = Decimal(0)
NO_TIME = datetime.min.replace(tzinfo=UTC)


class InsufficientPositionError(Exception):
    """More was taken out on a day than was held on that day."""

    def __init__(self, on: date, held: Decimal, wanted: Decimal) -> None:
        super().__init__(f"{_plain(held)} held on {on.isoformat()}, {_plain(wanted)} wanted")
        self.on, self.held, self.wanted = on, held, wanted


class Side(StrEnum):
    """Whether an entry brings units in or takes them out."""

    IN = "in"
    OUT = "out"


class Method(StrEnum):
    """How cost is given to what is sold."""

    FIFO = "fifo"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of units: quantity and price positive, in the units of its own day; `side` is the sign."""

    on: date
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    tax: Decimal = ZERO
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """From this day on, `denominator` old units are `numerator` new ones; that day's trades are in new units."""

    on: date
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Units still held: `cost` with its share of fees and taxes, `gross` without."""

    opened_on: date
    quantity: Decimal
    cost: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Disposal:
    """Units gone: `proceeds` after fees and taxes, `cost` of the units under the method."""

    on: date
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal

    @property
    def gain(self) -> Decimal:
        """Realised gain, fees and taxes of both sides counted."""
        return LEDGER.subtract(self.proceeds, self.cost)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a ledger of one instrument comes to, in the units of the last split applied."""

    lots: tuple[Lot, ...] = ()
    disposals: tuple[Disposal, ...] = field(default=())

    @property
    def quantity(self) -> Decimal:
        """Units held."""
        return _total(lot.quantity for lot in self.lots)

    @property
    def cost(self) -> Decimal:
        """Cost of the units held, fees and taxes of buying included."""
        return _total(lot.cost for lot in self.lots)

    @property
    def realised(self) -> Decimal:
        """Gain of everything disposed of."""
        return _total(disposal.gain for disposal in self.disposals)

    @property
    def average_cost(self) -> Decimal | None:
        """Cost a unit; None when nothing is held."""
        return LEDGER.divide(self.cost, self.quantity) if self.quantity else None


def match(
    entries: Iterable[Entry],
    splits: Iterable[Split] = (),
    method: Method = Method.FIFO,
    until: date | None = None,
) -> Holding:
    """The holding that one instrument's entries come to, `until` included; nothing later is looked at.

    Each quantity is first multiplied into a common unit (numerators of later splits, denominators of
    earlier ones) and divided once at the end, so splits lose nothing. Raises InsufficientPositionError
    when a day takes out more than it holds.
    """
    known = sorted((s for s in splits if until is None or s.on <= until), key=lambda s: s.on)
    dated = sorted((e for e in entries if until is None or e.on <= until), key=_moment)
    with localcontext(LEDGER):
        unit = Decimal(prod(split.denominator for split in known))
        book = _Book(unit, method)
        for entry in dated:
            book.take(entry, entry.quantity * _weight(entry.on, known))
        return book.holding()


def splits_without_twins(splits: Sequence[Split]) -> list[Split]:
    """Two records of the same ratio within a day of each other are one split; the earlier day stays."""
    kept: list[Split] = []
    for split in sorted(splits, key=lambda s: s.on):
        same = kept and (kept[-1].numerator * split.denominator == split.numerator * kept[-1].denominator)
        if not (same and (split.on - kept[-1].on).days <= 1):
            kept.append(split)
    return kept


class _Book:
    """Open lots in the common unit, oldest first; under the average there is at most one."""

    def __init__(self, unit: Decimal, method: Method) -> None:
        self.unit, self.method = unit, method
        self.open: deque[Lot] = deque()
        self.held = ZERO
        self.disposals: list[Disposal] = []

    def take(self, entry: Entry, quantity: Decimal) -> None:
        if entry.side is Side.IN:
            self._add(entry, quantity)
        else:
            self._remove(entry, quantity)

    def _add(self, entry: Entry, quantity: Decimal) -> None:
        gross = entry.quantity * entry.price
        lot = Lot(entry.on, quantity, gross + entry.fee + entry.tax, gross)
        if self.method is Method.AVERAGE and self.open:
            pool = self.open.pop()
            lot = Lot(pool.opened_on, pool.quantity + quantity, pool.cost + lot.cost, pool.gross + gross)
        self.open.append(lot)
        self.held += quantity

    def _remove(self, entry: Entry, quantity: Decimal) -> None:
        if quantity > self.held:
            scale = entry.quantity / quantity
            raise InsufficientPositionError(entry.on, self.held * scale, entry.quantity)
        left, cost = quantity, ZERO
        while left:
            lot = self.open.popleft()
            taken = min(left, lot.quantity)
            part, rest = _cut(lot, taken)
            cost, left = cost + part, left - taken
            if rest:
                self.open.appendleft(rest)
        self.held -= quantity
        proceeds = entry.quantity * entry.price - entry.fee - entry.tax
        self.disposals.append(Disposal(entry.on, entry.quantity, proceeds, cost))

    def holding(self) -> Holding:
        lots = (Lot(x.opened_on, x.quantity / self.unit, x.cost, x.gross) for x in self.open)
        return Holding(tuple(lots), tuple(self.disposals))


def _cut(lot: Lot, taken: Decimal) -> tuple[Decimal, Lot | None]:
    """Cost of the part taken and what is left of the lot; nothing is lost between them."""
    if taken == lot.quantity:
        return lot.cost, None
    cost, gross = lot.cost * taken / lot.quantity, lot.gross * taken / lot.quantity
    return cost, Lot(lot.opened_on, lot.quantity - taken, lot.cost - cost, lot.gross - gross)


def _weight(on: date, splits: Sequence[Split]) -> int:
    return prod(split.numerator if split.on > on else split.denominator for split in splits)


def _moment(entry: Entry) -> tuple[date, int, datetime, int]:
    """By day; within it inflows without a time, then all with one by time, then outflows without."""
    out = entry.side is Side.OUT
    if entry.at is None:
        return entry.on, 2 if out else 0, NO_TIME, out
    return entry.on, 1, entry.at, out


def _total(numbers: Iterable[Decimal]) -> Decimal:
    with localcontext(LEDGER):
        return sum(numbers, ZERO)


def _plain(number: Decimal) -> str:
    text = f"{number:.10f}".rstrip("0").rstrip(".")
    return text or "0"
