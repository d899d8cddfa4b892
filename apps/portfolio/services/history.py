"""What a portfolio's holdings were worth on past sessions, from stored closes; no look-ahead."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import prod

from apps.market.models import Bar, Basis
from apps.portfolio import performance
from apps.portfolio.models import Kind, Portfolio, Transaction
from apps.portfolio.services.series import splits_of
from apps.portfolio.splits import Split

Closes = dict[int, dict[date, float]]


@dataclass(frozen=True, slots=True)
class History:
    """One point a session, oldest first: `index` is time-weighted, its first value 100."""

    days: tuple[date, ...]
    index: tuple[float, ...]

    @property
    def change(self) -> float | None:
        """Return over the whole, 0.05 is 5 %; None with fewer than two sessions."""
        return self.index[-1] / self.index[0] - 1 if len(self.index) > 1 else None


def index_history(portfolio: Portfolio, until: date, sessions: int) -> History:
    """The securities' time-weighted index over the last sessions up to `until`; three queries.

    Purchases flow in at the start of their day and sales out at its end, fees inside; what comes or goes in
    kind flows at that day's close. It begins with the first session from which on every holding had a close.
    """
    entries = [e for e in Transaction.objects.of(portfolio).moving_units() if e.traded_on <= until]
    instruments = {entry.instrument_id for entry in entries if entry.instrument_id}
    splits = {pk: [s for s in found if s.on <= until] for pk, found in splits_of(instruments).items()}
    closes = closes_of(instruments, until, sessions, splits)
    days = sorted({day for found in closes.values() for day in found})[-sessions:]
    values = [_value(day, entries, splits, closes) for day in days]
    priced_from = max((i + 1 for i, value in enumerate(values) if value is None), default=0)
    start = next((i for i in range(priced_from, len(days)) if values[i]), len(days))
    return _history(days[start:], [value or 0.0 for value in values[start:]], entries, splits, closes)


def closes_of(
    instruments: Iterable[int], until: date, sessions: int, splits: dict[int, list[Split]] | None = None
) -> Closes:
    """Instrument -> day -> close in the units of `until`, at least that many sessions of each."""
    wanted = list(instruments)
    known = splits if splits is not None else splits_of(wanted)
    days = sorted(
        Bar.objects.filter(instrument__in=wanted, on__lte=until)
        .order_by("-on")
        .values_list("on", flat=True)
        .distinct()[:sessions]
    )
    found: Closes = defaultdict(dict)
    bars = Bar.objects.filter(instrument__in=wanted, on__gte=days[0], on__lte=until) if days else Bar.objects.none()
    for pk, on, close, basis in bars.values_list("instrument_id", "on", "close", "basis"):
        later = _factor(on, [s for s in known.get(pk, []) if s.on <= until]) if basis == Basis.RAW else 1.0
        found[pk][on] = close / later
    return found


def _history(
    days: Sequence[date],
    values: Sequence[float],
    entries: Sequence[Transaction],
    splits: dict[int, list[Split]],
    closes: Closes,
) -> History:
    """An entry dated between two sessions belongs to the later one, whose value is the first to show it."""
    inflows, outflows = [0.0] * len(days), [0.0] * len(days)
    for entry in entries:
        place = bisect_left(days, entry.traded_on)
        if place < len(days):
            flows = outflows if entry.is_outflow else inflows
            flows[place] += _flow(entry, days[place], splits, closes)
    returns = performance.daily_returns(values, inflows, outflows)
    return History(tuple(days), tuple(performance.wealth_index(returns)) if days else ())


def _flow(entry: Transaction, day: date, splits: dict[int, list[Split]], closes: Closes) -> float:
    """What was paid or received, fees and taxes counted; in kind what the units were worth at the close."""
    if entry.kind in {Kind.BUY, Kind.SELL}:
        costs = float(entry.costs)
        return float(entry.total or 0) + (-costs if entry.is_outflow else costs)
    pk = entry.instrument_id or 0
    units = float(entry.quantity or 0) * _factor(entry.traded_on, splits.get(pk, []))
    return units * (_last_close(closes.get(pk, {}), day) or 0.0)


def _value(day: date, entries: Sequence[Transaction], splits: dict[int, list[Split]], closes: Closes) -> float | None:
    """What was held at that day's close, at the last close known by then; None while one has no close yet."""
    held: dict[int, float] = defaultdict(float)
    for entry in entries:
        if entry.instrument_id and entry.quantity and entry.traded_on <= day:
            units = float(entry.quantity) * _factor(entry.traded_on, splits.get(entry.instrument_id, []))
            held[entry.instrument_id] += -units if entry.is_outflow else units
    prices = {pk: _last_close(closes.get(pk, {}), day) for pk, units in held.items() if units > 1e-9}
    if None in prices.values():
        return None
    return sum(held[pk] * price for pk, price in prices.items() if price is not None)


def _last_close(closes: dict[date, float], day: date) -> float | None:
    if day in closes:
        return closes[day]
    earlier = [known for known in closes if known < day]
    return closes[max(earlier)] if earlier else None


def _factor(on: date, splits: Sequence[Split]) -> float:
    """New units for one unit of that day."""
    later = [split for split in splits if split.on > on]
    return prod(split.numerator for split in later) / prod(split.denominator for split in later)
