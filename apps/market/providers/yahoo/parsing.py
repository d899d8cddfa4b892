"""Yahoo's answers as records; what is no price becomes none."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from apps.market import calendars
from apps.market.columns import Bars, Floats, bars_of, no_bars
from apps.market.providers.base import Headline, MinuteData, ProviderError, Tick

CALENDAR = "XNYS"
SOURCE = "yahoo"
DECIMALS = 2


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


def parse_quote(symbol: str, meta: Mapping[str, Any], opened: float | None) -> Tick:
    """The `meta` of a chart answer; raises ProviderError without a usable price and time.

    Asked for by key only: reading all keys makes yfinance fetch the trading periods as well.
    """
    price, at = _price(meta.get("regularMarketPrice")), meta.get("regularMarketTime")
    if price is None or not at or meta.get("symbol", symbol) != symbol:
        raise ProviderError(f"{symbol}: an answer without a price")
    moment = datetime.fromtimestamp(at.timestamp() if isinstance(at, datetime) else float(at), UTC)
    return Tick(
        symbol,
        price,
        moment,
        calendars.session_at(CALENDAR, moment),
        SOURCE,
        previous_close=_price(meta.get("chartPreviousClose")),
        open=_price(opened),
        high=_price(meta.get("regularMarketDayHigh")),
        low=_price(meta.get("regularMarketDayLow")),
        volume=int(meta.get("regularMarketVolume") or 0) or None,
    )


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
