"""Headlines of the feeds that the operator named: RSS and Atom, read within bounds and from nowhere else."""

import logging
import time
from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from io import BytesIO
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import feedparser
import requests
from django.conf import settings
from django.utils.html import strip_tags
from urllib3.exceptions import HTTPError

from apps.accounts.providers.outside import outside_session
from apps.market.links import linkable_url
from apps.market.providers.base import Capability, Headline, Listing, Meter, ProviderError, unmetered
from apps.market.providers.terms import TERMS

logger = logging.getLogger(__name__)

LARGEST = 2_000_000  # bytes of a feed
LONGEST = 10.0  # seconds for a feed, its redirects included
REDIRECTS = 3
PART = 65_536
FUTURE = timedelta(days=1)  # a clock or a zone that is wrong; what lies further ahead is no news
CLOSED_BY = (b"</rss>", b"</feed>", b"</rdf:rdf>")
MOVED = {
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}


@dataclass(frozen=True, slots=True)
class _Read:
    """A feed as it was last read, and by what its server recognises that."""

    etag: str
    modified: str
    entries: tuple[tuple[str, datetime | None, str, str], ...]  # title, published, source, address


class Rss:
    """All named feeds together; the headlines carry no symbols, the names in their titles decide."""

    name = "rss"
    terms = TERMS["rss"]
    capabilities = frozenset({Capability.NEWS})
    meter: Meter = staticmethod(unmetered)

    @classmethod
    def from_settings(cls) -> Self | None:
        """With at least one feed."""
        return cls(settings.RSS_FEEDS, allow_private=settings.RSS_ALLOW_PRIVATE) if settings.RSS_FEEDS else None

    def __init__(self, feeds: Sequence[str], *, allow_private: bool = False, longest: float = LONGEST) -> None:
        self._feeds, self._longest = list(feeds), longest
        self._hosts = {urlsplit(feed).hostname for feed in feeds}
        self._session = outside_session(allow_private=allow_private, allow_plain=True)
        self._session.max_redirects = 1  # requests prepares the next one and is told not to follow it
        self._known: dict[str, _Read] = {}

    def headlines(self, about: Sequence[Listing], start: datetime, end: datetime) -> list[Headline]:
        """What the feeds hold of that time, ascending. Raises ProviderError when none of them could be read."""
        found, problems = [], []
        for feed in self._feeds:
            try:
                found += _headlines(self._read(feed), end)
            except (ProviderError, requests.RequestException, HTTPError, OSError) as error:
                problems.append(f"{urlsplit(feed).hostname}: {error}"[:300])
                logger.warning("feed %s", problems[-1])
        if problems and len(problems) == len(self._feeds):
            raise ProviderError("; ".join(problems))
        return sorted((one for one in found if start < one.published_at <= end), key=lambda one: one.published_at)

    def _read(self, feed: str) -> _Read:
        """The feed as it is now; unchanged it is not sent again."""
        known = self._known.get(feed)
        headers = {"User-Agent": feedparser.USER_AGENT, "Accept-Encoding": "identity"}
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        if known and known.modified:
            headers["If-Modified-Since"] = known.modified
        answer, body = self._fetch(feed, headers)
        if known and answer.status_code == HTTPStatus.NOT_MODIFIED:
            return known
        if answer.status_code != HTTPStatus.OK:
            raise ProviderError(f"answered {answer.status_code}")
        entries = parsed(body, answer.headers, answer.url)
        told = answer.headers
        self._known[feed] = _Read(told.get("ETag", ""), told.get("Last-Modified", ""), entries)
        return self._known[feed]

    def _fetch(self, url: str, headers: dict[str, str]) -> tuple[requests.Response, bytes]:
        """Follows a few redirects, to named hosts only and never from TLS to plain."""
        until = time.monotonic() + self._longest
        for _ in range(REDIRECTS + 1):
            self.meter()
            with self._session.get(url, headers=headers, stream=True, allow_redirects=False) as answer:
                if answer.status_code not in MOVED:
                    return answer, _bounded(answer, until)
                target = urljoin(url, answer.headers.get("Location", ""))
            parts = urlsplit(target)
            if not linkable_url(target) or parts.hostname not in self._hosts or url[:6] == "https:" != target[:6]:
                raise ProviderError("redirects to a place that was not named")
            url = target
        raise ProviderError("redirects without end")


def _bounded(answer: requests.Response, until: float) -> bytes:
    """The body, as it arrives: too much of it, too long over it, compressed or cut short it is not used."""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise ProviderError("compresses unasked")
    body = bytearray()
    while part := answer.raw.read1(PART):
        body += part
        if len(body) > LARGEST:
            raise ProviderError(f"is larger than {LARGEST:,} bytes")
        if time.monotonic() > until:
            raise ProviderError("takes too long")
    if (length := answer.headers.get("Content-Length")) and length.isdigit() and int(length) != len(body):
        raise ProviderError("was cut short")
    return bytes(body)


def parsed(body: bytes, headers: Any, url: str) -> tuple[tuple[str, datetime | None, str, str], ...]:
    """Title, time in UTC (None where it says none), source and address of each entry with a title.

    Raises ProviderError for what is no whole feed. A document that declares entities is refused: none needs them.
    """
    plain = body.replace(b"\x00", b"").lower()  # two bytes a letter or one: the marks are the same
    if b"<!entity" in plain:
        raise ProviderError("declares entities")
    if not any(end in plain[-200:] for end in CLOSED_BY):
        raise ProviderError("is no feed, or not a whole one")
    told = {"content-type": headers.get("Content-Type", ""), "content-location": url}
    feed = feedparser.parse(BytesIO(body), response_headers=told, sanitize_html=True)
    source = _text(feed.feed.get("title")) or str(urlsplit(url).hostname)
    return tuple(
        (title, _moment(entry), _text((entry.get("source") or {}).get("title")) or source, str(entry.get("link") or ""))
        for entry in feed.entries
        if (title := _text(entry.get("title")))
    )


def _text(value: Any) -> str:
    """Plain: a title may hold marks of HTML."""
    return " ".join(strip_tags(value).split()) if isinstance(value, str) else ""


def _moment(entry: Any) -> datetime | None:
    told = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")  # its own `get` guesses
    try:
        return datetime.fromtimestamp(timegm(told), UTC) if told else None
    except (ValueError, OverflowError):
        return None


def _headlines(read: _Read, now: datetime) -> list[Headline]:
    """An entry without a time was published when it was first seen; one of tomorrow's clock is of now."""
    return [
        Headline(title, min(at or now, now), source, (), url, "rss")
        for title, at, source, url in read.entries
        if at is None or at <= now + FUTURE
    ]
