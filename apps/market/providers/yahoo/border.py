"""The HTTP client that yfinance is given: each request counted, in time, and an answer or an error, nothing between."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from threading import local
from typing import Any
from urllib.parse import urljoin, urlsplit

from curl_cffi import requests
from django.utils import timezone

from apps.market.providers.base import AwayError, Meter, ProviderError, RefusedError, unmetered

TIMEOUT = 8.0  # seconds a request, from its first byte to its last
REDIRECTS = 3
REST = timedelta(seconds=60)  # after a refusal that names no time
LONGEST_REST = timedelta(hours=1)
DATA = {  # the answers that must be JSON, and what stands at their top
    "/v8/finance/chart/": "chart",
    "/v10/finance/quoteSummary/": "quoteSummary",
    "/v7/finance/quote": "quoteResponse",
    "/v1/finance/search": "quotes",
    "/xhr/ncp": "data",
}
LARGEST = 30_000_000  # bytes of an answer


class UnknownError(ProviderError):
    """Yahoo answers that it knows no such symbol."""


class Border(requests.Session[requests.Response]):
    """Redirects are followed here, so that each of them is counted."""

    def __init__(self, seconds: float = TIMEOUT, **options: Any) -> None:
        super().__init__(**options)
        self.meter: Meter = unmetered
        self._seconds = seconds
        self._call = local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """All requests of the call together take no longer."""
        self._call.ends_at = time.monotonic() + seconds
        try:
            yield
        finally:
            self._call.ends_at = None

    def request(self, method: Any, url: str, *args: Any, **options: Any) -> Any:
        """Raises AwayError, RefusedError or UnknownError for data; about cookies and crumbs yfinance decides."""
        key = next((key for start, key in DATA.items() if urlsplit(url).path.startswith(start)), None)
        try:
            answer = self._followed(method, url, *args, **options)
        except requests.exceptions.RequestException as error:
            if key is None:
                raise
            raise AwayError(f"{type(error).__name__}: {str(error)[:160]}") from error
        if key is not None:
            self._call.has_answer = answer.status_code == HTTPStatus.OK
            require_answer(answer, key)
        return answer

    @property
    def has_answer(self) -> bool:
        """Whether the last data that this thread asked for came: yfinance takes a 401 for an empty range."""
        return bool(getattr(self._call, "has_answer", False))

    def _followed(self, method: Any, url: str, *args: Any, **options: Any) -> Any:
        options |= {"allow_redirects": False}
        for _ in range(REDIRECTS + 1):
            options["timeout"] = self._seconds_left()
            self.meter()
            answer = self.send(method, url, *args, **options)
            if not (300 <= answer.status_code < 400 and answer.headers.get("Location")):
                return answer
            url, method = urljoin(url, str(answer.headers["Location"])), "GET"
            options = {key: value for key, value in options.items() if key not in {"params", "data", "json"}}
        raise AwayError(f"more than {REDIRECTS} redirects")

    def send(self, method: Any, url: str, *args: Any, **options: Any) -> Any:
        """One request on the wire."""
        return super().request(method, url, *args, **options)

    def _seconds_left(self) -> float:
        ends_at = getattr(self._call, "ends_at", None)
        left = self._seconds if ends_at is None else min(self._seconds, ends_at - time.monotonic())
        if left <= 0:
            raise AwayError("no whole answer in time")
        return left


def require_answer(answer: Any, key: str) -> None:
    """Raises for everything that is no answer. A wrong crumb (401) is let through: yfinance fetches another."""
    status = answer.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RefusedError("Yahoo refuses: too many requests", _rest_until(answer.headers.get("Retry-After")))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise AwayError(f"HTTP {status}")
    if status == HTTPStatus.NOT_FOUND and key in {"chart", "quoteSummary"}:
        raise UnknownError("Yahoo knows no such symbol")
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND}:
        raise ProviderError(f"HTTP {status}: {answer.text[:120]}")
    if status == HTTPStatus.OK:
        _require_json(answer, key)


def _require_json(answer: Any, key: str) -> None:
    try:
        found = json.loads(answer.content[:LARGEST])
    except ValueError as error:
        raise AwayError(f"no JSON but {answer.text[:60]!r}") from error
    value = found.get(key) if isinstance(found, dict) else None
    if value is None or (key in {"chart", "quoteResponse", "quoteSummary"} and value.get("result") is None):
        raise AwayError("an answer without content")


def _rest_until(text: str | None) -> datetime:
    """Of Retry-After: seconds or a date; at most an hour, for a wrong clock must not silence us for a week."""
    now = timezone.now()
    try:
        asked = now + timedelta(seconds=int(text)) if text and text.strip().isdigit() else None
        asked = asked or (parsedate_to_datetime(text) if text else now + REST)
    except (ValueError, OverflowError):
        asked = now + REST
    return min(max(asked, now + timedelta(seconds=1)), now + LONGEST_REST)
