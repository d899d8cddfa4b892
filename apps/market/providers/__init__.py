"""Sources of market data: a literal registry, which of them carries the market, and who is asked for what in turn."""

from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from apps.market.models import Feed
from apps.market.providers.base import Capability, MarketProvider, Provider, ProviderError, TermsError
from apps.market.providers.terms import TERMS
from apps.market.providers.yahoo.probe import answers

PROVIDERS = {
    "newsapi": "apps.market.providers.newsapi.NewsApi",
    "rss": "apps.market.providers.rss.Rss",
    "csv": "apps.market.providers.csv_folder.CsvFolder",
    "replay": "apps.market.providers.replay.Replay",
    "yahoo": "apps.market.providers.yahoo.provider.Yahoo",
}
MARKETS = ("replay", "yahoo")  # these can carry a whole market
MARKET = "market"  # in a list of sources: whichever of them does


def forbidden(name: str) -> str:
    """Why the provider may not be used in this installation, in a sentence; empty when it may."""
    terms = TERMS[name]
    if not settings.COMMERCIAL or terms.commercial:
        return ""
    return f"COMMERCIAL=true, but the terms of {name} forbid commercial use: {terms.licence.lower()} ({terms.url})."


def provider(name: str) -> Provider:
    """The provider of that name, one a process. Raises TermsError, or ProviderError without its settings."""
    if reason := forbidden(name):
        raise TermsError(reason)
    if (made := _made(name)) is None:
        raise ProviderError(f"{name} is not set up.")
    return made


@cache
def _made(name: str) -> Provider | None:
    build: type[Provider] = import_string(PROVIDERS[name])
    return build.from_settings()


def forget() -> None:
    """Read the settings again (after a change in this process)."""
    _made.cache_clear()


def chosen() -> MarketProvider:
    """What the setting names; `auto` asks Yahoo once, for at most three seconds, and else takes the replay."""
    name = settings.MARKET_PROVIDER
    if name == "auto":
        name = "yahoo" if not forbidden("yahoo") and answers() else "replay"
    return cast(MarketProvider, provider(name))


def active() -> MarketProvider:
    """The provider that carries the market: under `auto` what the last import chose, else the setting's."""
    feed = Feed.objects.current()
    if settings.MARKET_PROVIDER == "auto" and feed is not None and not forbidden(feed.provider):
        return cast(MarketProvider, provider(feed.provider))
    return chosen()


def sources(capability: Capability, market: MarketProvider | None = None) -> list[Provider]:
    """Who is asked for that, in turn; `market` carries the market (default: the active provider).

    The setting SOURCES holds as it is written. Without a word there it is the market's provider, then all others that
    are set up; but a replay lives in its own time, so nobody is asked beside it. Who may not be used in this
    installation, or lacks its settings, is left out.
    """
    market = market or active()
    beside = [name for name in PROVIDERS if name not in MARKETS and market.name != "replay"]
    named = settings.SOURCES.get(capability) or [MARKET, *beside]
    names = dict.fromkeys(market.name if name == MARKET else name for name in named)
    found = [market if name == market.name else _made(name) for name in names if not forbidden(name)]
    return [one for one in found if one is not None and capability in one.capabilities]
