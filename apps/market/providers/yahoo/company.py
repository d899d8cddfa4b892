"""From Yahoo's profile, calendar and charts, as yfinance hands them out, to what we know of a company."""

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from django.conf import settings

from apps.market.columns import Bars, bars_of, no_bars
from apps.market.models import EventKind
from apps.market.providers.company import Occasion, Profile
from apps.market.providers.yahoo.parsing import SOURCE

SECTORS = {  # Yahoo's words for them, and the names that GICS gives them
    "Basic Materials": "Materials",
    "Consumer Cyclical": "Consumer Discretionary",
    "Consumer Defensive": "Consumer Staples",
    "Financial Services": "Financials",
    "Healthcare": "Health Care",
    "Technology": "Information Technology",
}
DAYS = {"Ex-Dividend Date": EventKind.EX_DIVIDEND, "Dividend Date": EventKind.DIVIDEND}


def parse_profile(info: Mapping[str, Any]) -> Profile:
    """Of `Ticker.info`; a country that we have no code for is left out."""
    sector, industry, country = (str(info.get(name) or "").strip() for name in ("sector", "industry", "country"))
    return Profile(SECTORS.get(sector, sector)[:60], industry[:80], _countries().get(country, ""))


def parse_calendar(calendar: Mapping[str, Any], today: date) -> list[Occasion]:
    """Of `Ticker.calendar`: days from today on; of a span for the earnings its first day."""
    told = [(kind, calendar.get(name)) for name, kind in DAYS.items()]
    told += [(EventKind.EARNINGS, min(calendar.get("Earnings Date") or [None]))]
    return [Occasion(kind, on) for kind, on in told if isinstance(on, date) and on >= today]


def parse_actions(frame: pd.DataFrame) -> Bars:
    """The days with a split or a dividend, without prices."""
    if not isinstance(frame.index, pd.DatetimeIndex):
        return no_bars("split", SOURCE)
    dividends, splits = (frame[name].fillna(0).to_numpy("f8") for name in ("Dividends", "Stock Splits"))
    chosen = (dividends > 0) | (splits > 0)
    days = pd.DatetimeIndex(frame.index).tz_localize(None).to_numpy().astype("M8[D]")[chosen]
    return bars_of(
        days, np.full((len(days), 4), np.nan), basis="split", source=SOURCE,
        dividend=dividends[chosen], split_factor=np.where(splits > 0, splits, 1.0)[chosen],
    )  # fmt: skip


@cache
def _countries() -> dict[str, str]:
    with (settings.BASE_DIR / "data" / "countries.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["code"] for row in csv.DictReader(file)}
