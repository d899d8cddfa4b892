"""A book replayed day by day: what it was worth, what crossed its border, and what made the difference."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext

from apps.portfolio.lots import LEDGER, ONE, ZERO
from apps.portfolio.movements import TRADES, Row
from apps.portfolio.splits import Split

SATURDAY = 5
NONE, EVE = timedelta(0), timedelta(days=1)

type Rate = Callable[[str, date], Decimal]  # base currency for one of a currency on a day; raises where no way leads


@dataclass(frozen=True, slots=True)
class Series:
    """Closing prices of one instrument as traded: ascending days, each price in the units of its own day."""

    currency: str
    days: Sequence[date] = ()
    prices: Sequence[Decimal] = ()
    splits: Sequence[Split] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """How a book is looked at: with or without a ledger of cash, after or before taxes."""

    cash: bool = True
    before_taxes: bool = False


@dataclass(slots=True)
class Day:
    """One day in base currency: value at its close, flows (in at its start, out at its end), and what moved the value.

    `value - value before = inflow - outflow + price + fx + income - fees - taxes`. `gains` has each instrument's part
    of price, currency, income and costs, None that of cash. Held is what was held for a part of the day, a session a
    weekday with a price of something held. `estimated` are instruments valued at their own trades.
    """

    on: date
    value: Decimal = ZERO
    inflow: Decimal = ZERO
    outflow: Decimal = ZERO
    price: Decimal = ZERO
    fx: Decimal = ZERO
    income: Decimal = ZERO
    fees: Decimal = ZERO
    taxes: Decimal = ZERO
    is_session: bool = False
    is_held: bool = False
    gains: dict[Hashable, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    estimated: set[Hashable] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Standing:
    """The close of a day as far as the next one needs it: units, last price and whether the market said it; cash."""

    on: date
    held: Mapping[Hashable, tuple[Decimal, Decimal | None, bool]]
    cash: Mapping[str, Decimal]


@dataclass(slots=True)
class Held:
    """Units of one instrument with their last known price, and what they were worth when last looked at."""

    series: Series
    units: Decimal = ZERO
    price: Decimal | None = None
    is_observed: bool = False
    seen: int = 0  # prices of the series that are known by now
    split: int = 0  # splits that are applied by now
    local: Decimal = ZERO
    base: Decimal = ZERO
    rate: Decimal = ONE

    def reach(self, on: date) -> bool:
        """Splits and prices up to that day; True where that day itself has a price."""
        series = self.series
        while self.split < len(series.splits) and series.splits[self.split].on <= on:
            self._divide(series.splits[self.split])
            self.split += 1
        found = False
        while self.seen < len(series.days) and series.days[self.seen] <= on:
            observed = series.days[self.seen]
            self.price, self.is_observed = series.prices[self.seen], True
            for split in series.splits[: self.split]:
                if split.on > observed:
                    self.price = self.price * split.denominator / split.numerator
            found, self.seen = observed == on, self.seen + 1
        return found

    def is_due(self, on: date) -> bool:
        """Whether that day has its next price and something is held."""
        days = self.series.days
        return bool(self.units) and self.seen < len(days) and days[self.seen] == on

    def _divide(self, split: Split) -> None:
        self.units = self.units * split.numerator / split.denominator
        if self.price is not None:
            self.price = self.price * split.denominator / split.numerator


def as_traded(days: Sequence[date], closes: Sequence[Decimal], splits: Iterable[Split]) -> list[Decimal]:
    """Split-adjusted closes in the units of their own days: each times the splits that came after it."""
    dated = list(splits)
    raw = []
    for on, close in zip(days, closes, strict=True):
        for split in dated:
            if split.on > on:
                close = LEDGER.divide(LEDGER.multiply(close, Decimal(split.numerator)), Decimal(split.denominator))
        raw.append(close)
    return raw


def replay(
    rows: Iterable[Row],
    series: Mapping[Hashable, Series],
    rate: Rate,
    *,
    until: date,
    since: date | None = None,
    terms: Terms = Terms(),
) -> list[Day]:
    """The days from `since` (the day before the first row), whose flows are none, to `until`, both included.

    Days are those with a row and the days before them (a flow joins what was there at that close), those with a price
    of an instrument then held, and the two ends. A price is the last one known; before the first one, that of the
    last trade of one's own. Raises what `rate` raises.
    """
    dated = sorted((row for row in rows if row.on <= until), key=lambda row: row.moment)
    if not dated:
        return []
    start = dated[0].on - EVE if since is None else since
    with localcontext(LEDGER):
        book = Walker(dated, series, rate, terms)
        return [book.begin(start), *book.days(start, {until}, until)]


class Walker:
    """What is held and lies in cash, moved on from day to day."""

    def __init__(self, rows: Sequence[Row], series: Mapping[Hashable, Series], rate: Rate, terms: Terms) -> None:
        self.series, self._rate, self.terms = series, rate, terms
        self.held: dict[Hashable, Held] = {}
        self.cash: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.cash_base = ZERO
        links = Counter(row.link for row in rows if row.link is not None)
        self.internal = {link for link, count in links.items() if count == 2}
        self._by_day: dict[date, list[Row]] = defaultdict(list)
        for row in rows:
            self._by_day[row.on].append(row)

    def begin(self, start: date) -> Day:
        """The state at the close of that day."""
        for on in sorted(day for day in self._by_day if day <= start):
            self._step(on)
        return Day(start, value=self._step(start, again=True).value)

    def days(self, start: date, wanted: Set[date], until: date) -> Iterator[Day]:
        """Each day after the start: those wanted, of a row or before one, and with a price of what is held by then."""
        needed = {row_day - before for row_day in self._by_day for before in (NONE, EVE)} | wanted
        priced = {day for one in self.series.values() for day in one.days}
        for on in sorted(day for day in needed | priced if start < day <= until):
            if on in needed or any(one.is_due(on) for one in self.held.values()):
                yield self._step(on)

    def standing(self, on: date) -> Standing:
        """What the next day begins with."""
        held = {key: (one.units, one.price, one.is_observed) for key, one in self.held.items()}
        return Standing(on, held, {currency: amount for currency, amount in self.cash.items() if amount})

    def stand(self, standing: Standing) -> None:
        """As after that day."""
        on = standing.on
        for key, (units, price, is_observed) in standing.held.items():
            one = self.series[key]
            seen, split = bisect_right(one.days, on), sum(known.on <= on for known in one.splits)
            local, rate = units * (price or ZERO), self._rate(one.currency, on)
            self.held[key] = Held(one, units, price, is_observed, seen, split, local, local * rate, rate)
        self.cash.update(standing.cash)
        self.cash_base = self._cash_worth(on)

    def _step(self, on: date, *, again: bool = False) -> Day:
        day = Day(on)
        rows = [] if again else self._by_day.get(on, [])
        for key in {row.instrument for row in rows if row.moves_units} - self.held.keys():
            self.held[key] = Held(self.series[key])
        observed = {key for key, one in self.held.items() if one.reach(on)}
        into: dict[Hashable, Decimal] = defaultdict(lambda: ZERO)
        for row in rows:
            self._take(row, day, into)
        self._value(day, into)
        day.is_held = bool(self.held)
        day.is_session = on.weekday() < SATURDAY and not observed.isdisjoint(self.held)
        return day

    def _take(self, row: Row, day: Day, into: dict[Hashable, Decimal]) -> None:
        rate = self._rate(row.currency, day.on) if row.rate is None else row.rate
        if row.moves_units:
            into[row.instrument] += self._move(row, day, rate)
        if self.terms.cash:
            self.cash[row.currency] += row.cash
            self.cash_base += row.cash * rate
            self._cross(row.external_cash * rate, row, day)
        else:
            outside = row.taxes if self.terms.before_taxes else ZERO
            self._flow((row.external_cash - row.cash - outside) * rate, day)
        income, fees, taxes = row.income * rate, row.fees * rate, row.taxes * rate
        if self.terms.before_taxes:
            day.outflow, taxes = day.outflow + (taxes if self.terms.cash else ZERO), ZERO
        day.income, day.fees, day.taxes = day.income + income, day.fees + fees, day.taxes + taxes
        day.gains[row.instrument] += income - fees - taxes

    def _move(self, row: Row, day: Day, rate: Decimal) -> Decimal:
        """Moves the units; what came into the position in base currency, negative for what went out."""
        held, quantity, price = self.held[row.instrument], row.quantity or ZERO, row.unit_price or ZERO
        sign = 1 if row.is_inflow else -1
        held.units += sign * quantity
        own = self._rate(held.series.currency, day.on)
        if not held.is_observed and price:
            is_own = row.currency == held.series.currency or not own
            held.price = price if is_own else price * rate / own
        if row.kind in TRADES:
            market = self._rate(row.currency, day.on)
            moved = sign * row.total * (market - rate)
            day.fx += moved
            day.price -= moved
            return sign * row.total * rate
        worth = sign * quantity * (held.price or ZERO) * own
        self._cross(worth, row, day)
        return worth

    def _cross(self, amount: Decimal, row: Row, day: Day) -> None:
        """An amount over the border, in at the start of the day or out at its end; between one's own pockets none."""
        if row.link in self.internal:
            if not row.moves_units:
                day.fx += amount
                day.gains[None] += amount
        else:
            self._flow(amount, day)

    @staticmethod
    def _flow(amount: Decimal, day: Day) -> None:
        if amount > 0:
            day.inflow += amount
        else:
            day.outflow -= amount

    def _value(self, day: Day, into: Mapping[Hashable, Decimal]) -> None:
        for key, held in list(self.held.items()):
            if not held.units and not held.base and key not in into:
                del self.held[key]  # nothing of it can move until it is bought again
                continue
            self._value_one(key, held, day, into.get(key, ZERO))
        now = self._cash_worth(day.on)
        moved = now - self.cash_base
        self.cash_base = now
        day.fx += moved
        day.gains[None] += moved
        day.value = now + sum((held.base for held in self.held.values()), ZERO)

    def _cash_worth(self, on: date) -> Decimal:
        return sum((amount * self._rate(currency, on) for currency, amount in self.cash.items() if amount), ZERO)

    def _value_one(self, key: Hashable, held: Held, day: Day, came: Decimal) -> None:
        rate = self._rate(held.series.currency, day.on)
        local = held.units * (held.price or ZERO)
        base = local * rate
        fx = held.local * (rate - held.rate)
        gain = base - held.base - came
        day.price += gain - fx
        day.fx += fx
        day.gains[key] += gain
        held.local, held.base, held.rate = local, base, rate
        if held.units and not held.is_observed:
            day.estimated.add(key)
