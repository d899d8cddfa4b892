"""Trails of one day of a book: what it was worth, and what moved it."""

from collections.abc import Callable
from datetime import date

from apps.market.models import Instrument
from apps.portfolio.models import Portfolio
from apps.portfolio.services.books import book_of
from apps.portfolio.services.entries import market_day
from apps.portfolio.services.trails.reading import market_of
from apps.portfolio.trail import days
from apps.portfolio.trail.days import Then, Traded
from apps.portfolio.trail.tree import Step


def value_on(portfolio: Portfolio, on: date) -> Step | None:
    """None before the first row."""
    book = then_of(portfolio, on, on)
    return days.value_on(book, on) if book else None


def group_on(
    portfolio: Portfolio, on: date, of: str, name: str, is_member: Callable[[Instrument | None], bool]
) -> tuple[Then, Step] | None:
    """The instrument `of`, else the members of a group by its name, with the book of that day."""
    named = Instrument.objects.in_bulk(_keys(book)) if (book := then_of(portfolio, on, on)) else {}
    if book is None:
        return None
    keys = [key for key in book.traded if (str(key) == of if of else is_member(named.get(int(str(key)))))]
    with_cash = not of and is_member(None)
    if not keys and not with_cash:
        return None
    label = book.traded[keys[0]].symbol if of else name
    return book, days.group_on(book, keys, on, label, with_cash=with_cash)


def _keys(book: Then) -> list[int]:
    return [int(str(key)) for key in book.traded]


def moved_on(book: Then, on: date, after: date, part: str, of: str) -> Step | None:
    """What one part of the bridge was on a day; `gain` is that of one instrument, or of cash."""
    if part != "gain":
        return days.moved_on(book, on, after, part)
    key = next((key for key in book.traded if str(key) == of), None)
    return days.gain_on(book, key, on, after) if key is not None or of == "cash" else None


def then_of(portfolio: Portfolio, on: date, after: date, *, before_taxes: bool = False) -> Then | None:
    """The whole ledger (later rows say whether cash is kept), closes, and the rates of all days that enter."""
    book = book_of(portfolio, until=max(on, market_day()), since=after)
    rows = sorted((row for row in book.rows if row.on <= on), key=lambda row: row.moment)
    if not rows:
        return None
    moving = dict.fromkeys(row.instrument for row in rows if row.moves_units)
    traded = {key: Traded(book.named[key].symbol, book.series[key].currency, book.series[key].splits) for key in moving}
    return Then(rows, traded, market_of(book, [after, on]), book.keeps_cash, before_taxes)
