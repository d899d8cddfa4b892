"""The ledger as a table, and the number that two equal ledgers have in common."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from apps.portfolio.documents import Cell, Sheet, written
from apps.portfolio.imports.layouts import plain_text
from apps.portfolio.models import Portfolio, Transaction

# Column of the file -> what it is read from; the first ones are the ledger's own words, the last two the market's.
OWN = {
    "traded_on": "traded_on",
    "traded_at": "traded_at",
    "account": "account__name",
    "kind": "kind",
    "mic": "instrument__exchange_id",
    "symbol": "instrument__symbol",
    "quantity": "quantity",
    "price": "price",
    "amount": "amount",
    "numerator": "numerator",
    "denominator": "denominator",
    "fee": "fee",
    "tax": "tax",
    "currency": "currency",
    "rate": "rate",
    "note": "note",
    "external_id": "external_id",
}
ABOUT = {"isin": "instrument__isin", "name": "instrument__name"}
COLUMNS = (*OWN, "transfer", *ABOUT)
TEXTS = ("account", "note", "external_id")
A_CHUNK = 5_000


def ledger_sheet(portfolio: Portfolio) -> Sheet:
    """Oldest first, read as the file is written. Ends of one transfer have one number."""
    return Sheet("transactions", COLUMNS, _rows(portfolio))


def ledger_hash(portfolio: Portfolio) -> str:
    """Of everything that the ledger itself says, whatever the order in which it was recorded; SHA-256 as hex."""
    own = len(OWN) + 1
    lines = ["\x1f".join(written(cell) for cell in row[:own]) for row in _rows(portfolio)]
    return sha256("\x1e".join(sorted(lines)).encode()).hexdigest()


def _rows(portfolio: Portfolio) -> Iterator[Sequence[Cell]]:
    """In an order of their own words alone, so that the numbers of transfers are the same for the same ledger."""
    sources = [*OWN.values(), "link", *ABOUT.values()]
    found = Transaction.objects.filter(account__portfolio=portfolio).order_by(*OWN.values(), "pk")
    numbers: dict[UUID, int] = {}
    for row in found.values_list(*sources).iterator(chunk_size=A_CHUNK):
        yield _told(row, numbers)


def _told(row: Sequence[Any], numbers: dict[UUID, int]) -> Sequence[Cell]:
    said = dict(zip((*OWN, "link", *ABOUT), row, strict=True))
    link = said.pop("link")
    said |= {name: plain_text(said[name]) for name in TEXTS}
    said["transfer"] = numbers.setdefault(link, len(numbers) + 1) if link else None
    return [said[name] or None if isinstance(said[name], str) else said[name] for name in COLUMNS]
