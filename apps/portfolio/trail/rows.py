"""Ledger rows as inputs: units in today's units, what was paid, what a split made of them."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date

from apps.portfolio.lots import ONE
from apps.portfolio.movements import UNITS_OUT, Row
from apps.portfolio.splits import Split
from apps.portfolio.trail.tree import RATIO, UNITS, Kind, Op, Source, Step, given, step

type PriceOn = Callable[[Hashable, date], Step | None]  # of one unit, in the units of that day
type RateOn = Callable[[str, date], Step | None]  # base currency for one of it; None for the base currency itself


@dataclass(frozen=True, slots=True)
class Market:
    """What the market said, as inputs with their sources."""

    base: str
    price: PriceOn
    rate: RateOn


def units_held(rows: Sequence[Row], splits: Sequence[Split]) -> Step:
    """What came in without what went out, each row in the units of the last split."""
    came = [in_new_units(row, splits) for row in rows if row.kind not in UNITS_OUT]
    went = [in_new_units(row, splits) for row in rows if row.kind in UNITS_OUT]
    into = step("Units in", Op.SUM, came, UNITS)
    if not went:
        return step("Units held", Op.SUM, came, UNITS)
    return step("Units held", Op.LESS, [into, step("Units out", Op.SUM, went, UNITS)], UNITS)


def in_new_units(row: Row, splits: Sequence[Split]) -> Step:
    """A row's quantity times the splits that came after it, divided once."""
    return split_up(quantity_of(row), row.on, splits, f"{row.kind.label}, {row.on:%-d %b %Y}")


def split_up(units: Step, on: date, splits: Sequence[Split], name: str) -> Step:
    """Units of a day (or what is told of them) in the units of the last split."""
    later = [split for split in splits if split.on > on]
    if not later:
        return units
    up = [_part(split, split.numerator, "new") for split in later if split.numerator != 1]
    down = [_part(split, split.denominator, "old") for split in later if split.denominator != 1]
    many = step(name, Op.TIMES, [units, *up], units.unit)
    return step(name, Op.OVER, [many, step("Old units", Op.TIMES, down, RATIO)], units.unit) if down else many


def price_after(price: Step, since: date, until: date, splits: Sequence[Split]) -> Step:
    """A price of a day in the units of a later one."""
    later = [split for split in splits if since < split.on <= until]
    if not later:
        return price
    down = step("New units for the old", Op.TIMES, [_part(split, split.numerator, "new") for split in later], RATIO)
    up = [_part(split, split.denominator, "old") for split in later if split.denominator != 1]
    whole = step(price.name, Op.TIMES, [price, *up], price.unit) if up else price
    return step(price.name, Op.OVER, [whole, down], price.unit)


def quantity_of(row: Row) -> Step:
    """Its own, in the units of its day."""
    return given(f"{row.kind.label}, {row.on:%-d %b %Y}", row.quantity or ONE, UNITS, source_of(row))


def paid_for(row: Row, market: Market) -> Step:
    """What units that came in cost in base currency: price times quantity with fee and tax, at the row's rate."""
    name = f"{row.kind.label}, {row.on:%-d %b %Y}"
    parts = [_gross(row, market)]
    costs = {"Fee": row.fee, "Tax": row.tax}
    parts += [given(word, cost, row.currency, source_of(row)) for word, cost in costs.items() if cost]
    return at_rate(parts[0] if len(parts) == 1 else step(name, Op.SUM, parts, row.currency), row, market)


def gross_of(row: Row, market: Market) -> Step:
    """The same before fee and tax."""
    return at_rate(_gross(row, market), row, market)


def at_rate(amount: Step, row: Row, market: Market) -> Step:
    """In base currency: the rate that the row recorded beats the market's of its day."""
    rate = rate_of(row, market)
    if rate is None:
        return amount
    return step(amount.name, Op.TIMES, [amount, rate], market.base)


def rate_of(row: Row, market: Market) -> Step | None:
    """None in base currency."""
    if row.currency == market.base:
        return None
    if row.rate is not None:
        words = f"{market.base} for one {row.currency}, as recorded"
        return given(words, row.rate, RATIO, Source(Kind.RATE, row.on, "recorded with the row", key=str(row.key)))
    return market.rate(row.currency, row.on)


def source_of(row: Row) -> Source:
    """The row itself."""
    return Source(Kind.ROW, row.on, key=str(row.key), words=row.kind.label)


def _gross(row: Row, market: Market) -> Step:
    name = f"{row.kind.label}, {row.on:%-d %b %Y}"
    if row.price is None and row.amount is not None:
        return given(name, row.amount, row.currency, source_of(row))
    price = None if row.price is not None else market.price(row.instrument, row.on)
    if price is None:
        price = given("Price", row.price or ONE * 0, row.currency, source_of(row))
    return step(name, Op.TIMES, [given("Quantity", row.quantity or ONE, UNITS, source_of(row)), price], row.currency)


def _part(split: Split, number: int, word: str) -> Step:
    words = f"{split.numerator}:{split.denominator} split of {split.on:%-d %b %Y}, {word} units"
    return given(words, ONE * number, RATIO, Source(Kind.SPLIT, split.on))
