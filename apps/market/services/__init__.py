"""What can happen to market data; each function is one transaction in the shared schema."""

from apps.market.services.backfill import backfill_bars
from apps.market.services.bars import MixedSourcesError, Recorded, record_bars
from apps.market.services.budgets import left as budget_left
from apps.market.services.calls import stream, trim_fetches
from apps.market.services.company import due_companies, refresh_events, refresh_profiles
from apps.market.services.decisions import QuarantineError, accept_price, drop_price
from apps.market.services.demand import (
    claim_errands,
    forget_demand,
    postpone_errands,
    record_currencies,
    record_demand,
    release_errands,
    resting_errands,
)
from apps.market.services.feed import feed_label, move_clock
from apps.market.services.fetching import find_symbols
from apps.market.services.fx import record_rates, refresh_rates
from apps.market.services.indicators import settle_quotes
from apps.market.services.minutes import record_minutes
from apps.market.services.mood import aggregate_sentiment, score_articles
from apps.market.services.newcomers import NoPricesError, fetch_instrument
from apps.market.services.news import record_headlines
from apps.market.services.progress import advance_progress, begin_progress, finish_progress
from apps.market.services.quality import disagreeing_indicators
from apps.market.services.quotes import record_quotes
from apps.market.services.reference import import_reference
from apps.market.services.refresh import due_quotes, fetch_due_quotes, refresh_history
from apps.market.services.repair import Filled, Gap, fill_gap, gaps, missing_sessions
from apps.market.services.sessions import (
    close_session,
    expect_actions,
    known_instruments,
    load_history,
    record_news,
    rewind,
)
from apps.market.services.symbols import confirm_symbol, refuse_symbol, request_symbol
from apps.market.services.universe import Imported, fetch_universe, import_universe

__all__ = [
    "Filled",
    "Gap",
    "Imported",
    "MixedSourcesError",
    "NoPricesError",
    "QuarantineError",
    "Recorded",
    "accept_price",
    "advance_progress",
    "aggregate_sentiment",
    "backfill_bars",
    "begin_progress",
    "budget_left",
    "claim_errands",
    "close_session",
    "confirm_symbol",
    "disagreeing_indicators",
    "drop_price",
    "due_companies",
    "due_quotes",
    "expect_actions",
    "feed_label",
    "fetch_due_quotes",
    "fetch_instrument",
    "fetch_universe",
    "fill_gap",
    "find_symbols",
    "finish_progress",
    "forget_demand",
    "gaps",
    "import_reference",
    "import_universe",
    "known_instruments",
    "load_history",
    "missing_sessions",
    "move_clock",
    "postpone_errands",
    "record_bars",
    "record_currencies",
    "record_demand",
    "record_headlines",
    "record_minutes",
    "record_news",
    "record_quotes",
    "record_rates",
    "refresh_events",
    "refresh_history",
    "refresh_profiles",
    "refresh_rates",
    "refuse_symbol",
    "release_errands",
    "request_symbol",
    "resting_errands",
    "rewind",
    "score_articles",
    "settle_quotes",
    "stream",
    "trim_fetches",
]
