"""Every calendar day of one portfolio: what it was worth, what came and went, and why it changed."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

from tests.portfolio.exact.document import UNITS, ZERO, Document, Row

UNITS_IN = {"buy", "delivery_in", "opening", "transfer_in"}
CASH = {"buy": -1, "sell": 1}
PAID = {"deposit": 1, "transfer_in": 1, "opening": 1, "withdrawal": -1, "transfer_out": -1}
EARNED = {"dividend", "interest"}


@dataclass
class Day:
    """A day's close in base currency, its flows across the border, and the causes of the rest."""

    on: date
    value: Fraction = ZERO
    inflow: Fraction = ZERO
    outflow: Fraction = ZERO
    price: Fraction = ZERO
    income: Fraction = ZERO
    fx: Fraction = ZERO
    fees: Fraction = ZERO
    taxes: Fraction = ZERO
    held: bool = False
    session: bool = False
    ratio: Fraction = Fraction(1)

    def flow(self, amount: Fraction) -> None:
        """Money from outside, or to outside when negative."""
        if amount > 0:
            self.inflow += amount
        else:
            self.outflow -= amount


@dataclass
class Walk:
    """The reported portfolio, walked through day by day."""

    document: Document
    units: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    cash: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    days: list[Day] = field(default_factory=list)
    earned: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))

    def __post_init__(self) -> None:
        own = [row for row in self.document.rows if row.portfolio == self.document.portfolio]
        ends = [row.transfer for row in own if row.transfer and not row.instrument]
        self.exchanged = {key for key in ends if ends.count(key) > 1}
        by_day: dict[date, list[Row]] = defaultdict(list)
        for row in own:
            by_day[row.on].append(row)
        on = min([self.document.start, *by_day])
        while on <= self.document.end:
            self._day(on, by_day[on])
            on += timedelta(days=1)

    def value(self, on: date) -> Fraction:
        """Units at the day's price and money, at the day's rate."""
        return self._units_value(on) + sum((q * self.document.fx(c, on) for c, q in self.cash.items() if q), ZERO)

    def _units_value(self, on: date) -> Fraction:
        return sum((q * self.worth(name, on) for name, q in self.units.items() if q), ZERO)

    def worth(self, name: str, on: date) -> Fraction:
        """One unit in base currency."""
        price = self.document.price(name, on)
        return ZERO if price is None else price * self.document.fx(self.document.currency[name], on)

    def _day(self, on: date, rows: list[Row]) -> None:
        day, before = Day(on), on - timedelta(days=1)
        held = {name for name, units in self.units.items() if units}
        self._move(day, before)
        for row in rows:
            self._row(day, row)
        day.value = self.value(on)
        held |= {row.instrument for row in rows if row.instrument and row.kind in UNITS}
        day.held = bool(held)
        day.session = on.weekday() < 5 and any(on in self.document.prices.get(name, {}) for name in held)
        if self.days:
            whole = self.days[-1].value + day.inflow
            day.ratio = (day.value + day.outflow) / whole if whole else day.ratio
        self.days.append(day)

    def _move(self, day: Day, before: date) -> None:
        """What yesterday's holdings did: the price's part at today's rate, the currency's at yesterday's price."""
        for currency, money in self.cash.items():
            if money:
                day.fx += money * (self.document.fx(currency, day.on) - self.document.fx(currency, before))
        for name, units in self.units.items():
            if not units:
                continue
            ratio, currency = self.document.ratio(name, before, day.on), self.document.currency[name]
            self.units[name] = units * ratio
            old, new = self.document.price(name, before) or ZERO, self.document.price(name, day.on) or ZERO
            rate = self.document.fx(currency, day.on)
            day.price += (units * ratio * new - units * old) * rate
            day.fx += units * old * (rate - self.document.fx(currency, before))

    def _row(self, day: Day, row: Row) -> None:
        rate, market = self.document.rate(row), self.document.fx(row.currency, row.on)
        if row.kind == "opening":
            row = replace(row, fee=ZERO, tax=ZERO)  # they were paid before
        money = -row.fee - row.tax
        day.fees += row.fee * rate
        self._tax(day, row.tax, rate)
        if row.instrument and row.kind in UNITS:
            money += self._units(day, row, market)
        elif row.kind in EARNED:
            money += row.amount
            day.income += row.amount * rate
            self._earn(row, rate)
        elif row.kind == "fee":
            money -= row.amount
            day.fees += row.amount * rate
        elif row.kind == "tax":
            money -= row.amount
            self._tax(day, row.amount, rate)
        elif row.kind in PAID and self.document.keeps_cash:
            money += PAID[row.kind] * row.amount
            if row.transfer not in self.exchanged:
                day.flow(PAID[row.kind] * row.amount * rate)
            else:
                day.fx += PAID[row.kind] * row.amount * rate
        self._settle(day, row, money, rate, market)

    def _settle(self, day: Day, row: Row, money: Fraction, rate: Fraction, market: Fraction) -> None:
        """Money that stays is worth the market's rate; without cash it comes from outside or goes there."""
        traded = CASH.get(row.kind, 0) * row.gross
        if self.document.keeps_cash:
            self.cash[row.currency] += money
            day.fx += (money - traded) * (market - rate)
            return
        if self.document.before_taxes:
            money += row.tax + (row.amount if row.kind == "tax" else ZERO)
        day.flow(-money * rate)
        day.fx -= traded * (market - rate)

    def _units(self, day: Day, row: Row, market: Fraction) -> Fraction:
        sign = 1 if row.kind in UNITS_IN else -1
        self.units[row.instrument] += sign * row.quantity
        close = self.document.price(row.instrument, row.on) or ZERO
        if row.kind in CASH:
            day.price += sign * (row.quantity * close - row.gross) * market
            return -sign * row.gross
        day.flow(sign * row.quantity * self.worth(row.instrument, row.on))
        return ZERO

    def _earn(self, row: Row, rate: Fraction) -> None:
        self.earned[row.kind] += row.amount * rate

    def _tax(self, day: Day, amount: Fraction, rate: Fraction) -> None:
        """Before taxes they are paid outside: with cash, the money for them leaves."""
        if not self.document.before_taxes:
            day.taxes += amount * rate
        elif self.document.keeps_cash:
            day.outflow += amount * rate
