"""A figure as the tree of what made it: named inputs, operations, and the value that evaluating it gives."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

import numpy as np

from apps.portfolio.lots import LEDGER, ONE, ZERO
from apps.portfolio.performance import linked_return, money_weighted

type Number = Decimal | float

UNITS = "units"
RATIO = "ratio"
SHARE = "share"  # a ratio that is read as a percentage


class Op(StrEnum):
    """What a step does with the values of its parts, in their order."""

    GIVEN = "given"
    SUM = "sum"
    LESS = "less"  # the first without the others
    MINUS = "minus"  # the one part with the other sign
    TIMES = "times"
    OVER = "over"  # the first over the second
    GROWTH = "growth"  # the first over the second, less one
    LINK = "link"  # returns compounded
    POWER = "power"
    MEAN = "mean"
    DEVIATION = "deviation"  # of a sample
    DOWNSIDE = "downside"  # root of the mean square of what lies below nothing
    QUANTILE = "quantile"  # the first is the share, linear between neighbours
    COVARIANCE = "covariance"  # of a sample: the first half with the second
    CORRELATION = "correlation"
    POOL = "pool"  # pairs of units and cost: units that leave take their share of the cost
    XIRR = "xirr"  # the yearly rate at which dated flows are worth nothing on their first day


class Kind(StrEnum):
    """Where an input comes from."""

    ROW = "row"
    PRICE = "price"
    RATE = "rate"
    SPLIT = "split"
    SETTING = "setting"
    CONSTANT = "constant"
    FIGURE = "figure"  # has a trail of its own


PUBLIC = frozenset({Kind.PRICE, Kind.RATE, Kind.SPLIT, Kind.SETTING, Kind.CONSTANT})


@dataclass(frozen=True, slots=True)
class Source:
    """Where an input stands: the key of its row, its day, who said it and how old that is, the trail of its own."""

    kind: Kind
    on: date | None = None
    said_by: str = ""
    age: str = ""
    key: str = ""
    figure: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One value with its name and how it came about; `unit` is a currency, UNITS, RATIO or SHARE."""

    name: str
    value: Number
    unit: str
    op: Op = Op.GIVEN
    parts: tuple["Step", ...] = ()
    source: Source | None = None
    words: str = ""

    @property
    def is_private(self) -> bool:
        """Whether it tells an amount or a quantity; what the market says of one unit does not."""
        if self.unit in {RATIO, SHARE} or (self.source is not None and self.source.kind in PUBLIC):
            return False
        return not self.parts or any(part.is_private for part in self.parts)


def given(name: str, value: Number, unit: str, source: Source) -> Step:
    """An input."""
    return Step(name, value, unit, source=source)


def constant(name: str, value: Number, unit: str = RATIO) -> Step:
    """A number of the definition itself."""
    return Step(name, value, unit, source=Source(Kind.CONSTANT))


def step(
    name: str, op: Op, parts: Iterable[Step], unit: str, words: str = "", *, on: date | None = None, figure: str = ""
) -> Step:
    """A value computed from others. Exact for decimals; with a float among them, as floats.

    Raises ZeroDivisionError or decimal.DivisionByZero where the operation does.
    """
    whole = tuple(parts)
    source = Source(Kind.FIGURE, on, figure=figure) if on or figure else None
    return Step(name, evaluated(op, whole), unit, op, whole, source, words)


def evaluated(op: Op, parts: Sequence[Step]) -> Number:
    """What the operation makes of the parts' values."""
    if op is Op.XIRR:
        return _balanced(parts)
    values: Sequence[Number] = [part.value for part in parts]
    if any(isinstance(value, float) for value in values):
        values = [float(value) for value in values]
    with localcontext(LEDGER):
        return _OPERATIONS[op](values)


def without_amounts(root: Step) -> Step | None:
    """What a reader without amounts may see of it: ratios, market data and what follows from them alone.

    A ratio made of amounts stays as a number without its parts. None where nothing would be left to read.
    """
    if root.is_private or root.op is Op.GIVEN:
        return None
    seen = _veiled(root)
    return seen if seen.parts else None


def _veiled(root: Step) -> Step:
    parts = tuple(_veiled(part) for part in root.parts)
    if not any(part.is_private for part in parts):
        return Step(root.name, root.value, root.unit, root.op, parts, root.source, root.words)
    return Step(root.name, root.value, root.unit, source=Source(Kind.FIGURE, words="made of amounts"))


def _total(values: Sequence[Number]) -> Number:
    return sum(values[1:], values[0]) if values else ZERO


def _less(values: Sequence[Number]) -> Number:
    return values[0] - _total(values[1:]) if len(values) > 1 else values[0]  # type: ignore[operator]


def _product(values: Sequence[Number]) -> Number:
    return math.prod(values, start=1.0 if isinstance(values[0], float) else ONE)


def _over(values: Sequence[Number]) -> Number:
    return values[0] / values[1]  # type: ignore[operator]


def _growth(values: Sequence[Number]) -> Number:
    return values[0] / values[1] - 1  # type: ignore[operator]


def _pool(values: Sequence[Number]) -> Number:
    """The cost of what is left; it begins anew when nothing is held."""
    held, cost = ZERO, ZERO
    for units, paid in zip(values[::2], values[1::2], strict=True):
        cost = cost + Decimal(paid) if units > 0 else cost + cost * Decimal(units) / held
        held += Decimal(units)
        cost = cost if held else ZERO
    return cost


def _balanced(parts: Sequence[Step]) -> float:
    flows = [(part.source.on, float(part.value)) for part in parts if part.source and part.source.on]
    return money_weighted(flows).value or 0.0


def _halves(values: Sequence[Number]) -> tuple[list[float], list[float]]:
    middle = len(values) // 2
    return [float(value) for value in values[:middle]], [float(value) for value in values[middle:]]


def _floats(values: Sequence[Number]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return np.array([float(value) for value in values])


_OPERATIONS: dict[Op, Callable[[Sequence[Number]], Number]] = {
    Op.SUM: _total,
    Op.LESS: _less,
    Op.MINUS: lambda values: -values[0],
    Op.TIMES: _product,
    Op.OVER: _over,
    Op.GROWTH: _growth,
    Op.LINK: lambda values: linked_return(float(value) for value in values),
    Op.POWER: lambda values: math.pow(values[0], values[1]),
    Op.MEAN: lambda values: float(_floats(values).mean()),
    Op.DEVIATION: lambda values: float(_floats(values).std(ddof=1)),
    Op.DOWNSIDE: lambda values: math.sqrt(float((np.minimum(_floats(values), 0) ** 2).mean())),
    Op.QUANTILE: lambda values: float(np.quantile(_floats(values[1:]), float(values[0]))),
    Op.COVARIANCE: lambda values: float(np.cov(*_halves(values), ddof=1)[0, 1]),
    Op.CORRELATION: lambda values: float(np.corrcoef(*_halves(values))[0, 1]),
    Op.POOL: _pool,
}
