"""What a ledger row does: to units, to cash, and across the border of its book."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from apps.portfolio.lots import LEDGER, ONE, ZERO, Entry, Side


class Kind(StrEnum):
    """What a ledger row is; its quantity and amount are positive, the kind gives the direction."""

    BUY = "buy"
    SELL = "sell"
    DIVIDEND = "dividend"
    INTEREST = "interest"
    FEE = "fee"
    TAX = "tax"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"
    DELIVERY_IN = "delivery_in"
    DELIVERY_OUT = "delivery_out"
    SPLIT = "split"
    OPENING = "opening"

    @property
    def label(self) -> str:
        """In words."""
        return "Opening position" if self is Kind.OPENING else self.value.replace("_", " ").capitalize()


UNITS_IN = frozenset({Kind.BUY, Kind.OPENING, Kind.DELIVERY_IN, Kind.TRANSFER_IN})
UNITS_OUT = frozenset({Kind.SELL, Kind.DELIVERY_OUT, Kind.TRANSFER_OUT})
TRADES = frozenset({Kind.BUY, Kind.SELL})
INCOME = frozenset({Kind.DIVIDEND, Kind.INTEREST})
# Sign of a row's own amount in cash; trades have theirs from quantity and price.
CASH_SIGN = {
    Kind.BUY: -1,
    Kind.SELL: 1,
    Kind.DIVIDEND: 1,
    Kind.INTEREST: 1,
    Kind.FEE: -1,
    Kind.TAX: -1,
    Kind.DEPOSIT: 1,
    Kind.WITHDRAWAL: -1,
    Kind.TRANSFER_IN: 1,
    Kind.TRANSFER_OUT: -1,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One ledger row in the units and the currency of its own day.

    `rate` is base currency for one of `currency` as recorded with the row; None leaves it to the market. Two rows with
    one `link` are the two ends of a transfer.
    """

    key: Hashable
    on: date
    kind: Kind
    currency: str
    instrument: Hashable = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    fee: Decimal = ZERO
    tax: Decimal = ZERO
    at: datetime | None = None
    rate: Decimal | None = None
    link: Hashable = None

    @property
    def moves_units(self) -> bool:
        """Whether units of an instrument come in or go out."""
        return self.quantity is not None and self.kind in UNITS_IN | UNITS_OUT

    @property
    def is_inflow(self) -> bool:
        """Whether what it moves comes in."""
        return self.kind in UNITS_IN or self.kind is Kind.DEPOSIT

    @property
    def unit_price(self) -> Decimal | None:
        """The price said, or what the amount makes of it; None where neither was."""
        if self.price is not None or not self.quantity or self.amount is None:
            return self.price
        return LEDGER.divide(self.amount, self.quantity)

    @property
    def moment(self) -> tuple[date, int, float]:
        """Within a day what comes in without a time is first, then all with one, then what goes out without."""
        if self.at is not None:
            return self.on, 1, self.at.timestamp()
        return self.on, 0 if self.is_inflow or self.kind in INCOME else 2, 0.0

    @property
    def total(self) -> Decimal:
        """What changed hands before fee and tax, positive."""
        if self.quantity is None or self.price is None:
            return self.amount or ZERO
        return LEDGER.multiply(self.quantity, self.price)

    @property
    def cash(self) -> Decimal:
        """What it adds to the cash of its currency; negative where cash is paid."""
        moved = ZERO
        if self.kind in TRADES or not self.moves_units:
            moved = CASH_SIGN.get(self.kind, 0) * self.total
        costs = ZERO if self.kind is Kind.OPENING else LEDGER.add(self.fee, self.tax)
        return LEDGER.subtract(moved, costs)

    @property
    def fees(self) -> Decimal:
        """Fees in its currency, those that are a row of their own included; an opening position's were paid before."""
        if self.kind is Kind.FEE:
            return LEDGER.add(self.total, self.fee)
        return ZERO if self.kind is Kind.OPENING else self.fee

    @property
    def taxes(self) -> Decimal:
        """Taxes in its currency, as `fees`."""
        if self.kind is Kind.TAX:
            return LEDGER.add(self.total, self.tax)
        return ZERO if self.kind is Kind.OPENING else self.tax

    @property
    def income(self) -> Decimal:
        """Dividends and interest before fee and tax."""
        return self.total if self.kind in INCOME else ZERO

    @property
    def external_cash(self) -> Decimal:
        """Cash that crosses the border of the book: positive in, negative out; fees and taxes are inside the return."""
        if self.moves_units or self.kind not in _BORDER:
            return ZERO
        return CASH_SIGN[self.kind] * self.total

    def as_entry(self, rate: Decimal = ONE) -> Entry:
        """The movement of units as the lot arithmetic reads it; `rate` where the row recorded none."""
        if self.quantity is None or not self.moves_units:
            raise ValueError(f"{self.kind} moves no units")
        side = Side.IN if self.kind in UNITS_IN else Side.OUT
        own = rate if self.rate is None else self.rate
        price = self.unit_price or ZERO
        return Entry(self.on, side, self.quantity, price, self.fee, self.tax, self.at, own, self.link, self.key)


_BORDER = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.TRANSFER_IN, Kind.TRANSFER_OUT})
