"""What trails are made of, read once: the ledger's rows, prices and rates with their sources and ages."""

from bisect import bisect_right
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from apps.market.currencies import Conversion
from apps.market.models import Bar, Quote
from apps.portfolio.replay import Series
from apps.portfolio.services.books import Book
from apps.portfolio.trail.rows import Market, price_after
from apps.portfolio.trail.tree import RATIO, Kind, Op, Source, Step, given, step

type Sources = Mapping[tuple[Hashable, date], str]


def market_of(book: Book, asked: Sequence[date]) -> Market:
    """The book's prices and rates as inputs, with the sources of what was known on the days asked for. Two queries."""
    sources, base = _sources(book.series, asked), book.portfolio.base_currency

    def rate(currency: str, on: date) -> Step | None:
        return None if currency == base else rate_step(book.rate.conversion(currency, on), currency, base, on)

    def price(key: Hashable, on: date) -> Step | None:
        return _price(book.series[key], key, on, sources)

    return Market(base, price, rate)


def rate_step(found: Conversion, currency: str, base: str, on: date) -> Step:
    """The hops of a conversion, each with its day and who said it."""
    hops = [
        given(f"{hop.base} in {hop.quote}", hop.rate, RATIO, Source(Kind.RATE, hop.on, hop.source, age(hop.on, on)))
        for hop in found.hops
    ]
    return hops[0] if len(hops) == 1 else step(f"{currency} in {base}", Op.TIMES, hops, RATIO)


def quoted(quote: Quote, number: float, name: str, on: date | None = None) -> Step:
    """A price of the quote; its age is that of its row."""
    source = Source(Kind.PRICE, on or quote.session_on, quote.source, quote.age.label)
    return given(name, Decimal(repr(number)), quote.instrument.currency, source)


def age(on: date, asked: date) -> str:
    """How old an observation was on the day that it stands for."""
    days = (asked - on).days
    return "of that day" if not days else f"{days} day{'s' if days > 1 else ''} before"


def _sources(series: Mapping[Hashable, Series], asked: Sequence[date]) -> Sources:
    """Who said the closes that were the last ones known on those days, quotes included."""
    seen = {(key, one.days[place - 1]) for key, one in series.items() for on in asked if (place := _place(one, on))}
    bars = Bar.objects.filter(instrument__in={key for key, _ in seen}, on__in={on for _, on in seen})
    quotes = Quote.objects.filter(pk__in=list(series)).values_list("pk", "session_on", "source")
    found: dict[tuple[Hashable, date], str] = {(key, on): source for key, on, source in quotes}
    return found | {(key, on): source for key, on, source in bars.values_list("instrument_id", "on", "source")}


def _place(series: Series, on: date) -> int:
    return bisect_right(series.days, on)


def _price(series: Series, key: Hashable, on: date, sources: Sources) -> Step | None:
    """The last close known on that day, in that day's units; None before the first."""
    place = _place(series, on)
    if not place:
        return None
    seen = series.days[place - 1]
    source = Source(Kind.PRICE, seen, sources.get((key, seen), ""), age(seen, on))
    close = given(f"Close of {seen:%-d %b %Y}", series.prices[place - 1], series.currency, source)
    return price_after(close, seen, on, series.splits)
