"""NewsAPI through its own client, on a session that reaches a local server in the format of its documentation."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from apps.market.providers.base import AwayError, Listing, ProviderError, RefusedError
from apps.market.providers.newsapi import CALLS, FIRST, QUESTION, NewsApi, in_turn, questions
from tests.market.web_server import Answer, WebServer

START, END = datetime(2013, 2, 1, tzinfo=UTC), datetime(2013, 3, 1, tzinfo=UTC)
WALK = Listing("WALK", "XNAS", "Walk Inc.")
MANY = [Listing(f"S{place}", "XNAS", f"Company Number{place} Shoes Inc.") for place in range(100)]


def article(title: str | None, at: str = "2013-02-05T10:00:00Z") -> dict[str, Any]:
    return {"source": {"id": None, "name": "Wire"}, "title": title, "url": "https://news.test/1", "publishedAt": at}


def told(*articles: dict[str, Any], total: int | None = None) -> Answer:
    body = {"status": "ok", "totalResults": len(articles) if total is None else total, "articles": list(articles)}
    return Answer(json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def refused(status: int, code: str) -> Answer:
    return Answer(json.dumps({"status": "error", "code": code, "message": "In their words"}).encode(), status)


class LocalSession(requests.Session):
    """Sent to the local server whatever host is asked for."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._home = url

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        return super().request(method, f"{self._home}{urlsplit(str(url)).path}", *args, **options)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


@pytest.fixture
def news(server: WebServer) -> NewsApi:
    return NewsApi("key", session=LocalSession(server.url))


def answer_with(server: WebServer, *answers: Answer) -> None:
    """One after the other, the last again and again."""
    left = list(answers)
    server.script = lambda path, query, headers: left.pop(0) if len(left) > 1 else left[0]


def test_articles_become_headlines(news: NewsApi, server: WebServer) -> None:
    answer_with(server, told(article("Walk wins")))
    (found,) = news.headlines([WALK], START, END)
    assert (found.title, found.source, found.url, found.symbols) == ("Walk wins", "Wire", "https://news.test/1", ())


def test_removed_and_late_articles_and_impossible_times_are_left_out(news: NewsApi, server: WebServer) -> None:
    late, never = article("Walk loses", "2013-03-02T10:00:00Z"), article("Walk waits", "soon")
    answer_with(server, told(article("[Removed]"), article(None), late, never))
    assert news.headlines([WALK], START, END) == []


def test_many_companies_are_one_question(news: NewsApi, server: WebServer) -> None:
    answer_with(server, told())
    others = Listing("MINS", "XNAS", "Mins Corporation"), Listing("WALK.B", "XNAS", "Walk Inc.")
    news.headlines([WALK, *others], START, END)
    ((path, query),) = server.asked
    assert (path, query["qintitle"], query["language"]) == ("/v2/everything", ['"walk" OR "mins"'], ["en"])


def test_no_question_is_longer_than_the_service_takes() -> None:
    asked = list(questions(MANY))
    assert max(map(len, asked)) <= QUESTION
    assert sum(one.count('"') for one in asked) == 2 * len(MANY)


def test_the_most_wanted_are_always_asked_for_and_the_others_take_turns() -> None:
    asked = [f"question {place}" for place in range(9)]
    hours = [in_turn(asked, END + timedelta(hours=hour)) for hour in range(len(asked))]
    assert all(one[:FIRST] == asked[:FIRST] and len(one) == CALLS for one in hours)
    assert {question for one in hours for question in one} == set(asked)


def test_a_call_costs_at_most_four_of_the_days_hundred(news: NewsApi, server: WebServer) -> None:
    answer_with(server, told(article("Company Number1 Shoes wins"), total=9_999))
    news.headlines(MANY, START, END)
    assert len(server.asked) == CALLS


def test_further_pages_are_asked_for(news: NewsApi, server: WebServer) -> None:
    answer_with(server, told(article("Walk wins"), total=101), told(article("Walk loses"), total=101))
    assert [one.title for one in news.headlines([WALK], START, END)] == ["Walk wins", "Walk loses"]
    assert [query["page"] for _, query in server.asked] == [["1"], ["2"]]


def test_where_the_plan_ends_what_it_gave_is_the_answer(news: NewsApi, server: WebServer) -> None:
    answer_with(server, told(article("Walk wins"), total=500), refused(426, "maximumResultsReached"))
    assert [one.title for one in news.headlines([WALK], START, END)] == ["Walk wins"]


def test_when_the_days_calls_are_spent_on_the_way_what_was_found_is_the_answer(
    news: NewsApi, server: WebServer
) -> None:
    answer_with(server, told(article("Walk wins")), refused(429, "rateLimited"))
    assert [one.title for one in news.headlines([WALK, *MANY], START, END)] == ["Walk wins"]


def test_the_free_plans_month_is_not_overstepped(news: NewsApi, server: WebServer) -> None:
    answer_with(server, told())
    news.headlines([WALK], END - timedelta(days=60), END)
    assert server.asked[0][1]["from"] == ["2013-01-31T00:00:00"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(401, "apiKeyInvalid"), ProviderError),
        (refused(429, "rateLimited"), RefusedError),
        (refused(500, "unexpectedError"), AwayError),
        (Answer(b"<html></html>"), AwayError),
    ],
)
def test_the_kind_of_error_says_what_to_do_next(
    news: NewsApi, server: WebServer, answer: Answer, kind: type[ProviderError]
) -> None:
    answer_with(server, answer)
    with pytest.raises(ProviderError) as problem:
        news.headlines([WALK], START, END)
    assert type(problem.value) is kind


def test_each_call_is_counted_before_it_goes_out(news: NewsApi, server: WebServer) -> None:
    answer_with(server, told(article("Company Number1 Shoes wins"), total=9_999))
    counted: list[int] = []
    news.meter = lambda: counted.append(len(server.asked))
    news.headlines(MANY, START, END)
    assert counted == list(range(CALLS))


@pytest.mark.parametrize(
    "answer",
    [
        refused(401, "apiKeyInvalid"),
        refused(429, "rateLimited"),
        refused(426, "parameterInvalid"),
        refused(500, "unexpectedError"),
        Answer(b"<html><body>Please wait</body></html>", headers={"Content-Type": "text/html"}),
        Answer(b"Too Many Requests", 429),
        Answer(b'{"status": "ok", "articles": [', length=5_000),
        Answer(b'{"status": "ok", "articles": ['),
        Answer(b"[]"),
        Answer(b"{}"),
        Answer(b'"no"', 502),
    ],
)
def test_what_is_no_answer_is_an_error(news: NewsApi, server: WebServer, answer: Answer) -> None:
    answer_with(server, answer)
    with pytest.raises(ProviderError, match="NewsAPI"):
        news.headlines([WALK], START, END)
