"""Headlines from NewsAPI, only with a key of one's own."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from newsapi import NewsApiClient
from newsapi.newsapi_exception import NewsAPIException

from apps.market.providers.base import Capability, Headline, Listing, ProviderError
from apps.market.providers.terms import TERMS

logger = logging.getLogger(__name__)

PAGE = 100


class NewsApi:
    """One question a company: its name in the title."""

    name = "newsapi"
    terms = TERMS["newsapi"]
    capabilities = frozenset({Capability.NEWS})

    @classmethod
    def from_settings(cls) -> Self | None:
        """With a key of one's own."""
        return cls(settings.NEWSAPI_KEY) if settings.NEWSAPI_KEY else None

    def __init__(self, key: str, session: Any = None) -> None:
        self._client = NewsApiClient(api_key=key, session=session)

    def headlines(self, about: Iterable[Listing], start: datetime, end: datetime) -> list[Headline]:
        """Published after `start` and not after `end`, ascending. Raises ProviderError when NewsAPI refuses."""
        found: list[Headline] = []
        for listing in about:
            try:
                answer = self._client.get_everything(
                    qintitle=f'"{listing.name}" OR {listing.symbol}',
                    from_param=start.strftime("%Y-%m-%dT%H:%M:%S"),
                    to=end.strftime("%Y-%m-%dT%H:%M:%S"),
                    language="en",
                    sort_by="publishedAt",
                    page_size=PAGE,
                )
            except (NewsAPIException, OSError, ValueError) as error:
                raise ProviderError(f"NewsAPI: {error}") from error
            found += parse_articles(listing.symbol, answer)
        return sorted((one for one in found if start < one.published_at <= end), key=lambda one: one.published_at)


def parse_articles(symbol: str, answer: dict[str, Any]) -> list[Headline]:
    """Articles of an answer; removed ones and those without a time are left out."""
    headlines = []
    for article in answer.get("articles") or []:
        title, published = article.get("title"), article.get("publishedAt")
        if not title or title == "[Removed]" or not published:
            continue
        source = (article.get("source") or {}).get("name") or "NewsAPI"
        headlines.append(
            Headline(title, datetime.fromisoformat(published), source, (symbol,), article.get("url") or "")
        )
    return headlines
