"""A local server that speaks the format of Yahoo's chart, crumb and news answers; all figures are made up."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from curl_cffi import requests

from apps.market.calendars import session_open
from tests.market.folder import DAYS, day

type Answer = tuple[int, str, str]


def widened(value: object) -> float:
    """A price as float32 widened to float64, as Yahoo sends it."""
    import numpy as np

    return float(np.float32(float(str(value))))


def chart(symbol: str, interval: str = "1d", **changes: Any) -> Answer:
    """The chart answer for one of the folder's symbols, its last row the running day's."""
    found = [day(symbol, place) for place in range(len(DAYS))]
    stamps = [int(session_open("XNYS", row[1]).timestamp()) for row in found]
    opened = stamps[-1]
    if interval == "1m":
        stamps = [opened + 60 * minute for minute in range(5)]
        found = [found[-1]] * 5
    quote = {name: [widened(row[at]) for row in found] for at, name in enumerate(("open", "high", "low", "close"), 2)}
    meta = _meta(symbol, quote, opened, interval)
    result: dict[str, Any] = {
        "meta": meta,
        "timestamp": stamps,
        "events": {"dividends": {str(stamps[0]): {"amount": 0.25, "date": stamps[0]}}},
        "indicators": {
            "quote": [quote | {"volume": [int(str(row[7])) for row in found]}],
            "adjclose": [{"adjclose": quote["close"]}],
        },
    }
    if interval == "1m":
        del result["indicators"]["adjclose"], result["events"]
    result["meta"] |= changes.pop("meta", {})
    result["indicators"]["quote"][0] |= changes
    return 200, "application/json", json.dumps({"chart": {"result": [result], "error": None}})


def _meta(symbol: str, quote: dict[str, list[float]], opened: int, interval: str) -> dict[str, Any]:
    return {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "NMS",
        "instrumentType": "EQUITY",
        "regularMarketTime": opened + 6 * 3600,
        "gmtoffset": -18000,
        "timezone": "EST",
        "exchangeTimezoneName": "America/New_York",
        "regularMarketPrice": quote["close"][-1],
        "regularMarketDayHigh": quote["high"][-1],
        "regularMarketDayLow": quote["low"][-1],
        "regularMarketVolume": 1_000_000,
        "chartPreviousClose": quote["close"][-2],
        "priceHint": 2,
        "currentTradingPeriod": _period(opened),
        "tradingPeriods": [[_period(opened)["regular"]]],
        "dataGranularity": interval,
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "max"],
    }


def _period(start: int) -> dict[str, Any]:
    hours = {"timezone": "EST", "start": start, "end": start + 23_400, "gmtoffset": -18000}
    return {"pre": hours, "regular": hours, "post": hours}


def not_found() -> Answer:
    """What Yahoo says of a symbol that it does not know."""
    error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
    return 404, "application/json", json.dumps({"chart": {"result": None, "error": error}})


class YahooServer:
    """`answer` may be replaced by a test: (symbol, interval) -> what a chart request gets."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[str, str], Answer] = lambda symbol, interval: chart(symbol, interval)
        self.crumb: Answer = (200, "text/plain", "crumb")
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = owner.reply(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args: object) -> None:
                """Nothing on the test's screen."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def reply(self, path: str) -> Answer:
        """The answer to a path and its query."""
        self.asked.append(path)
        parts = urlsplit(path)
        if parts.path.startswith("/v8/finance/chart/"):
            interval = parse_qs(parts.query).get("interval", ["1d"])[0]
            return self.answer(parts.path.rsplit("/", 1)[-1], interval)
        return self.crumb if parts.path.endswith("getcrumb") else (404, "text/html", "<html></html>")

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class LocalSession(requests.Session[requests.Response]):
    """yfinance's own HTTP client, sent to the local server whatever host it asks for."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._home = url

    def request(self, method: Any, url: str, *args: Any, **options: Any) -> Any:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, f"{self._home}{parts.path}{query}", *args, **options)


def moment(text: str) -> datetime:
    """An aware moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
