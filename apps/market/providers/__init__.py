"""Sources of market data: a literal registry, and which of them is in use."""

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

from apps.market.models import Feed
from apps.market.providers.base import Provider

if TYPE_CHECKING:
    from apps.market.providers.newsapi import NewsApi

PROVIDERS = {
    "replay": "apps.market.providers.replay.Replay",
    "yahoo": "apps.market.providers.yahoo.Yahoo",
}


@cache
def provider(name: str) -> Provider:
    """The provider of that name, one a process."""
    build = import_string(PROVIDERS[name])
    made: Provider = (
        build(settings.REPLAY_DIR, settings.REPLAY_SPEED) if name == "replay" else build(settings.REPLAY_SPEED)
    )
    return made


def chosen() -> Provider:
    """What the setting names; `auto` asks Yahoo once, for at most three seconds, and else takes the replay."""
    name = settings.MARKET_PROVIDER
    if name == "auto":
        from apps.market.providers.yahoo import answers  # two seconds of imports: only when it is asked

        name = "yahoo" if answers() else "replay"
    return provider(name)


def active() -> Provider:
    """The provider in use: under `auto` what the last import chose, else the setting's."""
    feed = Feed.objects.current()
    if settings.MARKET_PROVIDER == "auto" and feed is not None:
        return provider(feed.provider)
    return chosen()


def news_source(beside: Provider) -> "NewsApi | None":
    """NewsAPI beside a real market, for those who have a key; a replay has its own headlines."""
    if not settings.NEWSAPI_KEY or beside.name == "replay":
        return None
    from apps.market.providers.newsapi import NewsApi

    return NewsApi(settings.NEWSAPI_KEY)
