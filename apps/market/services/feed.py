"""The market clock and the words that say where prices come from."""

from datetime import date, datetime

from apps.market.models import FEED_PK, Feed, Mode
from apps.market.providers.base import Channel, MarketProvider


def feed_words(mode: str, on: date) -> str:
    """What stands on every page: `Live` or `Replay of Fri 1 Mar 2013`."""
    return "Live" if mode == Mode.LIVE else f"Replay of {on:%a %-d %b %Y}"


def feed_label() -> str:
    """Provider and mode in words; for health pages and the terminal."""
    feed = Feed.objects.current()
    return f"{feed.label} ({feed.provider})" if feed else "No market data yet"


def open_feed(provider: MarketProvider, channel: Channel) -> Feed:
    """Names the provider and sets the clock to where its stream begins; the round of a replay goes up by one."""
    before = Feed.objects.current()
    values = {
        "provider": provider.name,
        "mode": channel.mode,
        "series": provider.series(),
        "session_on": channel.first_session,
        "market_at": channel.starts_at,
        "label": feed_words(channel.mode, channel.first_session),
        "note": channel.note,
        "round": before.round + 1 if before else 0,
    }
    return Feed.objects.update_or_create(pk=FEED_PK, defaults=values)[0]


def move_clock(session_on: date, at: datetime) -> Feed | None:
    """The market clock after a step of the stream; None before the first import."""
    feed = Feed.objects.current()
    if feed is None:
        return None
    feed.session_on, feed.market_at, feed.label = session_on, at, feed_words(feed.mode, session_on)
    feed.save(update_fields=["session_on", "market_at", "label", "updated_at"])
    return feed
