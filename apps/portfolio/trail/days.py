"""Trails of one day of a book: what it was worth at the close, and what had moved it since an earlier day."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from apps.portfolio.lots import ONE
from apps.portfolio.movements import TRADES, UNITS_OUT, Row
from apps.portfolio.movements import Kind as RowKind
from apps.portfolio.splits import Split
from apps.portfolio.trail.cash import cash_moved, cost_of, income_of, worth_of_cash
from apps.portfolio.trail.rows import (
    Market,
    at_rate,
    gross_of,
    price_after,
    quantity_of,
    rate_of,
    source_of,
    units_held,
)
from apps.portfolio.trail.tree import RATIO, SHARE, Kind, Op, Source, Step, constant, given, step


@dataclass(frozen=True, slots=True)
class Traded:
    """An instrument of the book."""

    symbol: str
    currency: str
    splits: Sequence[Split]


@dataclass(frozen=True, slots=True)
class Then:
    """A book as its replay reads it: rows in the order of their moments, with or without a ledger of cash."""

    rows: Sequence[Row]
    traded: Mapping[Hashable, Traded]
    market: Market
    keeps_cash: bool
    before_taxes: bool = False

    def on(self, day: date) -> list[Row]:
        """Rows of that day."""
        return [row for row in self.rows if row.on == day]

    def between_pockets(self, row: Row) -> bool:
        """One end of a transfer whose both ends lie in this book."""
        return row.link is not None and Counter(one.link for one in self.rows)[row.link] == 2


def value_on(book: Then, on: date) -> Step:
    """Everything held at its last known price, and cash, in base currency."""
    parts = [worth for key in book.traded if (worth := worth_on(book, key, on)) is not None]
    if book.keeps_cash:
        parts += worth_of_cash(book.rows, book.market, on)
    words = "Units held times the last price known on that day, and cash, at the rates of that day."
    return step(f"Value on {on:%-d %b %Y}", Op.SUM, parts, book.market.base, words)


def group_on(book: Then, keys: Sequence[Hashable], on: date, name: str, *, with_cash: bool) -> Step:
    """What some instruments were worth together, and cash where it is one of them."""
    parts = [worth for key in keys if (worth := worth_on(book, key, on)) is not None]
    if with_cash and book.keeps_cash:
        parts += worth_of_cash(book.rows, book.market, on)
    return step(f"{name} on {on:%-d %b %Y}", Op.SUM, parts, book.market.base, "Values of its members at the close.")


def weight_on(book: Then, group: Step, on: date) -> Step | None:
    """In everything held on that day; None where that is nothing."""
    whole = value_on(book, on)
    source = Source(Kind.FIGURE, on, figure=f"value-on/?on={on.isoformat()}")
    words = "Value over that of everything held on the day."
    known = given(whole.name, whole.value, whole.unit, source)
    return step(f"Weight of {group.name}", Op.OVER, [group, known], SHARE, words) if whole.value else None


def worth_on(book: Then, key: Hashable, on: date) -> Step | None:
    """Of one instrument; None where none of it was held."""
    local = _local(book, key, on)
    if local is None:
        return None
    rate = _own_rate(book, key, on)
    name = f"{book.traded[key].symbol} on {on:%-d %b %Y}"
    return step(name, Op.TIMES, [*local.parts, *([rate] if rate else [])], book.market.base)


def moved_on(book: Then, on: date, after: date, part: str) -> Step:
    """`part` is inflow, outflow, income, fees, taxes, price or fx of a day; days between the two moved nothing."""
    makers = {"inflow": _crossed, "outflow": _crossed, "income": _booked, "fees": _booked, "taxes": _booked}
    if part in makers:
        parts = makers[part](book, on, part)
    else:
        parts = _by_currency(book, on, after) if part == "fx" else _by_prices(book, on, after)
    return step(f"{part.capitalize()} on {on:%-d %b %Y}", Op.SUM, parts, book.market.base)


def gain_on(book: Then, key: Hashable, on: date, after: date) -> Step:
    """An instrument's part of a day's gain (None: that of cash): prices, currency, income without fees and taxes."""
    rows = [row for row in book.on(on) if row.instrument == key]
    parts = _cash_moves(book, on, after) if key is None else _worth_moves(book, key, on, after)
    parts += [income for row in rows if (income := income_of(row, book.market))]
    counted = ("fees",) if book.before_taxes else ("fees", "taxes")
    costs = [cost_of(row, name, book.market) for row in rows for name in counted]
    parts += [minus(cost) for cost in costs if cost]
    name = "Cash" if key is None else book.traded[key].symbol
    return step(f"{name} on {on:%-d %b %Y}", Op.SUM, parts, book.market.base)


def minus(part: Step) -> Step:
    """With the other sign."""
    return step(part.name, Op.MINUS, [part], part.unit)


def _crossed(book: Then, on: date, part: str) -> list[Step]:
    """What came over the border (inflow) or went (outflow), both positive."""
    flows = [flow for row in book.on(on) for flow in _flows(book, row)]
    if part == "inflow":
        return [flow for flow in flows if flow.value > 0]
    return [minus(flow) for flow in flows if flow.value < 0]


def _flows(book: Then, row: Row) -> list[Step]:
    """Positive for what came in. Without a ledger of cash, all cash comes from outside and goes there."""
    found: list[Step] = []
    if row.moves_units and row.kind not in TRADES and not book.between_pockets(row):
        found.append(_came(book, row))
    found += _cash_flows(book, row) if book.keeps_cash else _paid_outside(book, row)
    return found


def _cash_flows(book: Then, row: Row) -> list[Step]:
    """Over the border of the book; before taxes, what was paid of them goes out."""
    taxes = cost_of(row, "taxes", book.market) if book.before_taxes else None
    found = [minus(taxes)] if taxes else []
    if row.external_cash and not book.between_pockets(row):
        amount = at_rate(given(_named(row), row.total, row.currency, source_of(row)), row, book.market)
        found.append(amount if row.external_cash > 0 else minus(amount))
    return found


def _paid_outside(book: Then, row: Row) -> list[Step]:
    """What a row cost or brought; cash that crossed the border itself moves nothing but its costs."""
    parts = [minus(moved)] if (moved := cash_moved(row, book.market)) and row.kind not in _OUTSIDE else []
    costs = [cost_of(row, name, book.market) for name in ("fees", "taxes")]
    if row.kind in _OUTSIDE:
        parts += [cost for cost in costs if cost]
    if book.before_taxes and costs[1]:
        parts.append(minus(costs[1]))
    return [step(_named(row), Op.SUM, parts, book.market.base)] if parts else []


def _booked(book: Then, on: date, part: str) -> list[Step]:
    if part == "income":
        return [income for row in book.on(on) if (income := income_of(row, book.market))]
    if part == "taxes" and book.before_taxes:
        return []
    return [cost for row in book.on(on) if (cost := cost_of(row, part, book.market))]


def _by_prices(book: Then, on: date, after: date) -> list[Step]:
    parts: list[Step] = []
    for key in book.traded:
        parts += _worth_moves(book, key, on, after)
        parts += [minus(moved) for moved in _rate_moves(book, key, on, after)]
    return parts + [minus(part) for row in book.on(on) for part in _recorded_rate(book, row)]


def _by_currency(book: Then, on: date, after: date) -> list[Step]:
    parts = [part for key in book.traded for part in _rate_moves(book, key, on, after)]
    parts += [part for row in book.on(on) for part in _recorded_rate(book, row)]
    return parts + (_cash_moves(book, on, after) if book.keeps_cash else [])


def _worth_moves(book: Then, key: Hashable, on: date, after: date) -> list[Step]:
    """Worth now, without what it was worth before and what came into the position."""
    now, before = worth_on(book, key, on), worth_on(book, key, after)
    came = [_came(book, row) for row in book.on(on) if row.instrument == key and row.moves_units]
    return [*([now] if now else []), *([minus(before)] if before else []), *map(minus, came)]


def _rate_moves(book: Then, key: Hashable, on: date, after: date) -> list[Step]:
    """What was held before, by the change of its currency's rate."""
    local, new, old = _local(book, key, after), _own_rate(book, key, on), _own_rate(book, key, after)
    if local is None or new is None or old is None or new.value == old.value:
        return []
    change = step("Change of the rate", Op.LESS, [new, old], RATIO)
    return [step(f"{book.traded[key].symbol} by its currency", Op.TIMES, [local, change], book.market.base)]


def _cash_moves(book: Then, on: date, after: date) -> list[Step]:
    """Cash now without cash before and what rows added, each at its rate."""
    if not book.keeps_cash:
        return []
    now, before = worth_of_cash(book.rows, book.market, on), worth_of_cash(book.rows, book.market, after)
    rows = [moved for row in book.on(on) if (moved := cash_moved(row, book.market))]
    return [*now, *map(minus, before), *map(minus, rows)]


def _recorded_rate(book: Then, row: Row) -> list[Step]:
    """A trade at a rate of its own: what the market's made of it on that day."""
    market, own = book.market.rate(row.currency, row.on), rate_of(row, book.market)
    if row.kind not in TRADES or market is None or own is None or market.value == own.value:
        return []
    sign = constant("Direction", -ONE if row.kind in UNITS_OUT else ONE)
    change = step("Market's rate without the row's", Op.LESS, [market, own], RATIO)
    amount = given(_named(row), row.total, row.currency, source_of(row))
    return [step(f"{_named(row)} by its rate", Op.TIMES, [sign, amount, change], book.market.base)]


def _came(book: Then, row: Row) -> Step:
    """What came into a position in base currency; negative for what left."""
    if row.kind in TRADES:
        worth = gross_of(row, book.market)
    else:
        price, rate = _price(book, row.instrument, row.on), _own_rate(book, row.instrument, row.on)
        parts = [quantity_of(row), *([price] if price else []), *([rate] if rate else [])]
        worth = step(_named(row), Op.TIMES, parts, book.market.base)
    return minus(worth) if row.kind in UNITS_OUT else worth


def _local(book: Then, key: Hashable, on: date) -> Step | None:
    """Units held times their price, in the instrument's currency; None where none was held."""
    one = book.traded[key]
    rows = [row for row in book.rows if row.instrument == key and row.moves_units and row.on <= on]
    units = units_held(rows, [split for split in one.splits if split.on <= on])
    price = _price(book, key, on)
    if not units.value or price is None:
        return None
    return step(one.symbol, Op.TIMES, [units, price], one.currency)


def _price(book: Then, key: Hashable, on: date) -> Step | None:
    """The last one known; before the first, that of the last trade of one's own."""
    known = book.market.price(key, on)
    if known is not None:
        return known
    one = book.traded[key]
    rows = [row for row in book.rows if row.instrument == key and row.on <= on and row.moves_units and row.unit_price]
    if not rows:
        return None
    last = rows[-1]
    own = given(f"Own trade, {last.on:%-d %b %Y}", last.unit_price or ONE, one.currency, source_of(last))
    return price_after(own, last.on, on, one.splits)


def _own_rate(book: Then, key: Hashable, on: date) -> Step | None:
    currency = book.traded[key].currency
    return None if currency == book.market.base else book.market.rate(currency, on)


def _named(row: Row) -> str:
    return f"{row.kind.label}, {row.on:%-d %b %Y}"


_OUTSIDE = frozenset({RowKind.DEPOSIT, RowKind.WITHDRAWAL, RowKind.TRANSFER_IN, RowKind.TRANSFER_OUT})
