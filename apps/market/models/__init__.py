"""Instruments, their prices, the news about them, and the feed that brings both."""

from apps.market.models.feed import FEED_PK, Feed, Mode
from apps.market.models.instruments import (
    ActionKind,
    AssetClass,
    CorporateAction,
    Exchange,
    Instrument,
)
from apps.market.models.news import Article, Mention, Score
from apps.market.models.prices import Bar, Basis, MinuteBar, Quote, Restatement, SignalState
from apps.market.models.reading import InstrumentRow, QuoteRow

__all__ = [
    "FEED_PK",
    "ActionKind",
    "Article",
    "AssetClass",
    "Bar",
    "Basis",
    "CorporateAction",
    "Exchange",
    "Feed",
    "Instrument",
    "InstrumentRow",
    "Mention",
    "MinuteBar",
    "Mode",
    "Quote",
    "QuoteRow",
    "Restatement",
    "Score",
    "SignalState",
]
