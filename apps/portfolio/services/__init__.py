"""What happens to watchlists, portfolios and the ledger."""

from apps.portfolio.services.books import Book, benchmark_of, book_of, first_day
from apps.portfolio.services.demand import counted_currencies, needed_instruments
from apps.portfolio.services.demo import add_demo_book
from apps.portfolio.services.derived import cash_in_base, dividends_of, payers_of, positions_of
from apps.portfolio.services.editing import change_transaction, delete_transaction, undo_edit
from apps.portfolio.services.entries import market_day
from apps.portfolio.services.ledger import create_portfolio, record_transaction, record_transactions
from apps.portfolio.services.measuring import Measured, measure_book, measure_portfolio
from apps.portfolio.services.snapshots import forget_snapshots, refresh_snapshots, verify_snapshots
from apps.portfolio.services.starter import add_starter_watchlist, onboard_user
from apps.portfolio.services.symbols import count_symbols
from apps.portfolio.services.terms import add_account, delete_portfolio, set_portfolio_terms
from apps.portfolio.services.transfers import record_transfer
from apps.portfolio.services.valuation import (
    Position,
    RelativePosition,
    RelativeTotals,
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
    "RelativePosition",
    "RelativeTotals",
    "Totals",
    "Valuation",
    "add_account",
    "add_demo_book",
    "add_starter_watchlist",
    "add_to_watchlist",
    "benchmark_of",
    "book_of",
    "cash_in_base",
    "change_transaction",
    "count_symbols",
    "counted_currencies",
    "create_portfolio",
    "create_watchlist",
    "delete_portfolio",
    "delete_transaction",
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
    "record_transactions",
    "record_transfer",
    "refresh_snapshots",
    "remove_from_watchlist",
    "select_watchlist",
    "set_portfolio_terms",
    "undo_edit",
    "value_portfolios",
    "value_positions",
    "value_visible_portfolios",
    "verify_snapshots",
]
