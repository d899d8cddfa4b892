"""Trails of what a portfolio is worth now: the figures of its positions and of the whole."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from apps.portfolio import lots
from apps.portfolio.lots import Lot, Method
from apps.portfolio.models import Portfolio
from apps.portfolio.movements import Row
from apps.portfolio.services.books import Book, book_of
from apps.portfolio.services.entries import market_day
from apps.portfolio.services.trails.reading import market_of, quoted
from apps.portfolio.services.valuation import Position, value_portfolios
from apps.portfolio.trail import positions, totals
from apps.portfolio.trail.positions import Evidence
from apps.portfolio.trail.rows import Market, units_held
from apps.portfolio.trail.totals import Line
from apps.portfolio.trail.tree import Step


@dataclass(frozen=True, slots=True)
class Now:
    """All positions of a portfolio with what each is made of."""

    base: str
    lines: tuple[Line, ...]


def now_of(portfolio: Portfolio) -> Now:
    """Ledger, quotes and splits as the valuation reads them."""
    valuation = value_portfolios([portfolio])[portfolio.pk]
    until = valuation.as_of_on or market_day()
    book = book_of(portfolio, until=max(until, market_day()), since=until)
    rows: dict[Hashable, list[Row]] = defaultdict(list)
    for row in sorted((row for row in book.rows if row.moves_units), key=lambda row: row.moment):
        rows[row.instrument].append(row)
    read = _Read(book, rows, until, market_of(book, [until]))
    return Now(portfolio.base_currency, tuple(_line(row, read) for row in valuation.positions))


def position_step(now: Now, key: str, name: str) -> Step | None:
    """One figure of one position; None where it cannot be computed, and for what is not held."""
    line = next((line for line in now.lines if line.key == key), None)
    if line is None:
        return None
    if name in _OF_A_POSITION:
        return _OF_A_POSITION[name](line.held)
    return totals.weight(line, now.lines, now.base) if name == "weight" else totals.position_day(line, now.base)


def total_step(now: Now, name: str) -> Step | None:
    """One figure of the whole."""
    return _OF_THE_WHOLE[name](now.lines, now.base)


@dataclass(frozen=True, slots=True)
class _Read:
    book: Book
    rows: Mapping[Hashable, Sequence[Row]]
    until: date
    market: Market


def _line(row: Position, read: _Read) -> Line:
    key, symbol, quote = row.instrument.pk, row.instrument.symbol, row.quote
    held = _evidence(key, symbol, read)
    if quote is None or row.value is None:
        return Line(str(key), held)
    price = quoted(quote, quote.price, f"Price of {symbol}")
    close = None
    if quote.previous_close is not None:
        close = quoted(quote, quote.previous_close, f"Last close of {symbol}")
    priced = replace(held, price=price, rate=read.market.rate(held.currency, quote.session_on))
    return Line(str(key), priced, close, _new(held.holding.lots, quote.session_on))


def _evidence(key: int, symbol: str, read: _Read) -> Evidence:
    """The lots are those that the page's own arithmetic makes of the rows."""
    rows, series = read.rows[key], read.book.series[key]
    splits = [split for split in series.splits if split.on <= read.until]
    method = Method(read.book.portfolio.cost_method)
    holding = lots.match((one.as_entry() for one in rows), splits, method)
    return Evidence(symbol, series.currency, rows, splits, holding, method, read.market)


def _new(found: Sequence[Lot], session: date) -> tuple[Lot, ...]:
    return tuple(lot for lot in found if lot.opened_on >= session)


def _quantity(held: Evidence) -> Step:
    return units_held(held.rows, held.splits)


_OF_A_POSITION = {
    "quantity": _quantity,
    "value": positions.value,
    "cost": positions.cost,
    "average-cost": positions.average_cost,
    "gain": positions.gain,
    "gain-percent": positions.gain_percent,
}
_OF_THE_WHOLE = {
    "value": totals.value,
    "cost": totals.cost,
    "gain": totals.gain,
    "gain-percent": totals.gain_percent,
    "day": totals.day,
    "day-percent": totals.day_percent,
}
TOTALS = frozenset(_OF_THE_WHOLE)
POSITIONS = frozenset({*_OF_A_POSITION, "weight", "day"})
