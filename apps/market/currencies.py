"""From one currency to another: what stands for what, and by which rates a conversion goes."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from itertools import pairwise, permutations

MAJORS = ("USD", "EUR", "GBP", "JPY", "CHF")
# Prices are quoted in these and money is not: the unit, and how many make one of the currency.
MINOR = {"GBp": ("GBP", 100), "GBX": ("GBP", 100), "ZAc": ("ZAR", 100), "ZAX": ("ZAR", 100), "ILA": ("ILS", 100)}
EXACT = Context(prec=50)
ONE = Decimal(1)


class NoRateError(LookupError):
    """There is no way from one currency to the other on that day; the message is fit for a page."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one unit of a currency cost in another, as last observed on `on`."""

    on: date
    rate: float
    source: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a conversion: multiply by `rate`. `on` and `source` say where that comes from."""

    base: str
    quote: str
    rate: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """Multiply an amount by `rate`; `hops` are the trail, and their product is the rate. None for the same currency."""

    rate: Decimal
    hops: tuple[Hop, ...]

    def oldest(self, asked: date) -> date:
        """The day of its oldest observation, the asked day where it needs none."""
        return min((hop.on for hop in self.hops), default=asked)


type Pair = tuple[str, str]


type History = dict[Pair, list[Observation]]  # of each pair, ascending


class Rates:
    """Conversions into one currency on any day, each looked up once; what is known only later is not looked at."""

    def __init__(self, base: str, observed: Mapping[Pair, Sequence[Observation]] | None = None) -> None:
        self.base = base
        self._known = {pair: ([one.on for one in found], found) for pair, found in (observed or {}).items() if found}
        self._made: dict[tuple[str, date], Conversion] = {}

    def __call__(self, currency: str, on: date) -> Decimal:
        """Base currency for one of `currency` on that day. Raises NoRateError."""
        return ONE if currency == self.base else self.conversion(currency, on).rate

    def conversion(self, currency: str, on: date) -> Conversion:
        """With its trail. Raises NoRateError."""
        if (currency, on) not in self._made:
            places = ((pair, found, bisect_right(days, on)) for pair, (days, found) in self._known.items())
            observed = {pair: found[place - 1] for pair, found, place in places if place}
            self._made[currency, on] = conversion(currency, self.base, on, observed)
        return self._made[currency, on]


def major_unit(currency: str) -> str:
    """GBp is a part of GBP; every other currency stands for itself."""
    return MINOR.get(currency, (currency, 1))[0]


def needed_pairs(wanted: Iterable[Pair]) -> set[Pair]:
    """Whose observations may be of use for the conversions: their own and the majors', both ways."""
    found: set[Pair] = set()
    for base, quote in wanted:
        found |= set(permutations({major_unit(base), major_unit(quote), *MAJORS}, 2))
    return found


def conversion(base: str, quote: str, on: date, observed: Mapping[Pair, Observation]) -> Conversion:
    """From `base` to `quote` on a day, by `observed`: the last observation of each pair on or before that day.

    The pair itself, or turned round where that was observed later; else by the fewest majors between, of equally many
    by the freshest observations. Raises NoRateError where no way leads there; a rate is never assumed.
    """
    start, end = major_unit(base), major_unit(quote)
    way = _way(start, end, observed)
    if way is None:
        raise NoRateError(f"No rate leads from {base} to {quote} on {on:%-d %b %Y} or before.")
    hops = (*_split(base, on), *way, *_gathered(quote, on))
    rate = ONE
    for hop in hops:
        rate = EXACT.multiply(rate, hop.rate)
    return Conversion(rate, hops)


def _split(currency: str, on: date) -> Iterator[Hop]:
    if currency in MINOR:
        major, parts = MINOR[currency]
        yield Hop(currency, major, EXACT.divide(ONE, Decimal(parts)), on, "minor unit")


def _gathered(currency: str, on: date) -> Iterator[Hop]:
    if currency in MINOR:
        major, parts = MINOR[currency]
        yield Hop(major, currency, Decimal(parts), on, "minor unit")


def _way(start: str, end: str, observed: Mapping[Pair, Observation]) -> tuple[Hop, ...] | None:
    """Over none, one, two majors and so on; the first length that leads there."""
    if start == end:
        return ()
    for between in range(len(MAJORS) + 1):
        ways = [
            hops
            for stations in permutations((major for major in MAJORS if major not in {start, end}), between)
            if (hops := _hops((start, *stations, end), observed))
        ]
        if ways:
            return max(ways, key=lambda hops: min(hop.on for hop in hops))
    return None


def _hops(stations: tuple[str, ...], observed: Mapping[Pair, Observation]) -> tuple[Hop, ...] | None:
    hops = []
    for base, quote in pairwise(stations):
        if (hop := _hop(base, quote, observed)) is None:
            return None
        hops.append(hop)
    return tuple(hops)


def _hop(base: str, quote: str, observed: Mapping[Pair, Observation]) -> Hop | None:
    straight, turned = observed.get((base, quote)), observed.get((quote, base))
    if straight and (turned is None or straight.on >= turned.on):
        return Hop(base, quote, Decimal(repr(straight.rate)), straight.on, straight.source)
    if turned:
        return Hop(base, quote, EXACT.divide(ONE, Decimal(repr(turned.rate))), turned.on, turned.source)
    return None
