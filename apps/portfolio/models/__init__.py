"""Watchlists, portfolios and the ledger of one organization."""

from apps.portfolio.models.edits import LedgerEdit
from apps.portfolio.models.imports import Import, ImportRow, Mapping
from apps.portfolio.models.ledger import Account, Portfolio, Transaction
from apps.portfolio.models.lines import Line
from apps.portfolio.models.snapshots import Reckoning, Snapshot, Tally
from apps.portfolio.models.watchlists import Dashboard, Watchlist, WatchlistItem
from apps.portfolio.movements import Kind

__all__ = [
    "Account",
    "Dashboard",
    "Import",
    "ImportRow",
    "Kind",
    "LedgerEdit",
    "Line",
    "Mapping",
    "Portfolio",
    "Reckoning",
    "Snapshot",
    "Tally",
    "Transaction",
    "Watchlist",
    "WatchlistItem",
]
