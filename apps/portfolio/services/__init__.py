"""What happens to watchlists, portfolios and the ledger."""

from apps.portfolio.services.books import Book, book_of, first_day
from apps.portfolio.services.demand import counted_currencies, needed_instruments
from apps.portfolio.services.demo import add_demo_book
from apps.portfolio.services.derived import cash_in_base, dividends_of, payers_of, positions_of
from apps.portfolio.services.ledger import create_portfolio, market_day, record_transaction
from apps.portfolio.services.measuring import Measured, measure_book, measure_portfolio
from apps.portfolio.services.snapshots import forget_snapshots, refresh_snapshots, verify_snapshots
from apps.portfolio.services.starter import add_starter_watchlist, onboard_user
from apps.portfolio.services.symbols import count_symbols
from apps.portfolio.services.valuation import (
    Position,
    Totals,
    Valuation,
    value_portfolios,
    value_positions,
    value_visible_portfolios,
)
from apps.portfolio.services.watchlists import (
    Direction,
    add_to_watchlist,
    create_watchlist,
    move_item,
    remove_from_watchlist,
    select_watchlist,
)

__all__ = [
    "Book",
    "Direction",
    "Measured",
    "Position",
    "Totals",
    "Valuation",
    "add_demo_book",
    "add_starter_watchlist",
    "add_to_watchlist",
    "book_of",
    "cash_in_base",
    "count_symbols",
    "counted_currencies",
    "create_portfolio",
    "create_watchlist",
    "dividends_of",
    "first_day",
    "forget_snapshots",
    "market_day",
    "measure_book",
    "measure_portfolio",
    "move_item",
    "needed_instruments",
    "onboard_user",
    "payers_of",
    "positions_of",
    "record_transaction",
    "refresh_snapshots",
    "remove_from_watchlist",
    "select_watchlist",
    "value_portfolios",
    "value_positions",
    "value_visible_portfolios",
    "verify_snapshots",
]
