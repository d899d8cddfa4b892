"""The market clock that stands on every page."""

from typing import Any
from zoneinfo import ZoneInfo

from django import template

from apps.market.calendars import phase_at
from apps.market.models import Feed

register = template.Library()

ZONE, CALENDAR = ZoneInfo("America/New_York"), "XNYS"
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
    """Provider, mode and market time; one query."""
    return clock_context(Feed.objects.current())
