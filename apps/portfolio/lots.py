"""Matches purchases with disposals: FIFO lots and the moving average, splits applied when reading."""

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum
from math import prod

from apps.portfolio.splits import Split, weight

LEDGER = Context(prec=50, rounding=ROUND_HALF_EVEN)
SHOWN = Context(prec=20, rounding=ROUND_HALF_EVEN)  # in a message: what is short by a hair is seen to be short
ZERO, ONE = Decimal(0), Decimal(1)
NO_TIME = datetime.min.replace(tzinfo=UTC)


class InsufficientPositionError(Exception):
    """More was taken out on a day than was held on that day."""

    def __init__(self, on: date, held: Decimal, wanted: Decimal, key: Hashable = None) -> None:
        super().__init__(f"{_plain(held)} held on {on.isoformat()}, {_plain(wanted)} wanted")
        self.on, self.held, self.wanted, self.key = on, held, wanted, key


class TransferError(ValueError):
    """Units come out of a transfer that they have not gone into."""


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
    """One movement of units: quantity and price positive, in the units of its own day; `side` is the sign.

    `rate` is base currency for one of the entry's on its day. Two entries with one `link` are a transfer between two
    books: what leaves the one keeps day, cost and share of fees in the other, and nothing is realised.
    """

    on: date
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    tax: Decimal = ZERO
    at: datetime | None = None
    rate: Decimal = ONE
    link: Hashable = None
    key: Hashable = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Units still held: `cost` with its share of fees and taxes, `gross` without, `base` as cost at its day's rate."""

    opened_on: date
    quantity: Decimal
    cost: Decimal
    gross: Decimal
    base: Decimal = ZERO
    key: Hashable = None


@dataclass(frozen=True, slots=True)
class Disposal:
    """Units gone: `proceeds` after fees and taxes, `cost` of the units under the method, and the lots it came from.

    `gross` are the proceeds before fees and taxes; `rate` is base currency for one of the entry's on its day. The
    quantities of `parts` are in the units of the disposal's day.
    """

    on: date
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal
    gross: Decimal = ZERO
    rate: Decimal = ONE
    parts: tuple[Lot, ...] = ()
    key: Hashable = None

    @property
    def gain(self) -> Decimal:
        """Realised gain, fees and taxes of both sides counted."""
        return LEDGER.subtract(self.proceeds, self.cost)

    @property
    def gross_gain(self) -> Decimal:
        """Realised gain before all fees and taxes."""
        return LEDGER.subtract(self.gross, _total(part.gross for part in self.parts))

    @property
    def base_gain(self) -> Decimal:
        """In base currency, each side at the rate of its own day; `fx_gain` of it is the currency's."""
        return LEDGER.subtract(LEDGER.multiply(self.proceeds, self.rate), _total(part.base for part in self.parts))

    @property
    def fx_gain(self) -> Decimal:
        """What the cost's currency alone won or lost in base currency."""
        return LEDGER.subtract(self.base_gain, LEDGER.multiply(self.gain, self.rate))


@dataclass(frozen=True, slots=True)
class Holding:
    """What a ledger of one instrument comes to, in the units of the last split applied."""

    lots: tuple[Lot, ...] = ()
    disposals: tuple[Disposal, ...] = ()

    @property
    def quantity(self) -> Decimal:
        """Units held."""
        return _total(lot.quantity for lot in self.lots)

    @property
    def cost(self) -> Decimal:
        """Cost of the units held, fees and taxes of buying included."""
        return _total(lot.cost for lot in self.lots)

    @property
    def gross_cost(self) -> Decimal:
        """Before fees and taxes."""
        return _total(lot.gross for lot in self.lots)

    @property
    def base_cost(self) -> Decimal:
        """Cost of the units held in base currency, each lot at the rate of its day."""
        return _total(lot.base for lot in self.lots)

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
    """The holding that one instrument's entries in one book come to, `until` included; nothing later is looked at.

    Raises InsufficientPositionError when a day takes out more than it holds.
    """
    return match_books({None: entries}, splits, {None: method}, until)[None]


def match_books[Book: Hashable](
    books: Mapping[Book, Iterable[Entry]],
    splits: Iterable[Split] = (),
    methods: Mapping[Book, Method] | None = None,
    until: date | None = None,
) -> dict[Book, Holding]:
    """As `match`, for the books of one instrument side by side, between which units may be transferred.

    Each quantity is first multiplied into a common unit (numerators of later splits, denominators of
    earlier ones) and divided once at the end, so splits lose nothing. Raises InsufficientPositionError, and
    TransferError where units come in before they have gone out.
    """
    known = sorted((s for s in splits if until is None or s.on <= until), key=lambda s: s.on)
    dated = [(book, e) for book, entries in books.items() for e in entries if until is None or e.on <= until]
    pairs = _pairs(entry for _, entry in dated)
    dated.sort(key=lambda pair: _moment(pair[1], pairs))
    carried: dict[Hashable, tuple[Lot, ...]] = {}
    with localcontext(LEDGER):
        unit = Decimal(prod(split.denominator for split in known))
        made = {book: _Book(unit, (methods or {}).get(book, Method.FIFO)) for book in books}
        for book, entry in dated:
            made[book].take(entry, Decimal(weight(entry.on, known)), carried if entry.link in pairs else None)
        return {book: one.holding() for book, one in made.items()}


class _Book:
    """Open lots in the common unit, oldest first; under the average there is at most one."""

    def __init__(self, unit: Decimal, method: Method) -> None:
        self.unit, self.method = unit, method
        self.open: deque[Lot] = deque()
        self.held = ZERO
        self.disposals: list[Disposal] = []

    def take(self, entry: Entry, weight: Decimal, carried: dict[Hashable, tuple[Lot, ...]] | None) -> None:
        """`weight` common units are one unit of the entry's day; `carried` holds what is between two books."""
        if carried is None and entry.side is Side.IN:
            gross = entry.quantity * entry.price
            cost = gross + entry.fee + entry.tax
            self._add(Lot(entry.on, entry.quantity * weight, cost, gross, cost * entry.rate, entry.key))
        elif carried is None:
            self._dispose(entry, weight)
        elif entry.side is Side.OUT:
            carried[entry.link] = self._relieved(entry, weight)
        elif entry.link in carried:
            for lot in carried.pop(entry.link):
                self._add(lot)
        else:
            raise TransferError(f"What comes in on {entry.on.isoformat()} by transfer {entry.link} has not gone out.")

    def _add(self, lot: Lot) -> None:
        self.held += lot.quantity
        if self.method is Method.AVERAGE and self.open:
            lot = _merged(self.open.pop(), lot)
        # What was transferred keeps its day, and with it its turn.
        self.open.insert(bisect_right(self.open, lot.opened_on, key=lambda one: one.opened_on), lot)

    def _relieved(self, entry: Entry, weight: Decimal) -> tuple[Lot, ...]:
        """The lots that leave, or parts of them, in the common unit."""
        left = entry.quantity * weight
        if left > self.held:
            raise InsufficientPositionError(entry.on, self.held / weight, entry.quantity, entry.key)
        self.held -= left
        parts = []
        while left:
            part, rest = _cut(self.open.popleft(), left)
            parts.append(part)
            left -= part.quantity
            if rest:
                self.open.appendleft(rest)
        return tuple(parts)

    def _dispose(self, entry: Entry, weight: Decimal) -> None:
        parts = tuple(replace(part, quantity=part.quantity / weight) for part in self._relieved(entry, weight))
        gross, cost = entry.quantity * entry.price, _total(part.cost for part in parts)
        proceeds = gross - entry.fee - entry.tax
        self.disposals.append(Disposal(entry.on, entry.quantity, proceeds, cost, gross, entry.rate, parts, entry.key))

    def holding(self) -> Holding:
        lots = tuple(replace(lot, quantity=lot.quantity / self.unit) for lot in self.open)
        return Holding(lots, tuple(self.disposals))


def _merged(pool: Lot, lot: Lot) -> Lot:
    sums = (pool.quantity + lot.quantity, pool.cost + lot.cost, pool.gross + lot.gross, pool.base + lot.base)
    return Lot(min(pool.opened_on, lot.opened_on), *sums, pool.key)


def _cut(lot: Lot, wanted: Decimal) -> tuple[Lot, Lot | None]:
    """The part taken (all of a lot that is no larger) and what is left of it; nothing is lost between them."""
    if wanted >= lot.quantity:
        return lot, None
    cost, gross, base = (amount * wanted / lot.quantity for amount in (lot.cost, lot.gross, lot.base))
    part = replace(lot, quantity=wanted, cost=cost, gross=gross, base=base)
    rest = (lot.quantity - wanted, lot.cost - cost, lot.gross - gross, lot.base - base)
    return part, Lot(lot.opened_on, *rest, lot.key)


def _pairs(entries: Iterable[Entry]) -> dict[Hashable, tuple[int, datetime | None]]:
    """Transfers of which both ends are known: their place, and the time of the later end."""
    ends: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.link is not None:
            ends[entry.link].append(entry)
    whole = {link: found for link, found in ends.items() if len(found) == 2}
    times = {link: [end.at for end in found if end.at] for link, found in whole.items()}
    return {link: (place, max(times[link], default=None)) for place, link in enumerate(whole)}


def _moment(
    entry: Entry, pairs: Mapping[Hashable, tuple[int, datetime | None]]
) -> tuple[date, int, datetime, int, int]:
    """By day; within it inflows without a time, all with one by time, transfers without, then outflows without.

    At one moment inflows come before transfers (as given, each end after its beginning), and these before outflows.
    """
    out = entry.side is Side.OUT
    if entry.link in pairs:
        place, at = pairs[entry.link]
        return entry.on, 1 if at else 2, at or NO_TIME, 1, 2 * place + (not out)
    if entry.at is None:
        return entry.on, 3 if out else 0, NO_TIME, 0, 0
    return entry.on, 1, entry.at, 2 if out else 0, 0


def _total(numbers: Iterable[Decimal]) -> Decimal:
    with localcontext(LEDGER):
        return sum(numbers, ZERO)


def _plain(number: Decimal) -> str:
    return f"{number.normalize(SHOWN):f}"
