"""How a file is to be read: its encoding, marks and columns, and what its words for kinds mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from apps.portfolio.imports.tables import unique_names
from apps.portfolio.movements import Kind

# Field of the ledger -> what the page calls it.
FIELDS = {
    "traded_on": "Date",
    "traded_at": "Time",
    "kind": "Kind",
    "symbol": "Symbol",
    "mic": "Exchange (MIC)",
    "isin": "ISIN",
    "name": "Name",
    "quantity": "Quantity",
    "price": "Price",
    "amount": "Amount",
    "fee": "Fee",
    "commission": "Further fee",
    "fee_currency": "Currency of the fee",
    "fee_rate": "Trade currency for one of the fee's",
    "tax": "Tax",
    "currency": "Currency",
    "rate": "Rate to the base currency",
    "account": "Account",
    "note": "Note",
    "external_id": "Reference",
    "numerator": "New units (split)",
    "denominator": "Old units (split)",
    "transfer": "Number of the transfer",
}
NUMBERS = ("quantity", "price", "amount", "fee", "commission", "tax", "rate")
# Words that a sign decides: of the quantity for the first two, of the amount for the third; and rows to leave out.
TRADE, DELIVERY, CASH, IGNORE = "trade", "delivery", "cash", "ignore"
MEANINGS = {kind.value: kind.label for kind in Kind} | {
    TRADE: "Buy or sell, by the sign of the quantity",
    DELIVERY: "Delivery in or out, by the sign of the quantity",
    CASH: "Deposit or withdrawal, by the sign of the amount",
    IGNORE: "Leave these rows out",
}
MOST_WORDS, LONGEST_WORD = 200, 80
_CODE = re.compile(r" ([A-Z]{3})$")


class LayoutError(ValueError):
    """A layout that no file can be read by; the message is for the member."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What was detected or chosen; `None` for a mark or an order is a question that is still open.

    `columns` is field -> name of its column, `kinds` word (casefolded) -> Kind or one of TRADE, DELIVERY, CASH, IGNORE,
    `only` column -> words of rows that count, `fee_currency` that of fees where no column says it ("base" for the
    portfolio's own); empty for the trade's.
    """

    encoding: str
    delimiter: str
    header: int
    mark: str | None
    order: str | None
    columns: Mapping[str, str]
    kinds: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    preset: str = ""
    fee_currency: str = ""

    def as_json(self) -> dict[str, Any]:
        """For a column of type JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Layout":
        """What `as_json` made; names that are not known any more are left out."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in found.items() if name in known})

    def problems(self, names: Sequence[str]) -> list[str]:
        """What is missing before a file with these columns can be read; empty when nothing is."""
        lacking = [
            (self.mark is None, "Say which mark stands before the decimals: “1,234” could be either."),
            (self.order is None, "Say whether the day or the month comes first: “03/04/2026” could be either."),
            ("traded_on" not in self.columns, "Say which column holds the date."),
            (not {"quantity", "amount"} & set(self.columns), "Say which column holds the quantity or the amount."),
        ]
        said = [words for is_lacking, words in lacking if is_lacking]
        missing = sorted(set(self.columns.values()) - set(names))
        return said + [f"The file has no column “{name}”." for name in missing]


def meaning_of(word: str, kinds: Mapping[str, str]) -> str | None:
    """What a word for a kind means: the whole of it, else the longest known beginning that ends between two words."""
    text = normal(word)
    if text in kinds:
        return kinds[text]
    found = [known for known in kinds if known and text.startswith(known) and not text[len(known)].isalnum()]
    return kinds[max(found, key=len)] if found else None


def normal(word: str) -> str:
    """As words for kinds and columns are compared."""
    return " ".join(word.split()).casefold()


def plain_text(text: str | None) -> str:
    """One line of visible letters, as texts of a ledger are written to files and read from them."""
    return "".join(letter for letter in " ".join((text or "").split()) if letter.isprintable())


def currency_in(column: str) -> str:
    """The code that a column's name ends with ("Fees EUR"); empty where none does."""
    match = _CODE.search(column)
    return match[1] if match else ""


def named_columns(cells: Sequence[str], wanted: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Field -> the column of the header which bears the earliest of its names."""
    unique = unique_names(cells)
    names = {normal(_CODE.sub("", name)): name for name in reversed(unique)}
    names |= {normal(name): name for name in reversed(unique)}
    found: dict[str, str] = {}
    for one, candidates in wanted.items():
        name = next((names[normal(candidate)] for candidate in candidates if normal(candidate) in names), None)
        if name is not None and name not in found.values():
            found[one] = name
    return found
