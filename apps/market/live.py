"""Market cells: rendered once, pushed to every page of every organization that shows the instrument."""

import json
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.template.loader import get_template

from apps.market.models import Feed, Instrument, Quote
from apps.market.providers.base import Tick
from apps.market.templatetags.market import cell, clock_context
from apps.tenants.live import push, push_many, shown_topics

logger = logging.getLogger(__name__)

TICK_CELLS = ("price", "change", "percent", "age")
ALL_CELLS = (*TICK_CELLS, "spark", "rsi", "signal", "sentiment")
CHANNEL = "ticks"
RETRY_SECONDS = 1.0


class QuoteTopic:
    """`quote:<instrument>`: the same prices for everybody who is signed in."""

    @staticmethod
    def allowed(user: Any, topics: list[str]) -> set[str]:
        """Prices are public."""
        return {topic for topic in topics if topic.partition(":")[2].isdigit()}

    @staticmethod
    def cells(topics: list[str]) -> dict[str, dict[str, str]]:
        """All cells of the instruments as they are now, by one query."""
        quotes = Quote.objects.of(int(topic.partition(":")[2]) for topic in topics)
        return rendered(quotes, ALL_CELLS)


class FeedTopic:
    """`feed:clock`: where prices come from and what time it is on the market."""

    @staticmethod
    def allowed(user: Any, topics: list[str]) -> set[str]:
        """The clock is public, and the only one of its kind."""
        return {"feed:clock"} & set(topics)

    @staticmethod
    def cells(topics: list[str]) -> dict[str, dict[str, str]]:
        """The clock as it is now."""
        feed = Feed.objects.current() if topics else None
        return {"feed:clock": _clock(feed)} if feed else {}


def push_quotes(quotes: Iterable[Quote], cells: Sequence[str] = ALL_CELLS) -> None:
    """Each changed cell rendered once; a tick changes only TICK_CELLS."""
    push_many(rendered(quotes, cells))


def push_unknown(instrument: Instrument) -> None:
    """Where its price is awaited: there will be none."""
    ctx = {"instrument": instrument, "name": "price", "words": "not known to the feed"}
    html = get_template("market/cells.html#awaited").render(ctx)
    push(f"quote:{instrument.pk}", {f"{instrument.pk}:price": html})


def instruments_on_show() -> set[int]:
    """Those that some open page of anybody shows now; none while the carrier is away."""
    return {int(topic.partition(":")[2]) for topic in shown_topics("quote")}


def push_feed(feed: Feed) -> None:
    """The clock on every page."""
    push("feed:clock", _clock(feed))


def push_ticks(ticks: Sequence[Tick]) -> None:
    """Unconflated, for the processes that must see every tick. Lost when the carrier is away."""
    if not ticks:
        return
    try:
        _publisher().publish(CHANNEL, json.dumps([asdict(tick) for tick in ticks], default=str))
    except redis.RedisError as error:
        logger.warning("live carrier away: %s", error)


def ticks() -> Iterator[tuple[Tick, ...]]:
    """Endless: every batch from the carrier; an empty one after a gap, so that the caller reads the state anew."""
    while True:
        try:
            with _carrier(socket_timeout=None) as carrier, carrier.pubsub() as subscription:
                subscription.subscribe(CHANNEL)
                yield ()
                for message in subscription.listen():
                    if message["type"] == "message":
                        yield tuple(_tick(row) for row in json.loads(message["data"]))
        except redis.RedisError as error:
            logger.warning("live carrier away: %s", error)
            time.sleep(RETRY_SECONDS)


def rendered(quotes: Iterable[Quote], cells: Sequence[str]) -> dict[str, dict[str, str]]:
    """Topic -> live key -> element, from the partials that also make the first paint."""
    return {f"quote:{quote.pk}": {f"{quote.pk}:{name}": cell(quote, name) for name in cells} for quote in quotes}


def _clock(feed: Feed) -> dict[str, str]:
    return {"feed:clock": get_template("market/clock.html").render(clock_context(feed))}


def _tick(row: dict[str, Any]) -> Tick:
    moments = {"at": datetime.fromisoformat(row["at"]), "session_on": date.fromisoformat(row["session_on"])}
    return Tick(**{**row, **moments})


@cache
def _publisher() -> redis.Redis:
    return _carrier()


def _carrier(**options: Any) -> redis.Redis:
    defaults = {"decode_responses": True, "socket_timeout": 5, "socket_connect_timeout": 5}
    return redis.Redis.from_url(settings.LIVE_URL, **{**defaults, **options})
