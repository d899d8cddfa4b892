"""A ledger's document in fractions: rows in the order that they count, splits, prices and rates of a day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

MAJORS = ("USD", "EUR", "GBP", "JPY", "CHF")
OUTFLOWS = {"sell", "withdrawal", "fee", "tax", "transfer_out", "delivery_out"}
TRANSFERS = {"transfer_in", "transfer_out"}
UNITS = {"buy", "sell", "delivery_in", "delivery_out", "opening", *TRANSFERS}
ZERO = Fraction(0)


@dataclass(frozen=True)
class Row:
    """One transaction: positive numbers, the kind gives the direction; `rate` only where one was recorded."""

    key: Any
    on: date
    time: str
    kind: str
    currency: str
    instrument: str
    quantity: Fraction
    price: Fraction | None
    amount: Fraction
    fee: Fraction
    tax: Fraction
    rate: Fraction | None
    portfolio: str
    transfer: str

    @property
    def gross(self) -> Fraction:
        """Units times price; 0 where no price was said."""
        return self.quantity * (self.price or ZERO)

    @property
    def moment(self) -> tuple[date, int, str, int]:
        """Without a time, what comes in stands at the start of its day and what goes out at its end.

        At one moment units come in, are transferred, go out.
        """
        turn = 1 if self.instrument and self.kind in TRANSFERS else 2 if self.kind in OUTFLOWS else 0
        return self.on, 1 if self.time else 2 if turn else 0, self.time, turn


def number(value: Any) -> Fraction:
    """Text or a float as it is written: 1.08 is 108/100."""
    return Fraction(str(value))


class Document:
    """What was said, up to the last day that is known."""

    def __init__(self, said: dict[str, Any]) -> None:
        options = said.get("options", {})
        self.base = said.get("base_currency", "USD")
        self.average = options.get("cost_method", "fifo") == "average"
        self.keeps_cash = options.get("cash", True)
        self.before_taxes = options.get("before_taxes", False)
        self.benchmark = options.get("benchmark")
        self.risk_free = float(options.get("risk_free_rate", 0))
        rows = [_row(index, row) for index, row in enumerate(said["transactions"]) if row["kind"] != "split"]
        period = options.get("period", {})
        self.portfolio = options.get("portfolio", rows[0].portfolio)
        self.end = date.fromisoformat(period["end"])
        first = min(row.on for row in rows)
        self.start = date.fromisoformat(period["start"]) if "start" in period else first - timedelta(days=1)
        self.rows = sorted((row for row in rows if row.on <= self.end), key=lambda row: row.moment)
        self.splits = _splits(said)
        self.currency = {
            name: own["currency"] for name, own in said.get("instruments", {}).items() if "currency" in own
        }
        for row in rows:
            self.currency.setdefault(row.instrument, row.currency)
        self.prices = {name: self._raw(name, said) for name in said.get("prices", {})}
        self.rates = _rates(said)
        self._found: dict[tuple[str, date], Fraction] = {}

    def _raw(self, name: str, said: dict[str, Any]) -> dict[date, Fraction]:
        """Prices as they were traded: those in the units after all splits are multiplied by the later splits."""
        basis = said.get("price_basis", "raw")
        basis = basis if isinstance(basis, str) else basis.get(name, "raw")
        closes = said["prices"][name]
        pairs = closes.items() if isinstance(closes, dict) else closes
        raw = {date.fromisoformat(on): number(price) for on, price in pairs}
        if basis == "raw":
            return raw
        return {on: price * self.ratio(name, on, date.max) for on, price in raw.items()}

    def ratio(self, name: str, after: date, until: date) -> Fraction:
        """New units for one old, by the splits after one day, up to and with another."""
        product = Fraction(1)
        for on, ratio in self.splits.get(name, {}).items():
            product *= ratio if after < on <= until else 1
        return product

    def close(self, name: str, on: date) -> Fraction | None:
        """The last close on or before the day, in units of that day."""
        known = max((day for day in self.prices.get(name, {}) if day <= on), default=None)
        return None if known is None else self.prices[name][known] / self.ratio(name, known, on)

    def price(self, name: str, on: date) -> Fraction | None:
        """The close; before the first one, the portfolio's own last trade stands for it."""
        close = self.close(name, on)
        if close is not None:
            return close
        own = (r for r in self.rows if r.portfolio == self.portfolio)
        traded = [r for r in own if r.instrument == name and r.kind in UNITS and r.price and r.on <= on]
        if not traded or traded[-1].price is None:
            return None
        return traded[-1].price / self.ratio(name, traded[-1].on, on)

    def fx(self, currency: str, on: date) -> Fraction:
        """Base currency for one of another on a day: fewest hops, every one but the last to a major."""
        if (currency, on) not in self._found:
            self._found[currency, on] = self._way(currency, on)
        return self._found[currency, on]

    def _way(self, currency: str, on: date) -> Fraction:
        reached = {currency: Fraction(1)}
        waiting = [currency]
        while self.base not in reached:
            here = waiting.pop(0)
            for there in (self.base, *MAJORS):
                rate = self._leg(here, there, on)
                if rate is not None and there not in reached:
                    reached[there] = reached[here] * rate
                    waiting.append(there)
        return reached[self.base]

    def _leg(self, base: str, quote: str, on: date) -> Fraction | None:
        for one, other, turned in ((base, quote, False), (quote, base, True)):
            known = max((day for day in self.rates[one, other] if day <= on), default=None)
            if known is not None:
                rate = self.rates[one, other][known]
                return 1 / rate if turned else rate
        return None

    def rate(self, row: Row) -> Fraction:
        """Base currency for one of the row's: the recorded rate beats the market's."""
        return self.fx(row.currency, row.on) if row.rate is None else row.rate


def _row(index: int, said: dict[str, Any]) -> Row:
    amounts = {key: number(said.get(key) or 0) for key in ("quantity", "amount", "fee", "tax")}
    maybe = {key: number(said[key]) if said.get(key) is not None else None for key in ("price", "rate")}
    texts = {key: str(said.get(key) or "") for key in ("instrument", "portfolio", "transfer", "time")}
    own = {"key": said.get("id", index), "on": date.fromisoformat(said["date"]), "kind": said["kind"]}
    return Row(**own, currency=said["currency"], **amounts, **maybe, **texts)  # type: ignore[arg-type]


def _splits(said: dict[str, Any]) -> dict[str, dict[date, Fraction]]:
    """By instrument and day; the user's beats the provider's within a day of it."""
    known: dict[str, dict[date, Fraction]] = defaultdict(dict)
    own = [row for row in said["transactions"] if row["kind"] == "split"]
    for record in (*own, *said.get("splits", [])):
        on, days = date.fromisoformat(record["date"]), known[record["instrument"]]
        if not any(abs((on - day).days) <= 1 for day in days):
            days[on] = Fraction(int(record["numerator"]), int(record["denominator"]))
    return known


def _rates(said: dict[str, Any]) -> dict[tuple[str, str], dict[date, Fraction]]:
    rates: dict[tuple[str, str], dict[date, Fraction]] = defaultdict(dict)
    for record in said.get("fx_rates", []):
        rates[record["base"], record["quote"]][date.fromisoformat(record["date"])] = number(record["rate"])
    return rates
