"""Registers the portfolio app."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "apps.portfolio"
    label = "portfolio"
    verbose_name = "Portfolios"
    archive_rules = {
        "portfolio_watchlist": "whole",
        "portfolio_watchlistitem": "whole",
        "portfolio_dashboard": "whole",
        "portfolio_portfolio": "whole",
        "portfolio_account": "whole",
        "portfolio_transaction": "whole",
        "portfolio_snapshot": "stays: derived of the ledger",
        "portfolio_reckoning": "stays: derived of the ledger",
        "portfolio_tally": "stays: derived of the ledger",
        "portfolio_ledgeredit": "whole",
        "portfolio_import": "whole",
        "portfolio_importrow": "whole",
        "portfolio_mapping": "whole",
    }
