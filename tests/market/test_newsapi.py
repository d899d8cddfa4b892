"""NewsAPI through its own client, on a session that reaches a local server."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from apps.market.providers.base import Listing, ProviderError
from apps.market.providers.newsapi import NewsApi

START, END = datetime(2013, 2, 1, tzinfo=UTC), datetime(2013, 3, 1, tzinfo=UTC)
WALK = Listing("WALK", "XNAS", "Walk Inc.")


def article(title: str | None, at: str = "2013-02-05T10:00:00Z") -> dict[str, Any]:
    return {"source": {"id": None, "name": "Wire"}, "title": title, "url": "https://news.test/1", "publishedAt": at}


class LocalSession(requests.Session):
    """Sent to the local server whatever host is asked for."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._home = url

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        return super().request(method, f"{self._home}{urlsplit(str(url)).path}", *args, **options)


@pytest.fixture
def ask() -> Iterator[Any]:
    """ask(status, body) -> the headlines of WALK when the server answers so."""
    answer: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer["status"])
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer["body"]).encode())

        def log_message(self, *args: object) -> None:
            """Nothing on the test's screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        news = NewsApi("key", session=LocalSession(f"http://127.0.0.1:{server.server_port}"))

        def asked(status: int, body: dict[str, Any]) -> Any:
            answer.update(status=status, body=body)
            return news.headlines([WALK], START, END)

        yield asked
        server.shutdown()


def test_articles_become_headlines(ask: Any) -> None:
    found = ask(200, {"status": "ok", "totalResults": 1, "articles": [article("Walk wins")]})
    assert [(one.title, one.source, one.url) for one in found] == [("Walk wins", "Wire", "https://news.test/1")]


def test_removed_and_late_articles_are_left_out(ask: Any) -> None:
    late = article("Walk loses", "2013-03-02T10:00:00Z")
    assert ask(200, {"status": "ok", "totalResults": 3, "articles": [article("[Removed]"), article(None), late]}) == []


@pytest.mark.parametrize("status", [401, 426, 429])
def test_a_refusal_is_an_error(ask: Any, status: int) -> None:
    with pytest.raises(ProviderError, match="NewsAPI"):
        ask(status, {"status": "error", "code": "apiKeyInvalid", "message": "Your API key is invalid"})
