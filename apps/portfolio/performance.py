"""Returns: time-weighted from daily values and flows, money-weighted from dated flows. Ratios: 0.05 is 5 %."""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from itertools import pairwise

import numpy as np
import pyxirr

from apps.portfolio.lots import LEDGER, ZERO
from apps.portfolio.replay import Day

YEAR = 365
# Yearly rates among which roots of the net present value are looked for, nearest to zero first in the answer.
_GRID = np.concatenate([-1 + np.geomspace(1e-6, 1, 400, endpoint=False), np.geomspace(1e-6, 1e4, 800)])


class Quality(StrEnum):
    """How far a figure can be trusted."""

    COMPLETE = "complete"
    ESTIMATED = "estimated"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio with how it was found; None where it cannot be, and the reasons."""

    value: float | None
    method: str
    quality: Quality = Quality.COMPLETE
    reasons: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """The reasons as one text."""
        return " ".join(self.reasons)


@dataclass(frozen=True, slots=True)
class Bridge:
    """`end - start = flows + price + income + fx - fees - taxes + residual` in base currency."""

    start: Decimal
    end: Decimal
    flows: Decimal
    price: Decimal
    income: Decimal
    fx: Decimal
    fees: Decimal
    taxes: Decimal

    @property
    def residual(self) -> Decimal:
        """What the parts do not explain."""
        with localcontext(LEDGER):
            explained = self.flows + self.price + self.income + self.fx - self.fees - self.taxes
            return self.end - self.start - explained


def daily_returns(values: Sequence[float], inflows: Sequence[float], outflows: Sequence[float]) -> list[float]:
    """`(end + out) / (start + in) - 1` of each day but the first; a day without capital returns 0.

    `values` are closing values, oldest first; flows are positive, in at the start of their day and out at
    its end. All three have one length, else ValueError. NaN in gives NaN out.
    """
    days = zip(values, values[1:], inflows[1:], outflows[1:], strict=False)
    if not len(values) == len(inflows) == len(outflows):
        raise ValueError("values and flows differ in length")
    return [(end + out) / (start + new) - 1 if start + new else 0.0 for start, end, new, out in days]


def returns_of(days: Sequence[Day]) -> list[float]:
    """The daily returns of replayed days, one less than there are days: the first one only begins the period."""
    columns = ((day.value, day.inflow, day.outflow) for day in days)
    values, inflows, outflows = zip(*columns, strict=True) if days else ((), (), ())
    return daily_returns(*(list(map(float, column)) for column in (values, inflows, outflows)))


def session_returns(days: Sequence[Day]) -> list[tuple[date, date, float]]:
    """Returns of the sessions with holdings, each with the day that it begins after and its own.

    Days between two sessions are no periods; what a currency or a row made of them is part of the session that follows.
    """
    found: list[tuple[date, date, float]] = []
    begun, growth = None, 1.0
    for before, day, value in zip(days, days[1:], returns_of(days), strict=False):
        if not day.is_held:
            continue
        begun, growth = begun or before.on, growth * (1 + value)
        if day.is_session:
            found.append((begun, day.on, growth - 1))
            begun, growth = None, 1.0
    return found


def linked_return(returns: Iterable[float]) -> float:
    """The return over all of them, compounded; 0 for none."""
    return math.prod(1 + value for value in returns) - 1


def wealth_index(returns: Iterable[float], base: float = 100.0) -> list[float]:
    """What `base` grows to after each return, itself first."""
    index = [base]
    for value in returns:
        index.append(index[-1] * (1 + value))
    return index


def yearly_return(total: float, days: int) -> float:
    """A total return per year, `(1 + R) ** (365 / days) - 1`; NaN for no days, a loss beyond all or no float."""
    if days <= 0 or total < -1:
        return math.nan
    try:
        return math.pow(1 + total, YEAR / days) - 1
    except OverflowError:
        return math.nan


def time_weighted(days: Sequence[Day]) -> Figure:
    """True time-weighted return over replayed days; the opening day is exclusive.

    A day on which value came from no capital returns 0 and is named; so is the first that began with less than nothing.
    """
    if len(days) < 2:
        return Figure(None, "TWR", Quality.UNAVAILABLE, ("There is nothing before this period to measure from.",))
    reasons = [
        f"On {day.on.isoformat()} there was no capital to measure by."
        for before, day in pairwise(days)
        if before.value + day.inflow == 0 and day.value + day.outflow != 0
    ]
    owing = next((day for before, day in pairwise(days) if before.value + day.inflow < 0), None)
    if owing:
        reasons.append(f"On {owing.on.isoformat()} more was owed than held.")
    estimated = sorted({str(key) for day in days for key in day.estimated})
    reasons += [f"{key} had no price yet: its own trades stand for it." for key in estimated]
    quality = Quality.ESTIMATED if reasons else Quality.COMPLETE
    return Figure(linked_return(returns_of(days)), "TWR", quality, tuple(reasons))


def flows_of(days: Sequence[Day]) -> list[tuple[date, float]]:
    """What an investor paid (negative) and got (positive): opening value, flows, closing value."""
    if not days:
        return []
    flows = [(days[0].on, -float(days[0].value))]
    flows += [(day.on, float(day.outflow - day.inflow)) for day in days[1:]]
    flows.append((days[-1].on, float(days[-1].value)))
    return [(on, amount) for on, amount in flows if amount]


def money_weighted(flows: Sequence[tuple[date, float]]) -> Figure:
    """XIRR: the yearly rate (actual/365) at which the flows are worth nothing on the first of their days.

    Several roots: the one nearest zero, marked as not unique. None: Modified Dietz over the whole time, marked
    ESTIMATED. `flows` are negative for what was paid and positive for what was got, the value at the end among them.
    """
    amounts = [amount for _, amount in flows]
    if not any(amount < 0 for amount in amounts):
        return Figure(None, "XIRR", Quality.UNAVAILABLE, ("Nothing was paid in.",))
    if not any(amount > 0 for amount in amounts):
        return Figure(-1.0, "XIRR", Quality.COMPLETE, ("Everything paid in was lost.",))
    dated = sorted(flows)
    if dated[0][0] == dated[-1][0]:
        return Figure(None, "XIRR", Quality.UNAVAILABLE, ("All flows are of one day.",))
    found = None
    if _is_unique([amount for _, amount in dated]):
        found = pyxirr.xirr([on for on, _ in dated], [amount for _, amount in dated], silent=True)
    roots = [found] if found is not None and math.isfinite(found) else _roots(dated)
    if not roots:
        return _dietz(dated)
    nearest = min(roots, key=abs)
    if len(roots) > 1:
        return Figure(nearest, "XIRR", Quality.ESTIMATED, (f"Not unique: {len(roots)} rates solve it.",))
    return Figure(nearest, "XIRR")


def modified_dietz(start: float, end: float, flows: Sequence[tuple[date, float]], opened: date, closed: date) -> float:
    """`(end - start - F) / (start + sum of w F)`, w the share of the time that a flow (positive in) was there.

    NaN without capital or time.
    """
    length = (closed - opened).days
    if length <= 0:
        return math.nan
    capital = start + sum(amount * (closed - on).days / length for on, amount in flows)
    return (end - start - sum(amount for _, amount in flows)) / capital if capital > 0 else math.nan


def bridge(days: Sequence[Day]) -> Bridge:
    """What led from the opening value to the closing value of replayed days."""
    with localcontext(LEDGER):
        moved = {
            name: sum((getattr(day, name) for day in days[1:]), ZERO)
            for name in ("inflow", "outflow", "price", "income", "fx", "fees", "taxes")
        }
        flows = moved.pop("inflow") - moved.pop("outflow")
        start, end = (days[0].value, days[-1].value) if days else (ZERO, ZERO)
        return Bridge(start, end, flows, **moved)


def contributions(days: Sequence[Day]) -> dict[Hashable, float]:
    """Each instrument's part (None: of cash) of the linked return: they sum to it.

    A day's part is gain over that day's capital, times the wealth that had grown out of one by then.
    """
    found: dict[Hashable, float] = defaultdict(float)
    wealth = 1.0
    for before, day in pairwise(days):
        capital = float(before.value + day.inflow)
        if not capital:
            continue
        for key, gain in day.gains.items():
            found[key] += wealth * float(gain) / capital
        wealth *= float(day.value + day.outflow) / capital
    return {key: part for key, part in found.items() if part}


def _is_unique(amounts: Sequence[float]) -> bool:
    """Flows that change their sign once have exactly one root (Descartes' rule of signs)."""
    signs = [amount > 0 for amount in amounts if amount]
    return sum(one != other for one, other in pairwise(signs)) == 1


def _roots(dated: Sequence[tuple[date, float]]) -> list[float]:
    """The yearly rates above -100 % on the grid between whose neighbours the net present value changes sign."""
    first = dated[0][0]
    years = np.array([(on - first).days / YEAR for on, _ in dated])
    amounts = np.array([amount for _, amount in dated])

    def worth(rates: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray((amounts / (1 + rates[:, None]) ** years).sum(axis=1))

    signs = np.sign(worth(_GRID))
    found = [float(_GRID[place]) for place in np.flatnonzero(signs == 0)]
    for place in np.flatnonzero(signs[:-1] * signs[1:] < 0):
        low, high = _GRID[place], _GRID[place + 1]
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if worth(np.array([middle]))[0] * signs[place] > 0 else (low, middle)
        found.append(float((low + high) / 2))
    return found


def _dietz(dated: Sequence[tuple[date, float]]) -> Figure:
    (opened, first), (closed, last) = dated[0], dated[-1]
    between = [(on, -amount) for on, amount in dated[1:-1]]
    total = modified_dietz(-first, last, between, opened, closed)
    rate = yearly_return(total, (closed - opened).days)
    reason = "No rate solves it: Modified Dietz instead."
    if math.isnan(rate):
        return Figure(None, "Modified Dietz", Quality.UNAVAILABLE, (reason, "There is no capital to measure by."))
    return Figure(rate, "Modified Dietz", Quality.ESTIMATED, (reason,))
