"""A trail evaluated again from its data alone: fractions for what is exact, plain floats for statistics."""

import statistics
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from math import fsum, prod, sqrt
from math import pow as power
from typing import Any

type Steps = Sequence[dict[str, Any]]
YEAR = 365


def recomputed(steps: Steps) -> Fraction:
    """The value of the last step, of which every other is a part; what a step says of itself is not looked at."""
    values: list[Fraction] = []
    for step in steps:
        of = [values[place] for place in step.get("of", ())]
        values.append(_value(step, of, [steps[place] for place in step.get("of", ())]))
    return values[-1]


def _value(step: dict[str, Any], of: Sequence[Fraction], parts: Steps) -> Fraction:
    if step["op"] == "given":
        return Fraction(step["value"])
    if step["op"] == "xirr":
        return _xirr([date.fromisoformat(part["on"]) for part in parts], of)
    return _short(OPERATIONS[step["op"]](of))


def _short(value: Fraction | float) -> Fraction:
    """Sixty digits: more than any figure has, and few enough to compute with."""
    with localcontext(prec=60):
        exact = Fraction(value)
        return Fraction(Decimal(exact.numerator) / Decimal(exact.denominator))


def _linked(of: Sequence[Fraction]) -> Fraction:
    whole = Fraction(1)
    for value in of:
        whole = _short(whole * (1 + value))
    return whole - 1


def _pool(of: Sequence[Fraction]) -> Fraction:
    held = cost = Fraction(0)
    for units, paid in zip(of[::2], of[1::2], strict=True):
        cost = cost + paid if units > 0 else _short(cost * (held + units) / held)
        held += units
    return cost


def _downside(of: Sequence[Fraction]) -> float:
    return sqrt(fsum(min(float(value), 0.0) ** 2 for value in of) / len(of))


def _quantile(of: Sequence[Fraction]) -> Fraction:
    share, *values = of
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def _halves(of: Sequence[Fraction]) -> tuple[list[float], list[float]]:
    half = len(of) // 2
    return [float(value) for value in of[:half]], [float(value) for value in of[half:]]


def _xirr(days: Sequence[date], of: Sequence[Fraction]) -> Fraction:
    """The rate nearest to nothing, halved upon."""
    years = [(day - min(days)).days / YEAR for day in days]

    def worth(rate: float) -> float:
        return fsum(float(amount) / power(1 + rate, year) for amount, year in zip(of, years, strict=True))

    edges = sorted([-0.9999 + place / 500 for place in range(5500)], key=abs)
    low, high = next((e, e + 0.002) for e in edges if worth(e) * worth(e + 0.002) <= 0)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(low) * worth(middle) > 0 else (low, middle)
    return Fraction(low)


OPERATIONS: dict[str, Callable[[Sequence[Fraction]], Fraction | float]] = {
    "sum": lambda of: sum(of, Fraction(0)),
    "less": lambda of: of[0] - sum(of[1:], Fraction(0)),
    "minus": lambda of: -of[0],
    "times": lambda of: prod(of, start=Fraction(1)),
    "over": lambda of: of[0] / of[1],
    "growth": lambda of: of[0] / of[1] - 1,
    "link": _linked,
    "power": lambda of: power(of[0], of[1]),
    "mean": lambda of: sum(of, Fraction(0)) / len(of),
    "deviation": lambda of: statistics.stdev(map(float, of)),
    "downside": _downside,
    "quantile": _quantile,
    "covariance": lambda of: statistics.covariance(*_halves(of)),
    "correlation": lambda of: statistics.correlation(*_halves(of)),
    "pool": _pool,
}
