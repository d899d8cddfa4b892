"""Instruments, their prices, the news about them, and the feed that brings both."""

from apps.market.models.company import CurrencyDemand, Event, EventKind
from apps.market.models.demand import PAGES, Demand, Errand, Priority
from apps.market.models.feed import FEED_PK, Feed, Mode
from apps.market.models.finding import find_instruments
from apps.market.models.fx import FxRate
from apps.market.models.instruments import (
    UNIVERSE_PK,
    ActionKind,
    AssetClass,
    CorporateAction,
    Exchange,
    Instrument,
    Universe,
)
from apps.market.models.news import Article, Mention, Score
from apps.market.models.prices import Bar, Basis, IndicatorState, MinuteBar, Quote, Restatement, SignalState
from apps.market.models.progress import Progress
from apps.market.models.quality import Hole, Quarantine
from apps.market.models.reading import FoundRow, InstrumentRow, QuoteRow
from apps.market.models.sources import Fetch, Outcome, SourceBudget, SourceState, Standing

__all__ = [
    "FEED_PK",
    "PAGES",
    "UNIVERSE_PK",
    "ActionKind",
    "Article",
    "AssetClass",
    "Bar",
    "Basis",
    "CorporateAction",
    "CurrencyDemand",
    "Demand",
    "Errand",
    "Event",
    "EventKind",
    "Exchange",
    "Feed",
    "Fetch",
    "FoundRow",
    "FxRate",
    "Hole",
    "IndicatorState",
    "Instrument",
    "InstrumentRow",
    "Mention",
    "MinuteBar",
    "Mode",
    "Outcome",
    "Priority",
    "Progress",
    "Quarantine",
    "Quote",
    "QuoteRow",
    "Restatement",
    "Score",
    "SignalState",
    "SourceBudget",
    "SourceState",
    "Standing",
    "Universe",
    "find_instruments",
]
