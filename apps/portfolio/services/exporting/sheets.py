"""What follows from a ledger, as tables: the figures of the pages, not rounded."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from apps.market.models import Instrument
from apps.portfolio.documents import Cell, Sheet
from apps.portfolio.holdings import Valued, valued
from apps.portfolio.income import receipts
from apps.portfolio.lots import LEDGER, Method
from apps.portfolio.models import Portfolio
from apps.portfolio.realised import sales_of
from apps.portfolio.services.books import Book, book_of
from apps.portfolio.services.entries import market_day
from apps.portfolio.services.exporting.ledger import ledger_sheet
from apps.portfolio.services.valuation import value_positions

THING = ("mic", "symbol", "name")


def sheet_of(portfolio: Portfolio, name: str) -> Sheet:
    """One of SHEETS. Reading it raises NoRateError where a figure has no rate."""
    return SHEETS[name](portfolio)


def _positions(portfolio: Portfolio) -> Sheet:
    """What is held now, as the page of positions has it; money in the base currency."""
    money = ("quantity", "average_cost", "cost", "value", "gain", "day_change")
    rows = (
        (*_thing(row.instrument), *(getattr(row, one) for one in money), row.gain_percent, row.weight, row.reason)
        for row in value_positions(portfolio)
    )
    return Sheet("positions", (*THING, *money, "gain_percent", "weight", "reason"), rows)


def _lots(portfolio: Portfolio) -> Sheet:
    """What each purchase still holds, in today's units; cost with its share of fees and taxes."""
    columns = (*THING, "currency", "opened_on", "quantity", "gross", "cost", "cost_base")
    return Sheet("lots", columns, _lot_rows(portfolio))


def _lot_rows(portfolio: Portfolio) -> Iterator[Sequence[Cell]]:
    book = book_of(portfolio, until=market_day())
    for one in _held(book):
        thing = _thing(book.named[one.instrument])
        for lot in one.holding.lots:
            yield (*thing, one.currency, lot.opened_on, lot.quantity, lot.gross, lot.cost, lot.base)


def _gains(portfolio: Portfolio) -> Sheet:
    """Every lot of every disposal, in the base currency, each side at the rate of its own day."""
    money = ("proceeds", "cost", "fees", "gain", "local_gain", "fx_gain")
    columns = (*THING, "acquired_on", "sold_on", "quantity", *money, "held_over_a_year")
    return Sheet("gains", columns, _gain_rows(portfolio, money))


def _gain_rows(portfolio: Portfolio, money: Sequence[str]) -> Iterator[Sequence[Cell]]:
    book = book_of(portfolio, until=market_day())
    for sale in sales_of(_held(book)):
        days = (sale.acquired_on, sale.sold_on, sale.quantity)
        yield *_thing(book.named[sale.instrument]), *days, *(getattr(sale, one) for one in money), int(sale.is_long)


def _income(portfolio: Portfolio) -> Sheet:
    """Dividends and interest in the base currency at the rate of their day."""
    return Sheet("income", ("on", "kind", *THING, "gross", "costs", "net"), _income_rows(portfolio))


def _income_rows(portfolio: Portfolio) -> Iterator[Sequence[Cell]]:
    until = market_day()
    book = book_of(portfolio, until=until)
    for one in receipts(book.rows, book.rate, None, until):
        thing = _thing(book.named[one.instrument]) if one.instrument in book.named else (None, None, None)
        yield one.on, one.kind.value, *thing, one.gross, LEDGER.subtract(one.gross, one.net), one.net


def _held(book: Book) -> list[Valued]:
    method = Method(book.portfolio.cost_method)
    return valued({None: book.rows}, book.series, {None: book.rate}, until=book.until, methods={None: method})[None]


def _thing(instrument: Instrument) -> tuple[Cell, Cell, Cell]:
    return instrument.exchange_id, instrument.symbol, instrument.name


SHEETS: Mapping[str, Callable[[Portfolio], Sheet]] = {
    "transactions": ledger_sheet,
    "positions": _positions,
    "lots": _lots,
    "gains": _gains,
    "income": _income,
}
