"""Feeds read from a local server by the real parser: bounds, faults, and places that are not asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest

from apps.market.providers.base import ProviderError
from apps.market.providers.rss import LARGEST, Rss
from tests.market.web_server import Answer, WebServer

END = datetime(2013, 3, 1, 12, tzinfo=UTC)
START = END - timedelta(days=30)
ITEM = "<item><title>{title}</title><link>https://news.test/{n}</link>{date}</item>"
DATED = "<pubDate>Thu, 28 Feb 2013 16:00:00 GMT</pubDate>"


def rss(*items: str, head: str = "") -> bytes:
    found = "".join(items)
    return f'{head}<rss version="2.0"><channel><title>Test wire</title>{found}</channel></rss>\n'.encode()


def item(title: str = "Walk wins", date: str = DATED, n: int = 1) -> str:
    return ITEM.format(title=title, date=date, n=n)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


def ask(server: WebServer, answer: Answer | None = None, **options: Any) -> list[tuple[str, datetime]]:
    if answer:
        server.script = lambda path, query, headers: answer
    found = Rss([f"{server.url}/feed"], allow_private=True, **options).headlines([], START, END)
    return [(one.title, one.published_at) for one in found]


def test_items_become_headlines(server: WebServer) -> None:
    server.script = lambda path, query, headers: Answer(rss(item()))
    (found,) = Rss([f"{server.url}/feed"], allow_private=True).headlines([], START, END)
    at = datetime(2013, 2, 28, 16, tzinfo=UTC)
    assert (found.title, found.published_at, found.source, found.url, found.symbols, found.via) == (
        *("Walk wins", at, "Test wire", "https://news.test/1", (), "rss"),
    )


def test_atom_is_read_too(server: WebServer) -> None:
    entry = "<entry><title>Walk wins</title><updated>2013-02-28T16:00:00Z</updated></entry>"
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Wire</title>{entry}</feed>'.encode()
    assert ask(server, Answer(body)) == [("Walk wins", datetime(2013, 2, 28, 16, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("date", "found"),
    [
        ("", END),
        ("<pubDate>soon</pubDate>", END),
        ("<pubDate>Fri, 01 Mar 2013 18:00:00 GMT</pubDate>", END),
        ("<pubDate>Fri, 01 Mar 2013 06:00:00 -0500</pubDate>", END - timedelta(hours=1)),
        ("<pubDate>Mon, 04 Mar 2013 18:00:00 GMT</pubDate>", None),
        ("<pubDate>Mon, 04 Mar 9999 09:00:00 GMT</pubDate>", None),
        ("<pubDate>Tue, 01 Jan 2013 18:00:00 GMT</pubDate>", None),
    ],
)
def test_times_that_are_missing_or_ahead(server: WebServer, date: str, found: datetime | None) -> None:
    assert [at for _, at in ask(server, Answer(rss(item(date=date))))] == ([found] if found else [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_are_read_as_they_are(server: WebServer, encoding: str) -> None:
    body = rss(item("Walk öffnet Läden"), head=f'<?xml version="1.0" encoding="{encoding}"?>').decode().encode(encoding)
    assert [title for title, _ in ask(server, Answer(body))] == ["Walk öffnet Läden"]


def test_another_encoding_than_the_feed_says_is_survived(server: WebServer) -> None:
    body = rss(item("Walk öffnet"), head='<?xml version="1.0" encoding="utf-8"?>').decode().encode("iso-8859-1")
    assert [title for title, _ in ask(server, Answer(body))] == ["Walk öffnet"]


def test_scripts_and_marks_of_a_title_are_gone(server: WebServer) -> None:
    told = ask(server, Answer(rss(item("Walk &lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;wins&lt;/b&gt;"))))
    assert told[0][0] == "Walk alert(1) wins"


BOMB = (
    '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{"".join([f"&{a};"] * 10)}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
OUTSIDE = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(b"Forbidden", 403), "answered 403"),
        (Answer(b"<html><body>Please wait</body></html>"), "no feed, or not a whole one"),
        (Answer(b""), "no feed, or not a whole one"),
        (Answer(rss(item())[:150]), "no feed, or not a whole one"),
        (Answer(rss(item()), length=5_000), "cut short|IncompleteRead|broken"),
        (Answer(rss(item("a" * LARGEST))), "larger than"),
        (Answer(rss(item("&i;"), head=BOMB)), "declares entities"),
        (Answer(rss(item("&a;"), head=OUTSIDE)), "declares entities"),
        (Answer(rss(item("&a;"), head=OUTSIDE).decode().encode("utf-16")), "declares entities"),
        (Answer(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), "compresses unasked"),
    ],
)
def test_what_is_no_whole_feed_is_an_error(server: WebServer, answer: Answer, problem: str) -> None:
    with pytest.raises(ProviderError, match=problem):
        ask(server, answer)


def test_drop_by_drop_is_not_waited_for(server: WebServer) -> None:
    with pytest.raises(ProviderError, match="takes too long"):
        ask(server, Answer(rss(item()), drip=0.02), longest=0.2)


def test_what_has_not_changed_is_not_sent_again(server: WebServer) -> None:
    def script(path: str, query: Any, headers: Any) -> Answer:
        if headers["If-None-Match"] == '"1"' and headers["If-Modified-Since"] == "Thu":
            return Answer(status=HTTPStatus.NOT_MODIFIED)
        return Answer(rss(item()), headers={"ETag": '"1"', "Last-Modified": "Thu"})

    server.script = script
    source = Rss([f"{server.url}/feed"], allow_private=True)
    assert source.headlines([], START, END) == source.headlines([], START, END) != []


def moved(to: str) -> Answer:
    return Answer(status=HTTPStatus.FOUND, headers={"Location": to})


def test_a_redirect_within_the_named_hosts_is_followed(server: WebServer) -> None:
    server.script = lambda path, query, headers: moved("/new") if path == "/feed" else Answer(rss(item()))
    assert len(ask(server)) == 1


@pytest.mark.parametrize(
    "to", ["http://localhost:1/feed", "https://example.com/", "file:///etc/passwd", "//[::1]/", ""]
)
def test_a_redirect_elsewhere_is_not(server: WebServer, to: str) -> None:
    with pytest.raises(ProviderError, match=r"not named|without end"):
        ask(server, moved(to))


def test_a_redirect_in_circles_ends(server: WebServer) -> None:
    with pytest.raises(ProviderError, match="without end"):
        ask(server, moved("/feed"))
    assert len(server.asked) == 4


def test_private_addresses_are_not_asked(server: WebServer) -> None:
    server.script = lambda path, query, headers: Answer(rss(item()))
    with pytest.raises(ProviderError, match="no public address"):
        Rss([f"{server.url}/feed"]).headlines([], START, END)
    assert server.asked == []


def test_one_feed_that_fails_does_not_silence_the_others(server: WebServer) -> None:
    server.script = lambda path, query, headers: Answer(rss(item())) if path == "/good" else Answer(status=500)
    source = Rss([f"{server.url}/bad", f"{server.url}/good"], allow_private=True)
    assert [one.title for one in source.headlines([], START, END)] == ["Walk wins"]
