"""What ledger rows come to at a moment: lots, gains and income of each instrument, cash of each currency."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext

from apps.portfolio.lots import LEDGER, ZERO, Entry, Holding, Method, match_books
from apps.portfolio.movements import INCOME, Row
from apps.portfolio.replay import Rate, Series


@dataclass(frozen=True, slots=True)
class Valued:
    """One instrument of a book: money in its own currency, what ends in `_base` in the book's.

    `price` is the last one known on the day, None before the first; then its value and its gains are None too.
    `rate` is base currency for one of its own on that day.
    """

    instrument: Hashable
    currency: str
    holding: Holding
    price: Decimal | None
    rate: Decimal
    income_base: Decimal = ZERO

    @property
    def value(self) -> Decimal | None:
        """Units held at the price."""
        return None if self.price is None else LEDGER.multiply(self.holding.quantity, self.price)

    @property
    def value_base(self) -> Decimal | None:
        """In the book's currency at that day's rate."""
        return None if self.value is None else LEDGER.multiply(self.value, self.rate)

    @property
    def gain(self) -> Decimal | None:
        """Unrealised, since purchase, fees and taxes of buying counted."""
        return None if self.value is None else LEDGER.subtract(self.value, self.holding.cost)

    @property
    def gain_base(self) -> Decimal | None:
        """Unrealised, each lot's cost at the rate of its own day; `fx_gain_base` of it is the currency's."""
        return None if self.value_base is None else LEDGER.subtract(self.value_base, self.holding.base_cost)

    @property
    def fx_gain_base(self) -> Decimal | None:
        """What the currency of the cost alone won or lost since purchase."""
        if self.gain is None or self.gain_base is None:
            return None
        return LEDGER.subtract(self.gain_base, LEDGER.multiply(self.gain, self.rate))


def valued(
    books: Mapping[Hashable, Sequence[Row]],
    series: Mapping[Hashable, Series],
    rates: Mapping[Hashable, Rate],
    *,
    until: date,
    methods: Mapping[Hashable, Method] | None = None,
) -> dict[Hashable, list[Valued]]:
    """Every instrument that a book ever held, book by book, as known on that day.

    Books are looked at together, for units may be transferred between them. Raises InsufficientPositionError, and what
    the rates raise.
    """
    found: dict[Hashable, list[Valued]] = {book: [] for book in books}
    instruments = dict.fromkeys(row.instrument for rows in books.values() for row in rows if row.moves_units)
    for key in instruments:
        entries = {book: _entries(rows, key, series[key], rates[book]) for book, rows in books.items()}
        holdings = match_books(entries, series[key].splits, methods, until)
        price = price_on(series[key], until)
        for book, holding in holdings.items():
            if entries[book]:
                rate = rates[book](series[key].currency, until)
                income = _income(books[book], key, rates[book], until)
                found[book].append(Valued(key, series[key].currency, holding, price, rate, income))
    return found


def cash_of(rows: Iterable[Row], until: date) -> dict[str, Decimal]:
    """What lies in each currency after that day; a currency that was never used is not named."""
    cash: dict[str, Decimal] = defaultdict(lambda: ZERO)
    with localcontext(LEDGER):
        for row in rows:
            if row.on <= until and row.cash:
                cash[row.currency] += row.cash
    return dict(cash)


def price_on(series: Series, on: date) -> Decimal | None:
    """The last price known on that day, in that day's units; None before the first."""
    place = bisect_right(series.days, on) - 1
    if place < 0:
        return None
    price, seen = series.prices[place], series.days[place]
    with localcontext(LEDGER):
        for split in series.splits:
            if seen < split.on <= on:
                price = price * split.denominator / split.numerator
        return price


def price_return(series: Series, rate: Rate, start: date, end: date) -> float:
    """What a price made of one in base currency between two days, splits counted; NaN where it was not known yet."""
    before, after = price_on(series, start), price_on(series, end)
    if not before or not after:
        return math.nan
    factor = math.prod(split.numerator / split.denominator for split in series.splits if start < split.on <= end)
    factor *= float(rate(series.currency, end) / rate(series.currency, start))
    return float(after) * factor / float(before) - 1


def _entries(rows: Iterable[Row], key: Hashable, series: Series, rate: Rate) -> list[Entry]:
    moving = [row for row in rows if row.instrument == key and row.moves_units]
    return [_in_currency(_priced(row, series, rate), series.currency, rate) for row in moving]


def _priced(row: Row, series: Series, rate: Rate) -> Row:
    """Units that came or went without a price were worth the market's."""
    if row.unit_price is not None:
        return row
    price = price_on(series, row.on)
    if price is not None and row.currency != series.currency:
        own = rate(row.currency, row.on) if row.rate is None else row.rate
        price = LEDGER.divide(LEDGER.multiply(price, rate(series.currency, row.on)), own)
    return replace(row, price=price)


def _in_currency(row: Row, currency: str, rate: Rate) -> Entry:
    """Money of a row in another currency than its instrument's is converted at the rate of its day."""
    own = rate(row.currency, row.on) if row.rate is None else row.rate
    entry = row.as_entry(own)
    if row.currency == currency:
        return entry
    with localcontext(LEDGER):
        market = rate(currency, row.on)
        factor = own / market
        price, fee, tax = entry.price * factor, entry.fee * factor, entry.tax * factor
        return replace(entry, price=price, fee=fee, tax=tax, rate=market)


def _income(rows: Iterable[Row], key: Hashable, rate: Rate, until: date) -> Decimal:
    """Before fees and taxes, each at the rate of its day."""
    with localcontext(LEDGER):
        paid = [row for row in rows if row.instrument == key and row.kind in INCOME and row.on <= until]
        return sum((row.income * (rate(row.currency, row.on) if row.rate is None else row.rate) for row in paid), ZERO)
