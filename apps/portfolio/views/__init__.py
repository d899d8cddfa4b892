"""Pages of the dashboard, watchlists, instruments and portfolios."""

from apps.portfolio.views.allocation import portfolio_allocation
from apps.portfolio.views.dashboard import dashboard, instrument_detail
from apps.portfolio.views.exports import portfolio_export, portfolio_export_file
from apps.portfolio.views.gains import portfolio_gains
from apps.portfolio.views.imports import (
    import_again,
    import_detail,
    import_list,
    import_record,
    import_remove,
    import_undo,
)
from apps.portfolio.views.income import portfolio_income
from apps.portfolio.views.mapping import import_columns, import_file, mapping_forget
from apps.portfolio.views.performance import portfolio_performance
from apps.portfolio.views.portfolios import portfolio_create, portfolio_detail, portfolio_list, transaction_create
from apps.portfolio.views.positions import position_detail
from apps.portfolio.views.previewing import import_symbols
from apps.portfolio.views.risk import portfolio_risk
from apps.portfolio.views.trails import portfolio_why
from apps.portfolio.views.transactions import (
    portfolio_transactions,
    transaction_change,
    transaction_delete,
    transaction_detail,
    transaction_undo,
)
from apps.portfolio.views.watchlists import (
    watchlist_create,
    watchlist_detail,
    watchlist_item_add,
    watchlist_item_move,
    watchlist_item_remove,
    watchlist_select,
)
from apps.portfolio.views.what_if import portfolio_what_if

__all__ = [
    "dashboard",
    "import_again",
    "import_columns",
    "import_detail",
    "import_file",
    "import_list",
    "import_record",
    "import_remove",
    "import_symbols",
    "import_undo",
    "instrument_detail",
    "mapping_forget",
    "portfolio_allocation",
    "portfolio_create",
    "portfolio_detail",
    "portfolio_export",
    "portfolio_export_file",
    "portfolio_gains",
    "portfolio_income",
    "portfolio_list",
    "portfolio_performance",
    "portfolio_risk",
    "portfolio_transactions",
    "portfolio_what_if",
    "portfolio_why",
    "position_detail",
    "transaction_change",
    "transaction_create",
    "transaction_delete",
    "transaction_detail",
    "transaction_undo",
    "watchlist_create",
    "watchlist_detail",
    "watchlist_item_add",
    "watchlist_item_move",
    "watchlist_item_remove",
    "watchlist_select",
]
