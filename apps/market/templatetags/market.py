"""What stands on many pages: the market clock, and the cells of a quote."""

import time
from collections.abc import Iterable
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.template.loader import get_template

from apps.market.calendars import phase_at
from apps.market.models import Article, Feed, Quote, QuoteRow
from apps.market.providers.base import Terms
from apps.market.providers.terms import TERMS

register = template.Library()

ZONE, CALENDAR = ZoneInfo("America/New_York"), "XNYS"
CELLS = "market/cells.html"
MOST_KEPT = 4096
_facts = attrgetter(
    *("price", "previous_close", "as_of", "session_on", "source", "rsi14", "signal", "signal_reason"),
    *("sentiment", "sentiment_n", "age", "closes", "instrument.currency"),
)
CLOCK_SECONDS = 1.0
_clock: tuple[float, dict[str, Any]] | None = None
_kept: dict[int, tuple[tuple[Any, ...], dict[str, str]]] = {}
PHASES = {"pre": "before the open", "open": "open", "post": "after the close", "closed": "closed"}


def clock_context(feed: Feed | None) -> dict[str, Any]:
    """What market/clock.html shows."""
    if feed is None:
        return {"feed": None}
    phase = phase_at(CALENDAR, feed.market_at)
    # Text, not a datetime: a template would turn it back into UTC.
    market_time = f"{feed.market_at.astimezone(ZONE):%H:%M}"
    return {"feed": feed, "market_time": market_time, "phase": phase, "words": PHASES[phase]}


@register.inclusion_tag("market/clock.html")
def feed_clock() -> dict[str, Any]:
    """Provider, mode and market time, asked for once a second in each process; frames move it on from there."""
    global _clock
    now = time.monotonic()
    if _clock is None or _clock[0] <= now:
        _clock = (now + CLOCK_SECONDS, clock_context(Feed.objects.current()))
    return _clock[1]


@register.simple_tag
def feed_terms() -> Terms | None:
    """Under which terms the provider of prices gives them; None before the first import."""
    feed: Feed | None = feed_clock()["feed"]
    return TERMS.get(feed.provider) if feed else None


def forget_clock() -> None:
    """Ask again (after a change in this process)."""
    global _clock
    _clock = None


@register.simple_tag
def attributions(articles: Iterable[Article]) -> list[Terms]:
    """The terms of the sources that brought the articles, each once."""
    return [TERMS[via] for via in sorted({article.via for article in articles}) if via in TERMS]


@register.simple_tag
def cell(quote: Quote | QuoteRow, name: str) -> str:
    """One live cell. They are the same for everybody: kept as rendered until what they show changes."""
    facts, known = _facts(quote), _kept.get(quote.pk)
    if known is None or known[0] != facts:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        known = _kept[quote.pk] = (facts, {})
    cells = known[1]
    if name not in cells:
        cells[name] = get_template(f"{CELLS}#{name}").render({"quote": quote})
    return cells[name]
