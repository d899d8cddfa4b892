"""The JSON document as ledger rows, prices, rates, splits and options."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn

from apps.market.currencies import Observation, Pair, conversion
from apps.portfolio.evaluation.rows import ONE_BOOK, books_of
from apps.portfolio.evaluation.scalars import (
    DocumentError,
    currency,
    day,
    flag,
    listed,
    mapping,
    not_negative,
    number,
    positive,
    split,
    word,
)
from apps.portfolio.lots import Method
from apps.portfolio.movements import Kind, Row
from apps.portfolio.replay import Rate, Series, Terms, as_traded
from apps.portfolio.splits import Split, splits_without_twins

BASES = ("raw", "split")
METHODS = {"fifo": Method.FIFO, "average": Method.AVERAGE, "moving_average": Method.AVERAGE}
CODE = 3
EVERY = "*"
PAID = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL})  # a portfolio with one of them keeps cash


@dataclass(frozen=True, slots=True)
class Asked:
    """A period: `since` is the day at whose close it begins, None the day before the first row."""

    since: date | None
    until: date


class Ledger:
    """The document as rows by book, series, rates and options. Raises DocumentError."""

    def __init__(self, document: Any) -> None:
        said = mapping(document, "document")
        self.base = currency(said.get("base_currency"), "USD")
        self.options = mapping(said.get("options"), "options")
        self.books, own = books_of(listed(said.get("transactions"), "transactions"), "USD")
        self.chosen = self._chosen()
        self.series = _series(said, own, self.books, self.base)
        self.rate = _rates(said.get("fx_rates"), self.base)
        self.methods = self._methods()
        self.terms = Terms(
            cash=flag(self.options.get("cash"), "options.cash", any(row.kind in PAID for row in self.rows)),
            before_taxes=flag(self.options.get("before_taxes"), "options.before_taxes", False),
        )
        self.risk_free = self._risk_free()
        self.benchmark = None if not self.options.get("benchmark") else word(self.options["benchmark"], "benchmark")
        self.lists_days = flag(self.options.get("days"), "options.days", False)
        self.period = self._asked(self.options.get("period"))
        self.periods = [self._asked(one) for one in listed(self.options.get("periods"), "options.periods")]

    @property
    def rows(self) -> list[Row]:
        """Of the chosen portfolios together: what moves between them crosses no border."""
        return [row for book in self.chosen for row in self.books.get(book, [])]

    def _chosen(self) -> list[Hashable]:
        asked = self.options.get("portfolio")
        if asked is None or asked == "":
            return [next(iter(self.books), ONE_BOOK)]
        if asked == EVERY:
            return list(self.books)
        names = asked if isinstance(asked, Sequence) and not isinstance(asked, str) else [asked]
        chosen: list[Hashable] = list(dict.fromkeys(word(name, "portfolio") for name in names))
        for name in chosen:
            if name not in self.books:
                raise DocumentError(f"options.portfolio: there is no row of {name}")
        return chosen

    def _methods(self) -> dict[Hashable, Method]:
        said = self.options.get("cost_method")
        by_book = said if isinstance(said, Mapping) else dict.fromkeys(self.books, said)
        return {book: _method(by_book.get(book)) for book in self.books}

    def _risk_free(self) -> float:
        rate = float(number(self.options.get("risk_free_rate"), "risk_free_rate") or 0)
        if not -1 < rate <= 10:
            raise DocumentError(f"risk_free_rate {rate} is no yearly rate: 0.02 is 2 %")
        return rate

    def _asked(self, said: Any) -> Asked:
        period = mapping(said, "period")
        start, end = period.get("start"), period.get("end")
        since = day(start, "period.start") if start else None
        until = day(end, "period.end") if end else self._last_day()
        if since is not None and since > until:
            raise DocumentError(f"period starts on {since.isoformat()}, after its end on {until.isoformat()}")
        return Asked(since, until)

    def _last_day(self) -> date:
        days = [series.days[-1] for series in self.series.values() if series.days]
        days += [row.on for rows in self.books.values() for row in rows]
        return max(days, default=date.min)


def parsed(text: bytes) -> Any:
    """JSON in any of its encodings, numbers in full. Raises DocumentError."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not JSON: {error}") from None


def _refused(constant: str) -> NoReturn:
    raise DocumentError(f"{constant} is no number")


def _method(said: Any) -> Method:
    name = "fifo" if said is None else word(said, "cost_method").lower()
    if name not in METHODS:
        raise DocumentError(f"cost_method {name!r} is none of {', '.join(METHODS)}")
    return METHODS[name]


def _series(
    said: Mapping[str, Any], own: Mapping[str, list[Split]], books: Mapping[Hashable, Sequence[Row]], base: str
) -> dict[Hashable, Series]:
    told: dict[str, list[Split]] = defaultdict(list)
    for one in listed(said.get("splits"), "splits"):
        told[word(mapping(one, "split").get("instrument"), "split: instrument")].append(split(one))
    currencies = {
        name: currency(mapping(one, f"instrument {name}").get("currency"), "") or None
        for name, one in mapping(said.get("instruments"), "instruments").items()
    }
    for rows in books.values():
        for row in rows:
            if row.instrument is not None and not currencies.get(str(row.instrument)):
                currencies[str(row.instrument)] = row.currency
    prices = mapping(said.get("prices"), "prices")
    found: dict[Hashable, Series] = {}
    for name in {**currencies, **prices}:
        splits = splits_without_twins(told[name], own.get(name, ()))
        known = _dated(prices.get(name), f"prices of {name}")
        days = sorted(known)
        closes = [known[on] for on in days]
        if _basis(said.get("price_basis"), name) == "split":
            closes = as_traded(days, closes, splits)
        found[name] = Series(currencies.get(name) or base, days, closes, splits)
    return found


def _basis(said: Any, name: str) -> str:
    basis = said.get(name) if isinstance(said, Mapping) else said
    if basis is None:
        return "raw"
    if basis not in BASES:
        raise DocumentError(f"price_basis {basis!r} is none of {', '.join(BASES)}")
    return str(basis)


def _dated(said: Any, what: str, value: str = "price") -> dict[date, Decimal]:
    """Days and numbers from an object, from pairs or from objects of both; the last said of a day, nulls left out."""
    found: dict[date, Decimal] = {}
    for on, one in said.items() if isinstance(said, Mapping) else (_pair(one, what) for one in listed(said, what)):
        worth = not_negative(one, f"{what}: {value}")
        if worth is not None:
            found[day(on, f"{what}: date")] = worth
    return found


def _pair(said: Any, what: str) -> tuple[Any, Any]:
    if isinstance(said, Mapping):
        names = [name for name in ("price", "close", "rate", "value") if name in said]
        return said.get("date"), said[names[0]] if names else None
    pair = listed(said, what)
    if len(pair) != 2:
        raise DocumentError(f"{what}: {list(pair)} is no pair of day and number")
    return pair[0], pair[1]


def _rates(said: Any, base: str) -> Rate:
    """From a list of single rates, or from an object of series by pair: `{"EURUSD": {day: rate}}`."""
    known: dict[Pair, dict[date, float]] = defaultdict(dict)
    if isinstance(said, Mapping):
        for name, series in said.items():
            known[_codes(name)] |= {on: float(rate) for on, rate in _dated(series, f"fx_rates of {name}").items()}
    else:
        for place, one in enumerate(listed(said, "fx_rates")):
            rate = mapping(one, f"fx_rates {place}")
            pair = currency(rate.get("base")), currency(rate.get("quote"))
            known[pair][day(rate.get("date"), "fx_rates: date")] = float(positive(rate.get("rate"), "fx_rates: rate"))
    series = {pair: sorted(rates.items()) for pair, rates in known.items()}
    if any(rate == 0 for rates in series.values() for _, rate in rates):
        raise DocumentError("fx_rates: a rate is 0")

    @cache
    def rate_on(code: str, on: date) -> Decimal:
        observed = {}
        for pair, rates in series.items():
            if place := bisect_right(rates, on, key=lambda one: one[0]):
                seen, rate = rates[place - 1]
                observed[pair] = Observation(seen, rate, "document")
        return conversion(code, base, on, observed).rate

    return rate_on


def _codes(name: str) -> Pair:
    """`EURUSD`, `EUR/USD`: one of the first costs so many of the second."""
    text = name.replace("/", "").replace("-", "").strip()
    if len(text) != 2 * CODE:
        raise DocumentError(f"fx_rates: {name!r} is no pair as in EURUSD")
    return currency(text[:CODE]), currency(text[CODE:])
