"""One line of a file becomes a draft of a ledger row, or a message at the column that it fails on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from apps.market.currencies import MINOR
from apps.portfolio.imports.days import DayError, day_of, moment_of, time_part
from apps.portfolio.imports.directions import SignError, kind_of
from apps.portfolio.imports.layouts import FIELDS, NUMBERS, Layout, currency_in, normal, plain_text
from apps.portfolio.imports.numbers import NumberError, number_of
from apps.portfolio.imports.tables import Line
from apps.portfolio.lots import LEDGER, ZERO
from apps.portfolio.movements import UNITS_IN, UNITS_OUT, Kind

# More than any position or price that exists, and less than any price: beyond it a finger slipped.
MOST_UNITS, MOST_MONEY, LEAST_PRICE = Decimal(10**12), Decimal(10**13), Decimal("1e-9")
MOST_RATIO = 10**6
DECIMALS, RATE_DECIMALS = Decimal("1e-10"), Decimal("1e-12")  # as many as the ledger keeps
FIRST_DAY = date(1900, 1, 1)
LONGEST = {
    "symbol": 24,
    "mic": 4,
    "isin": 12,
    "name": 160,
    "account": 80,
    "note": 1000,
    "external_id": 80,
    "transfer": 36,
}
_NAMES = frozenset({"symbol", "mic", "isin", "name"})
_NOTHING = frozenset({"", "-", "--", "n/a", "N/A"})
_GUARDED = frozenset("'=+-@\uff1d\uff0b\uff0d\uff20")


class EntryError(ValueError):
    """What is wrong with a row: a message for the member, and the field that it is about ("" for the whole row)."""

    def __init__(self, words: str, about: str = "") -> None:
        super().__init__(words)
        self.about = about


@dataclass(frozen=True, slots=True)
class Draft:
    """A row as the file says it: the instrument by its names, numbers positive, the kind gives the direction."""

    kind: Kind
    traded_on: date
    traded_at: datetime | None = None
    symbol: str = ""
    mic: str = ""
    isin: str = ""
    name: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    numerator: int | None = None
    denominator: int | None = None
    fee: Decimal = ZERO
    tax: Decimal = ZERO
    currency: str = ""
    rate: Decimal | None = None
    account: str = ""
    note: str = ""
    external_id: str = ""
    transfer: str = ""

    @property
    def names_instrument(self) -> bool:
        """Whether the row says what it is about."""
        return bool(self.symbol or self.isin)


class Reader:
    """Reads the lines of one table by one layout."""

    def __init__(self, layout: Layout, names: Sequence[str], base_currency: str) -> None:
        self.layout, self.base = layout, base_currency
        places = {name: place for place, name in enumerate(names)}
        self.places = {one: places[name] for one, name in layout.columns.items() if one in FIELDS}
        self.only = {places[name]: {normal(w) for w in words} for name, words in layout.only.items() if name in places}
        self.fee_currency = base_currency if layout.fee_currency == "base" else layout.fee_currency
        self.fee_currency = self.fee_currency or currency_in(layout.columns.get("fee", ""))

    def draft_of(self, line: Line) -> Draft | None:
        """None for a line that is no entry, or that the layout leaves out. Raises EntryError."""
        if line.problem:
            raise EntryError(line.problem)
        if not self._counts(line.cells):
            return None
        said = {one: line.cells[place] if place < len(line.cells) else "" for one, place in self.places.items()}
        if sum(bool(cell) for cell in line.cells) == 1 or _is_no_entry(said):
            return None
        numbers = self._numbers(said)
        try:
            kind = kind_of(said.get("kind"), numbers, self.layout.kinds)
        except SignError as error:
            raise EntryError(str(error), error.about) from error
        if kind is None:
            return None
        texts = {one: _text(said.get(one, ""), one) for one in LONGEST}
        on = self._day(said.get("traded_on", ""))
        shared = {"traded_on": on, "traded_at": self._moment(on, said), "currency": _currency(said.get("currency", ""))}
        return Draft(kind, **shared, **texts, **self._figures(kind, numbers, said, shared["currency"]))  # type: ignore[arg-type]

    def _counts(self, cells: Sequence[str]) -> bool:
        return all(place < len(cells) and normal(cells[place]) in words for place, words in self.only.items())

    def _numbers(self, said: Mapping[str, str]) -> dict[str, Decimal]:
        found = {}
        for one in NUMBERS:
            try:
                value = number_of(said.get(one, ""), self.layout.mark or ".")
            except NumberError as error:
                raise EntryError(str(error), one) from error
            if value is not None:
                found[one] = _within(value, one)
        return found

    def _day(self, text: str) -> date:
        if not text:
            raise EntryError("The date is missing.", "traded_on")
        try:
            on = day_of(text, self.layout.order)
        except DayError as error:
            raise EntryError(str(error), "traded_on") from error
        if on < FIRST_DAY:
            raise EntryError(f"Before {FIRST_DAY.isoformat()} there is nothing to record.", "traded_on")
        return on

    def _moment(self, on: date, said: Mapping[str, str]) -> datetime | None:
        text = said.get("traded_at", "") or time_part(said["traded_on"])
        try:
            return moment_of(on, text)
        except DayError as error:
            raise EntryError(str(error), "traded_at" if said.get("traded_at") else "traded_on") from error

    def _figures(
        self, kind: Kind, numbers: Mapping[str, Decimal], said: Mapping[str, str], currency: str
    ) -> dict[str, object]:
        rate = numbers.get("rate")
        if rate is not None and rate <= 0:
            raise EntryError("A rate is more than zero.", "rate")
        if kind is Kind.SPLIT:
            ratio: dict[str, object] = {one: _ratio(said.get(one, ""), one) for one in ("numerator", "denominator")}
            return ratio | {"rate": rate}
        costs: dict[str, object] = {
            "fee": self._fee(numbers, said, currency),
            "tax": abs(numbers.get("tax", ZERO)),
            "rate": rate,
        }
        if _moves_units(kind, numbers):
            return costs | _units(numbers)
        amount = abs(numbers.get("amount", ZERO))
        if not amount:
            raise EntryError("The amount is missing.", "amount")
        return costs | {"amount": amount}

    def _fee(self, numbers: Mapping[str, Decimal], said: Mapping[str, str], currency: str) -> Decimal:
        """In the row's currency: converted by the file's own rate, or refused where it names none."""
        fee = LEDGER.add(abs(numbers.get("fee", ZERO)), abs(numbers.get("commission", ZERO)))
        theirs = _currency(said.get("fee_currency", "")) or self.fee_currency
        own = currency or self.base
        if not fee or not theirs or theirs == own:
            return fee
        rate = self._fee_rate(said)
        if rate is None:
            raise EntryError(f"The fee is in {theirs}, the row in {own}, and the file names no rate.", "fee")
        return LEDGER.multiply(fee, rate).quantize(DECIMALS)

    def _fee_rate(self, said: Mapping[str, str]) -> Decimal | None:
        try:
            rate = number_of(said.get("fee_rate", ""), self.layout.mark or ".")
        except NumberError as error:
            raise EntryError(str(error), "fee_rate") from error
        return rate if rate and 0 < rate < MOST_UNITS else None


def _is_no_entry(said: Mapping[str, str]) -> bool:
    """A title, a footnote, a total: nothing says what or when."""
    names = ("kind", "quantity", "symbol", "isin")
    return not any(said.get(one) for one in names) and not any(letter.isdigit() for letter in said.get("traded_on", ""))


def _moves_units(kind: Kind, numbers: Mapping[str, Decimal]) -> bool:
    if kind in {Kind.TRANSFER_IN, Kind.TRANSFER_OUT}:
        return bool(numbers.get("quantity"))
    return kind in UNITS_IN | UNITS_OUT


def _units(numbers: Mapping[str, Decimal]) -> dict[str, object]:
    quantity, price = abs(numbers.get("quantity", ZERO)), numbers.get("price", ZERO)
    if not quantity:
        raise EntryError("The quantity is missing.", "quantity")
    if price < 0:
        raise EntryError("A price is never negative.", "price")
    if not price:
        price = LEDGER.divide(abs(numbers.get("amount", ZERO)), quantity).quantize(DECIMALS, context=LEDGER)
    if not price:
        raise EntryError("The price is missing.", "price")
    if not LEAST_PRICE <= price <= MOST_MONEY:
        raise EntryError(f"A price is between {LEAST_PRICE:f} and {MOST_MONEY:,}; this one is {price:.3g}.", "price")
    return {"quantity": quantity, "price": price}


def _within(value: Decimal, one: str) -> Decimal:
    most = MOST_UNITS if one == "quantity" else MOST_MONEY
    if abs(value) > most:
        raise EntryError(f"{FIELDS[one]}: {value:.3g} is more than exists (at most {most:,}).", one)
    places = RATE_DECIMALS if one == "rate" else DECIMALS
    if value and abs(value) < (LEAST_PRICE if one == "price" else places):
        raise EntryError(f"{FIELDS[one]}: {value:.3g} is too small to be kept.", one)
    kept = value.quantize(places, context=LEDGER)
    if kept != value:
        raise EntryError(f"{FIELDS[one]}: at most {-int(places.as_tuple().exponent)} decimals are kept.", one)
    return kept.normalize(LEDGER)


def _ratio(text: str, one: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and 0 < int(plain[:9]) <= MOST_RATIO and len(plain) < 9):
        raise EntryError("A split says how many new units stand for how many old ones, in whole numbers.", one)
    return int(plain)


def _text(cell: str, one: str) -> str:
    text = plain_text(cell)
    if text in _NOTHING and one in _NAMES:
        return ""
    if one in _NAMES - {"name"}:
        text = text.upper()
        if len(text) > LONGEST[one]:
            raise EntryError(f"{FIELDS[one]}: “{text[:24]}…” is longer than {LONGEST[one]} characters.", one)
    if one == "isin" and text and not (len(text) == 12 and text.isascii() and text.isalnum() and text[:2].isalpha()):
        raise EntryError(f"“{text}” is no ISIN.", one)
    return _unguarded(text)[: LONGEST[one]]


def _unguarded(text: str) -> str:
    """Without the apostrophe that keeps spreadsheets from computing a text."""
    return text[1:] if text[:1] == "'" and text[1:2] in _GUARDED else text


def _currency(cell: str) -> str:
    text = cell.strip()
    if text in _NOTHING or text in MINOR:
        return "" if text in _NOTHING else text
    code = text.upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise EntryError(f"“{text[:12]}” is no currency.", "currency")
    return code
