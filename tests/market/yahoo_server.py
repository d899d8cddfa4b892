"""A local server that speaks the format of Yahoo's chart, crumb and news answers; all figures are made up."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from apps.market.calendars import session_open
from apps.market.providers.yahoo.border import Border
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


def quote(symbol: str, **changes: Any) -> dict[str, Any]:
    """One of the folder's symbols as a quote answer holds it: after the last close."""
    _, on, opened, high, low, close, _, volume, *_ = day(symbol, len(DAYS) - 1)
    told = {
        "symbol": symbol,
        "regularMarketPrice": widened(close),
        "regularMarketTime": int(session_open("XNYS", on).timestamp()) + 23_400,
        "regularMarketPreviousClose": widened(day(symbol, len(DAYS) - 2)[5]),
        "regularMarketOpen": widened(opened),
        "regularMarketDayHigh": widened(high),
        "regularMarketDayLow": widened(low),
        "regularMarketVolume": volume,
    }
    return told | changes


def quotes(symbols: Iterable[str], **changes: Any) -> Answer:
    """The quote answer of all of them."""
    found = [quote(symbol, **changes) for symbol in symbols]
    return 200, "application/json", json.dumps({"quoteResponse": {"result": found, "error": None}})


def rates(pair: str) -> Answer:
    """A currency pair: one close a day, nothing else."""
    stamps = [int(session_open("XNYS", on).timestamp()) for on in DAYS]
    closes = [widened(1.3 + place / 1000) for place in range(len(DAYS))]
    values = dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": [0] * len(DAYS)}
    meta = _meta(pair, values, stamps[-1], "1d") | {"exchangeTimezoneName": "Europe/London"}
    result = {"meta": meta, "timestamp": stamps, "indicators": {"quote": [values], "adjclose": [{"adjclose": closes}]}}
    return 200, "application/json", json.dumps({"chart": {"result": [result], "error": None}})


DATA = ("/v8/", "/v7/", "/v10/", "/v1/finance/", "/xhr/")
NEWS = {
    "content": {
        "title": "Walk reports record profit",
        "pubDate": "2013-02-28T16:00:00Z",
        "provider": {"displayName": "Wire"},
        "canonicalUrl": {"url": "https://news.test/walk"},
    }
}
PROFILE = {"sector": "Technology", "industry": "Software", "country": "Canada"}


def stamp(text: str) -> int:
    """Noon of that day, in seconds."""
    return int(datetime.fromisoformat(f"{text}T12:00+00:00").timestamp())


CALENDAR = {
    "dividendDate": stamp("2013-03-20"),
    "exDividendDate": stamp("2013-02-20"),
    "earnings": {"earningsDate": [stamp("2013-04-24"), stamp("2013-04-28")]},
}
FOUND = [
    {"symbol": "WALK", "exchange": "NMS", "quoteType": "EQUITY", "longname": "Walk Inc.", "sector": "Industrials"},
    {"symbol": "WALK.MX", "exchange": "MEX", "quoteType": "EQUITY", "longname": "Walk Inc."},
    {"symbol": "WALK130301C00100000", "exchange": "OPR", "quoteType": "OPTION"},
]


class YahooServer:
    """`answer`, `quotes` and `crumb` may be replaced by a test; a `fault` answers every request for data itself."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[str, str], Answer] = lambda symbol, interval: chart(symbol, interval)
        self.quotes: Callable[[list[str]], Answer] = quotes
        self.profile: dict[str, str] = PROFILE
        self.calendar: dict[str, Any] = CALENDAR
        self.crumb: Answer = (200, "text/plain", "crumb")
        self.fault: Callable[[BaseHTTPRequestHandler], None] | None = None
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_data = urlsplit(self.path).path.startswith(DATA)
                if is_data and owner.fault is not None:
                    owner.asked.append(self.path)
                    with suppress(OSError):
                        owner.fault(self)
                    return
                write(self, owner.reply(self.path))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.do_GET()

            def log_message(self, *args: object) -> None:
                """Nothing on the test's screen."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def data(self) -> list[str]:
        """The requests that asked for data, without those about cookies and crumbs."""
        return [path for path in self.asked if path.startswith(DATA)]

    def reply(self, path: str) -> Answer:
        """The answer to a path and its query."""
        self.asked.append(path)
        parts = urlsplit(path)
        asked = parse_qs(parts.query)
        if parts.path.startswith("/v8/finance/chart/"):
            symbol = unquote(parts.path.rsplit("/", 1)[-1])
            return rates(symbol) if symbol.endswith("=X") else self.answer(symbol, asked.get("interval", ["1d"])[0])
        if parts.path == "/v7/finance/quote":
            return self.quotes(asked["symbols"][0].split(","))
        if parts.path.startswith("/v10/finance/quoteSummary/"):
            told = {"assetProfile": self.profile, "calendarEvents": self.calendar}
            chosen = {name: told[name] for name in asked["modules"][0].split(",") if name in told}
            return 200, "application/json", json.dumps({"quoteSummary": {"result": [chosen], "error": None}})
        if parts.path.startswith("/ws/fundamentals-timeseries/"):
            return 200, "application/json", json.dumps({"timeseries": {"result": [{"meta": {}}], "error": None}})
        if parts.path == "/v1/finance/search":
            return 200, "application/json", json.dumps({"quotes": FOUND, "news": []})
        if parts.path == "/xhr/ncp":
            return 200, "application/json", json.dumps({"data": {"tickerStream": {"stream": [NEWS]}}})
        return self.crumb if parts.path.endswith("getcrumb") else (404, "text/html", "<html></html>")

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def write(handler: BaseHTTPRequestHandler, answer: Answer, **headers: str) -> None:
    """A whole answer."""
    status, kind, body = answer
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body.encode())


class LocalSession(Border):
    """The client that yfinance is given in production, sent to the local server whatever host it asks for."""

    def __init__(self, url: str, seconds: float = 8.0) -> None:
        super().__init__(seconds)
        self._home = url

    def send(self, method: Any, url: str, *args: Any, **options: Any) -> Any:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().send(method, f"{self._home}{parts.path}{query}", *args, **options)
