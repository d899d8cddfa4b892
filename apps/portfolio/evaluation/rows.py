"""The transactions of a document as ledger rows of books, and what no set of rows may be."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.portfolio.evaluation.scalars import (
    DocumentError,
    clock,
    currency,
    day,
    mapping,
    not_negative,
    number,
    positive,
    split,
    word,
)
from apps.portfolio.lots import LEDGER, ONE, ZERO
from apps.portfolio.movements import INCOME, TRADES, UNITS_IN, UNITS_OUT, Kind, Row
from apps.portfolio.splits import Split

ONE_BOOK = "main"
# Other names of a kind, and whether their amount is turned round: what is paid back is less of what was paid.
OTHERS = {
    "fees": (Kind.FEE, 1),
    "taxes": (Kind.TAX, 1),
    "fee_refund": (Kind.FEE, -1),
    "fees_refund": (Kind.FEE, -1),
    "tax_refund": (Kind.TAX, -1),
    "taxes_refund": (Kind.TAX, -1),
    "interest_charge": (Kind.INTEREST, -1),
}
TRANSFERS = frozenset({Kind.TRANSFER_IN, Kind.TRANSFER_OUT})
UNITS_ONLY = TRADES | {Kind.DELIVERY_IN, Kind.DELIVERY_OUT, Kind.OPENING}
TURNABLE = INCOME | {Kind.FEE, Kind.TAX}
type Books = dict[Hashable, list[Row]]


def books_of(said: Sequence[Any], usual: str) -> tuple[Books, dict[str, list[Split]]]:
    """Rows by portfolio, and the splits among them by instrument; `usual` is the currency of a row without one."""
    books: Books = defaultdict(list)
    own: dict[str, list[Split]] = defaultdict(list)
    for place, one in enumerate(said):
        key = place if not isinstance(one, Mapping) or one.get("id") in (None, "") else one["id"]
        try:
            row = mapping(one, "row")
            kind, sign = kind_of(row.get("kind"))
            if kind is Kind.SPLIT:
                own[word(row.get("instrument"), "instrument")].append(split(row))
            else:
                book = word(ONE_BOOK if row.get("portfolio") is None else row["portfolio"], "portfolio")
                books[book].append(_row(key if isinstance(key, int) else word(key, "id"), kind, sign, row, usual))
        except DocumentError as error:
            raise DocumentError(f"transaction {key}: {error}") from None
    _check_transfers(books)
    return books, own


def kind_of(said: Any) -> tuple[Kind, int]:
    """In any case and with any joint: `Transfer in`, `TRANSFER-IN`."""
    name = word(said, "kind").lower().replace(" ", "_").replace("-", "_")
    if name in OTHERS:
        return OTHERS[name]
    if name not in set(Kind):
        raise DocumentError(f"kind {said!r} is none of {', '.join([*Kind, *OTHERS])}")
    return Kind(name), 1


def _row(key: Hashable, kind: Kind, sign: int, said: Mapping[str, Any], usual: str) -> Row:
    instrument = said.get("instrument")
    amount = number(said.get("amount"), "amount")
    row = Row(
        key=key,
        on=day(said.get("date")),
        kind=kind,
        currency=currency(said.get("currency"), usual),
        instrument=None if instrument in (None, "") else word(instrument, "instrument"),
        quantity=not_negative(said.get("quantity"), "quantity"),
        price=not_negative(said.get("price"), "price"),
        amount=None if amount is None else sign * amount,
        rate=_rate(said),
        fee=number(said.get("fee"), "fee") or ZERO,
        tax=number(said.get("tax"), "tax") or ZERO,
        at=clock(said.get("date"), said.get("time")),
        link=None if said.get("transfer") in (None, "") else word(said["transfer"], "transfer"),
    )
    _check(row)
    return row


def _rate(said: Mapping[str, Any]) -> Decimal | None:
    """Base currency for one of the row's, said that way or turned round."""
    if number(said.get("rate"), "rate") is not None:
        return positive(said["rate"], "rate")
    if number(said.get("inverse_rate"), "inverse_rate") is None:
        return None
    return LEDGER.divide(ONE, positive(said["inverse_rate"], "inverse_rate"))


def _check(row: Row) -> None:
    """Each kind has what it needs."""
    units = row.kind in UNITS_ONLY or (row.kind in TRANSFERS and row.quantity is not None)
    if units and not row.quantity:
        raise DocumentError("quantity is missing or 0")
    if units and row.instrument is None:
        raise DocumentError(f"{row.kind} of units without an instrument")
    worth = row.amount is not None or (row.price is not None and row.quantity is not None)
    worth = worth or (row.kind is Kind.FEE and row.fee != ZERO) or (row.kind is Kind.TAX and row.tax != ZERO)
    if not worth and (row.kind in TRADES or not units):
        raise DocumentError("price is missing" if row.kind in TRADES else "amount is missing")
    if row.kind not in TURNABLE and row.amount is not None and row.amount < ZERO:
        raise DocumentError(f"amount {row.amount} is less than 0")


def _check_transfers(books: Books) -> None:
    ends: dict[Hashable, list[tuple[Hashable, Row]]] = defaultdict(list)
    for book, rows in books.items():
        for row in rows:
            if row.link is not None and row.kind in TRANSFERS:
                ends[row.link].append((book, row))
    for link, found in ends.items():
        if wrong := _wrong_ends(found):
            raise DocumentError(f"transfer {link}: {wrong}")


def _wrong_ends(found: Sequence[tuple[Hashable, Row]]) -> str:
    """What is wrong with the rows of one transfer; one row alone crosses the border."""
    if len(found) == 1:
        return ""
    (here, out), (there, into) = sorted(found[:2], key=lambda end: end[1].kind in UNITS_IN)
    if len(found) > 2 or out.kind not in UNITS_OUT or into.kind not in UNITS_IN:
        return "has one transfer_out and one transfer_in"
    if out.on != into.on:
        return f"goes out on {out.on.isoformat()} and comes in on {into.on.isoformat()}"
    if out.moves_units and here == there:
        return "units stay in one portfolio"
    if (out.instrument, out.quantity) != (into.instrument, into.quantity):
        return "what goes out is not what comes in"
    return ""
