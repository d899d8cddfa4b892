"""Headlines from NewsAPI by its own client, with a key of one's own: many companies in one question, few questions."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from newsapi import NewsApiClient
from newsapi.newsapi_exception import NewsAPIException

from apps.market.mentions import called
from apps.market.providers.base import (
    AwayError,
    Capability,
    Headline,
    Listing,
    Meter,
    ProviderError,
    RefusedError,
    unmetered,
)
from apps.market.providers.terms import TERMS

logger = logging.getLogger(__name__)

PAGE = 100  # articles an answer, the most that may be asked for
QUESTION = 480  # letters: the service takes 500
CALLS = 4  # an hour, of the free plan's 100 a day
FIRST = 2  # of these, for the companies that are wanted most; the others take turns
OLDEST = timedelta(days=29)  # the free plan reaches a month back and refuses a day too many
LAST_PAGE = "maximumResultsReached"
SPENT = "rateLimited"
PAUSE = timedelta(hours=1)  # the plan counts by the half day and does not say when it is over
PASSING = {"unexpectedError", "unreadable"}


class _LastPageError(ProviderError):
    """The plan gives no further page."""


class NewsApi:
    """The headlines carry no symbols: whom a title is about, its words decide."""

    name = "newsapi"
    terms = TERMS["newsapi"]
    meter: Meter = staticmethod(unmetered)
    capabilities = frozenset({Capability.NEWS})

    @classmethod
    def from_settings(cls) -> Self | None:
        """With a key of one's own."""
        return cls(settings.NEWSAPI_KEY) if settings.NEWSAPI_KEY else None

    def __init__(self, key: str, session: Any = None) -> None:
        self._client = NewsApiClient(api_key=key, session=session)

    def headlines(self, about: Iterable[Listing], start: datetime, end: datetime) -> list[Headline]:
        """Published after `start` and not after `end`, ascending; `about` begins with those wanted most.

        At most four calls. When one fails on the way (the day's calls are spent), what was found until then is the
        answer. Raises ProviderError when NewsAPI refuses the first.
        """
        found: list[Headline] = []
        answers = 0
        try:
            for question in in_turn(list(questions(about)), end):
                for answer in self._pages(question, max(start, end - OLDEST), end, CALLS - answers):
                    answers += 1
                    found += parse_articles(answer)
        except ProviderError as error:
            if not answers:
                raise
            logger.warning("after %d answers: %s", answers, error)
        return sorted((one for one in found if start < one.published_at <= end), key=lambda one: one.published_at)

    def _pages(self, question: str, start: datetime, end: datetime, most: int) -> Iterator[dict[str, Any]]:
        """Answers until all results are told, the plan ends, or the calls do."""
        for page in range(1, most + 1):
            try:
                answer = self._ask(question, start, end, page)
            except _LastPageError:
                return
            yield answer
            if page * PAGE >= int(answer.get("totalResults") or 0):
                return

    def _ask(self, question: str, start: datetime, end: datetime, page: int) -> dict[str, Any]:
        self.meter()
        try:
            answer = self._client.get_everything(
                qintitle=question,
                from_param=start.strftime("%Y-%m-%dT%H:%M:%S"),
                to=end.strftime("%Y-%m-%dT%H:%M:%S"),
                language="en",
                sort_by="publishedAt",
                page_size=PAGE,
                page=page,
            )
        except NewsAPIException as error:
            raise _refused(error.get_exception()) from error
        except (OSError, ValueError) as error:  # away, cut short, or a page where JSON should be
            raise AwayError(f"NewsAPI: {error}"[:300]) from error
        if not isinstance(answer, dict) or answer.get("status") != "ok":
            raise _refused(answer)
        return answer


def _refused(answer: Any) -> ProviderError:
    """In NewsAPI's own words, as the kind of error that says what to do next."""
    told = answer if isinstance(answer, dict) else {}
    code = str(told.get("code") or "unreadable")
    text = f"NewsAPI: {code}: {told.get('message') or 'no words with it'}"[:300]
    if code == SPENT:
        return RefusedError(text, datetime.now(UTC) + PAUSE)
    return (_LastPageError if code == LAST_PAGE else AwayError if code in PASSING else ProviderError)(text)


def questions(about: Iterable[Listing]) -> Iterator[str]:
    """As many companies as fit, joined by OR, in the order given; one that two listings share is asked for once."""
    words: list[str] = []
    for phrase in dict.fromkeys(f'"{called(listing.name)}"' for listing in about if called(listing.name)):
        if words and len(" OR ".join([*words, phrase])) > QUESTION:
            yield " OR ".join(words)
            words = []
        words.append(phrase)
    if words:
        yield " OR ".join(words)


def in_turn(asked: Sequence[str], now: datetime) -> list[str]:
    """The first ones always; the others begin each hour where the hour before ended."""
    rest = asked[FIRST:]
    start = int(now.timestamp() // 3600) * (CALLS - FIRST) % len(rest) if rest else 0
    return [*asked[:FIRST], *rest[start:], *rest[:start]][:CALLS]


def parse_articles(answer: dict[str, Any]) -> list[Headline]:
    """Articles of an answer; removed ones and those without a title or a time are left out."""
    headlines = []
    for article in answer.get("articles") or []:
        title, published = article.get("title"), article.get("publishedAt")
        if not title or title == "[Removed]" or not published:
            continue
        source = (article.get("source") or {}).get("name") or "NewsAPI"
        try:
            at = datetime.fromisoformat(published)
        except ValueError:
            continue
        headlines.append(Headline(title, at, source, (), article.get("url") or "", NewsApi.name))
    return headlines
