"""Yahoo's answers as records; what is no price becomes none."""

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from apps.market import calendars
from apps.market.columns import Bars, Floats, bars_of, no_bars
from apps.market.providers.base import AwayError, Headline, Listing, MinuteData, Rate, Tick

CALENDAR = "XNYS"
SOURCE = "yahoo"
DECIMALS = 2
REGULAR = 1  # market_hours of the stream: 0 before, 2 after
LAST_SECOND = 4_102_444_800  # of 2099
MICS = {"NMS": "XNAS", "NGM": "XNAS", "NCM": "XNAS", "NYQ": "XNYS", "PCX": "ARCX", "ASE": "XASE", "BTS": "BATS"}
KINDS = {"EQUITY": "stock", "ETF": "etf"}


def parse_bars(frame: pd.DataFrame) -> Bars:
    """Rows with all prices; the last row of a running day can be NaN and is dropped, as is any without volume."""
    if not isinstance(frame.index, pd.DatetimeIndex):  # an empty answer has no index of moments
        return no_bars("split", SOURCE)
    whole = frame.dropna(subset=["Open", "High", "Low", "Close", "Volume"])
    prices = np.round(whole[["Open", "High", "Low", "Close"]].to_numpy("f8"), DECIMALS)
    prices[:, 1] = prices.max(axis=1)  # rounding each price apart may push one past the high by a cent
    prices[:, 2] = prices.min(axis=1)
    splits = _column(whole, "Stock Splits")
    return bars_of(
        pd.DatetimeIndex(whole.index).tz_localize(None).to_numpy().astype("M8[D]"),
        prices,
        basis="split",
        source=SOURCE,
        volume=whole["Volume"].to_numpy("i8"),
        dividend=_column(whole, "Dividends"),
        split_factor=np.where(splits > 0, splits, 1.0),
    )


def _column(frame: pd.DataFrame, name: str) -> Floats:
    """Zeros where an answer has no such column."""
    return frame[name].fillna(0).to_numpy("f8") if name in frame else np.zeros(len(frame))


def parse_minutes(symbol: str, frame: pd.DataFrame) -> list[MinuteData]:
    """As bars, by the minute's start in UTC."""
    minutes = []
    for moment, values in _rows(frame):
        prices = [_price(values.get(name)) for name in ("Open", "High", "Low", "Close")]
        if None in prices:
            continue
        opened, high, low, close = (price or 0.0 for price in prices)
        at = moment.tz_convert("UTC").to_pydatetime()
        high, low = max(high, opened, close), min(low, opened, close)
        minutes.append(MinuteData(symbol, at, opened, high, low, close, int(values.get("Volume") or 0), SOURCE))
    return minutes


def parse_quotes(symbols: Sequence[str], answer: Mapping[str, Any]) -> list[Tick]:
    """Of those asked for, each with a usable price and time; raises ProviderError where none has one.

    An answer that knows nothing of any symbol is an answer: no quotes.
    """
    told = (answer.get("quoteResponse") or {}).get("result") or []
    wanted = [one for one in told if isinstance(one, dict) and one.get("symbol") in symbols]
    found = [tick for one in wanted if (tick := _quote(one)) is not None]
    if told and not found:
        raise AwayError("quotes without a price")
    return found


def _quote(told: Mapping[str, Any]) -> Tick | None:
    price, at = _price(told.get("regularMarketPrice")), told.get("regularMarketTime")
    if price is None or not isinstance(at, int | float) or not 0 < at < LAST_SECOND:
        return None
    moment = datetime.fromtimestamp(at, UTC)
    return Tick(
        told["symbol"],
        price,
        moment,
        calendars.session_at(CALENDAR, moment),
        SOURCE,
        previous_close=_price(told.get("regularMarketPreviousClose")),
        open=_price(told.get("regularMarketOpen")),
        high=_price(told.get("regularMarketDayHigh")),
        low=_price(told.get("regularMarketDayLow")),
        volume=int(told.get("regularMarketVolume") or 0) or None,
    )


def parse_heard(told: Mapping[str, Any]) -> Tick | None:
    """A message of the stream; None outside of regular hours, and for what is no price of a symbol."""
    price, at = _price(told.get("price")), str(told.get("time", ""))
    if not told.get("id") or price is None or told.get("market_hours") != REGULAR or not at.isdigit():
        return None
    if not 0 < int(at) / 1000 < LAST_SECOND:
        return None
    moment = datetime.fromtimestamp(int(at) / 1000, UTC)
    return Tick(
        str(told["id"]),
        price,
        moment,
        calendars.session_at(CALENDAR, moment),
        SOURCE,
        previous_close=_price(told.get("previous_close")),
        open=_price(told.get("open_price")),
        high=_price(told.get("day_high")),
        low=_price(told.get("day_low")),
        volume=int(told.get("day_volume") or 0) or None,
    )


def parse_rates(base: str, quote: str, frame: pd.DataFrame) -> list[Rate]:
    """The closes of a pair, as many digits as float32 carries."""
    if not isinstance(frame.index, pd.DatetimeIndex):
        return []
    closes = frame["Close"].dropna()
    days = pd.DatetimeIndex(closes.index).tz_localize(None).to_numpy().astype("M8[D]").tolist()
    told = zip(days, closes.tolist(), strict=True)
    return [
        Rate(base, quote, on, float(f"{rate:.7g}"), SOURCE) for on, rate in told if math.isfinite(rate) and rate > 0
    ]


def parse_listings(items: Sequence[Mapping[str, Any]], mics: Container[str]) -> list[Listing]:
    """Shares and funds of those exchanges, in Yahoo's order."""
    found = []
    for item in items:
        mic, kind = MICS.get(str(item.get("exchange")), ""), KINDS.get(str(item.get("quoteType")))
        if mic in mics and kind and item.get("symbol"):
            name = item.get("longname") or item.get("shortname") or item["symbol"]
            found.append(Listing(item["symbol"], mic, name, sector=item.get("sector") or "", asset_class=kind))
    return found


def parse_news(symbol: str, items: Sequence[dict[str, Any]]) -> list[Headline]:
    """Yahoo's news items; those without a title or a time are left out."""
    headlines = []
    for item in items:
        content = item.get("content") or {}
        title, published = content.get("title"), content.get("pubDate")
        if not title or not published:
            continue
        url = (content.get("canonicalUrl") or {}).get("url") or ""
        source = (content.get("provider") or {}).get("displayName") or "Yahoo"
        headlines.append(Headline(title, datetime.fromisoformat(published), source, (symbol,), url, "yahoo"))
    return headlines


def _price(value: object) -> float | None:
    """Rounded to the cent; None for what is no positive number."""
    if not isinstance(value, (int, float)) or not math.isfinite(value) or value <= 0:
        return None
    return round(float(value), DECIMALS)


def _rows(frame: pd.DataFrame) -> Iterator[tuple[pd.Timestamp, dict[str, float]]]:
    """The rows of an answer; an empty frame has no index of moments."""
    for moment, values in frame.to_dict("index").items():
        if isinstance(moment, pd.Timestamp):
            yield moment, {str(name): float(value) for name, value in values.items()}
