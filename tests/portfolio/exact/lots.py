"""Which units are held, since when and at what cost: first in first out, or a moving average."""

from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from tests.portfolio.exact.document import UNITS, ZERO, Document, Row

IN = {"buy", "delivery_in", "opening"}
OUT = {"sell", "delivery_out"}


@dataclass
class Lot:
    """Units of one purchase: cost with fees and taxes, gross without, and the cost in base at its own rate."""

    opened_on: date
    quantity: Fraction
    cost: Fraction
    gross: Fraction
    cost_base: Fraction

    def take(self, share: Fraction) -> "Lot":
        """Break a share off."""
        part = Lot(self.opened_on, *(share * each for each in (self.quantity, self.cost, self.gross, self.cost_base)))
        self.quantity -= part.quantity
        self.cost -= part.cost
        self.gross -= part.gross
        self.cost_base -= part.cost_base
        return part


@dataclass
class Position:
    """The lots of one instrument in one portfolio and what its sales brought."""

    lots: list[Lot] = field(default_factory=list)
    realised: Fraction = ZERO
    realised_base: Fraction = ZERO
    realised_fx: Fraction = ZERO
    relieved: Fraction = ZERO

    @property
    def quantity(self) -> Fraction:
        """Units held."""
        return sum((lot.quantity for lot in self.lots), ZERO)

    def add(self, lots: list[Lot], *, average: bool) -> None:
        """Lots come in by the day that they were opened; a pool has one lot."""
        self.lots = sorted([*self.lots, *(replace(lot) for lot in lots)], key=lambda lot: lot.opened_on)
        if average and self.lots:
            pool = self.lots[0]
            for lot in self.lots[1:]:
                pool.quantity += lot.quantity
                pool.cost += lot.cost
                pool.gross += lot.gross
                pool.cost_base += lot.cost_base
            self.lots = [pool]

    def remove(self, quantity: Fraction) -> list[Lot]:
        """Units go out, the oldest first; more than held is an error."""
        if quantity > self.quantity:
            raise ValueError("more goes out than is held")
        gone = []
        while quantity > 0:
            lot = self.lots[0]
            part = lot.take(min(quantity / lot.quantity, Fraction(1)))
            quantity -= part.quantity
            gone.append(part)
            if lot.quantity == 0:
                self.lots.pop(0)
        self.relieved += sum((part.cost for part in gone), ZERO)
        return gone


class Book:
    """All portfolios of a document: a transfer's end waits for its beginning."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.positions: dict[tuple[str, str], Position] = defaultdict(Position)
        self._sent: dict[tuple[str, str], list[Lot]] = {}
        self._seen: dict[str, date] = {}
        self._outgoing = {row.transfer for row in document.rows if row.kind == "transfer_out" and row.instrument}
        waiting: dict[str, deque[Row]] = defaultdict(deque)
        for row in document.rows:
            if row.instrument and row.kind in UNITS:
                waiting[row.portfolio].append(row)
        while any(waiting.values()):
            before = sum(map(len, waiting.values()))
            for rows in waiting.values():
                self._advance(rows)
            if sum(map(len, waiting.values())) == before:
                raise ValueError("a transfer waits for itself")
        for portfolio in list(waiting):
            self._split(portfolio, document.end)

    def _advance(self, rows: deque[Row]) -> None:
        while rows:
            row = rows[0]
            awaits = row.kind == "transfer_in" and row.transfer and row.transfer in self._outgoing
            if awaits and (row.transfer, row.instrument) not in self._sent:
                return
            self._split(row.portfolio, row.on)
            self._apply(rows.popleft())

    def _split(self, portfolio: str, on: date) -> None:
        last = self._seen.get(portfolio, date.min)
        for (owner, name), position in self.positions.items():
            if owner == portfolio:
                for lot in position.lots:
                    lot.quantity *= self.document.ratio(name, last, on)
        self._seen[portfolio] = on

    def _apply(self, row: Row) -> None:
        position, average = self.positions[row.portfolio, row.instrument], self.document.average
        if row.kind in IN or (row.kind == "transfer_in" and (row.transfer, row.instrument) not in self._sent):
            gross = self._gross(row)
            cost = gross + row.fee + row.tax
            position.add([Lot(row.on, row.quantity, cost, gross, cost * self.document.rate(row))], average=average)
        elif row.kind == "transfer_in":
            position.add(self._sent[row.transfer, row.instrument], average=average)
        elif row.kind == "transfer_out":
            self._sent[row.transfer, row.instrument] = position.remove(row.quantity)
        elif row.kind in OUT:
            self._sell(position, row)

    def _gross(self, row: Row) -> Fraction:
        """Units times price; the market's where none was said."""
        price = row.price or self.document.close(row.instrument, row.on) or ZERO
        return row.quantity * price

    def _sell(self, position: Position, row: Row) -> None:
        gone = position.remove(row.quantity)
        rate = self.document.rate(row)
        gross = self._gross(row)
        proceeds = gross - row.fee - row.tax
        gain = proceeds - sum((lot.cost for lot in gone), ZERO)
        gain_base = proceeds * rate - sum((lot.cost_base for lot in gone), ZERO)
        position.realised += gain
        position.realised_base += gain_base
        position.realised_fx += gain_base - gain * rate
