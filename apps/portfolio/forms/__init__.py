"""What members type into watchlists, portfolios and imports."""

from apps.portfolio.forms.ledger import (
    AddedForm,
    PortfolioForm,
    SymbolForm,
    TargetsForm,
    TrailForm,
    TransactionForm,
    WatchlistForm,
    instrument_of,
)

__all__ = [
    "AddedForm",
    "PortfolioForm",
    "SymbolForm",
    "TargetsForm",
    "TrailForm",
    "TransactionForm",
    "WatchlistForm",
    "instrument_of",
]
