"""Pages of the dashboard, watchlists, instruments and portfolios."""

from apps.portfolio.views.dashboard import dashboard, instrument_detail
from apps.portfolio.views.performance import portfolio_performance
from apps.portfolio.views.portfolios import portfolio_create, portfolio_detail, portfolio_list, transaction_create
from apps.portfolio.views.trails import portfolio_why
from apps.portfolio.views.watchlists import (
    watchlist_create,
    watchlist_detail,
    watchlist_item_add,
    watchlist_item_move,
    watchlist_item_remove,
    watchlist_select,
)

__all__ = [
    "dashboard",
    "instrument_detail",
    "portfolio_create",
    "portfolio_detail",
    "portfolio_list",
    "portfolio_performance",
    "portfolio_why",
    "transaction_create",
    "watchlist_create",
    "watchlist_detail",
    "watchlist_item_add",
    "watchlist_item_move",
    "watchlist_item_remove",
    "watchlist_select",
]
