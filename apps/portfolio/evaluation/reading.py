"""The JSON document as ledger rows, prices, rates, splits and options."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from apps.market.currencies import Observation, Pair, conversion
from apps.portfolio.lots import ZERO, Method
from apps.portfolio.movements import Kind, Row
from apps.portfolio.replay import Rate, Series, as_traded
from apps.portfolio.splits import Split, splits_without_twins

ONE_BOOK = "main"


class DocumentError(ValueError):
    """The document cannot be read; the message says where."""


class Ledger:
    """The document as rows by book, series, rates and options."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.base = str(document.get("base_currency", "USD"))
        self.options: Mapping[str, Any] = document.get("options") or {}
        self.books: dict[Hashable, list[Row]] = defaultdict(list)
        own: dict[str, list[Split]] = defaultdict(list)
        for place, said in enumerate(document.get("transactions", [])):
            row = _row(place, said)
            if row.kind is Kind.SPLIT:
                own[str(row.instrument)].append(_split(said))
            else:
                self.books[said.get("portfolio", ONE_BOOK)].append(row)
        self.book = self.options.get("portfolio") or next(iter(self.books), ONE_BOOK)
        self.series = self._series(document, own)
        self.rate = self._rates(document)
        period = self.options.get("period") or {}
        self.until = _date(period["end"]) if period.get("end") else self._last_day()
        self.since = _date(period["start"]) if period.get("start") else None
        default = Method(str(self.options.get("cost_method", "fifo")))
        self.methods = dict.fromkeys(self.books, default)

    def _series(self, document: Mapping[str, Any], own: Mapping[str, list[Split]]) -> dict[Hashable, Series]:
        told: dict[str, list[Split]] = defaultdict(list)
        for said in document.get("splits", []):
            told[str(said["instrument"])].append(_split(said))
        currencies = {name: one.get("currency") for name, one in (document.get("instruments") or {}).items()}
        for rows in self.books.values():
            for row in rows:
                if row.instrument is not None and not currencies.get(row.instrument):
                    currencies[row.instrument] = row.currency
        prices, basis = document.get("prices") or {}, document.get("price_basis", "raw")
        found: dict[Hashable, Series] = {}
        for name in {*currencies, *prices}:
            splits = splits_without_twins(told[name], own.get(name, ()))
            dated = _dated(prices.get(name) or [])
            days, closes = [on for on, _ in dated], [close for _, close in dated]
            if (basis if isinstance(basis, str) else basis.get(name, "raw")) == "split":
                closes = as_traded(days, closes, splits)
            found[name] = Series(currencies.get(name) or self.base, days, closes, splits)
        return found

    def _rates(self, document: Mapping[str, Any]) -> Rate:
        known: dict[Pair, list[tuple[date, float]]] = defaultdict(list)
        for said in document.get("fx_rates", []):
            known[str(said["base"]), str(said["quote"])].append((_date(said["date"]), float(said["rate"])))
        for observations in known.values():
            observations.sort()
        base = self.base

        @cache
        def rate(currency: str, on: date) -> Decimal:
            observed = {}
            for pair, rates in known.items():
                if place := bisect_right(rates, (on, math.inf)):
                    observed[pair] = Observation(*rates[place - 1], "document")
            return conversion(currency, base, on, observed).rate

        return rate

    def _last_day(self) -> date:
        days = [series.days[-1] for series in self.series.values() if series.days]
        days += [row.on for rows in self.books.values() for row in rows]
        return max(days, default=date.min)


def _row(place: int, said: Mapping[str, Any]) -> Row:
    key = said.get("id", place)
    try:
        row = Row(
            key=key,
            on=_date(said["date"]),
            kind=Kind(str(said["kind"])),
            currency=str(said.get("currency") or "USD"),
            instrument=said.get("instrument"),
            quantity=_number(said.get("quantity")),
            price=_number(said.get("price")),
            amount=_number(said.get("amount")),
            rate=_number(said.get("rate")),
            fee=_number(said.get("fee")) or ZERO,
            tax=_number(said.get("tax")) or ZERO,
            at=datetime.fromisoformat(f"{said['date']}T{said['time']}+00:00") if said.get("time") else None,
            link=said.get("transfer"),
        )
        if row.moves_units and row.instrument is None:
            raise ValueError(f"{row.kind} of units without an instrument")
    except (KeyError, ValueError, InvalidOperation) as error:
        raise DocumentError(f"transaction {key}: {error}") from error
    return row


def _split(said: Mapping[str, Any]) -> Split:
    return Split(_date(said["date"]), int(said["numerator"]), int(said["denominator"]))


def _date(text: Any) -> date:
    return date.fromisoformat(str(text)[:10])


def _number(said: Any) -> Decimal | None:
    if said is None or said == "":
        return None
    number = Decimal(str(said))
    if not number.is_finite():
        raise DocumentError(f"{said} is no number")
    return number


def _dated(prices: Any) -> list[tuple[date, Decimal]]:
    pairs = prices.items() if isinstance(prices, Mapping) else prices
    return sorted((_date(on), _number(price) or ZERO) for on, price in pairs)
