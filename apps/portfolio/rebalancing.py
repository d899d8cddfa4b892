"""What if: orders that lead from what is held to target weights or by given steps, and what they leave behind."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, localcontext

from apps.portfolio.lots import LEDGER, ONE, ZERO, Side


class TargetError(Exception):
    """Targets that no orders can reach."""


@dataclass(frozen=True, slots=True)
class Line:
    """One instrument: units held, its price in base currency, and what is wanted of it.

    `target` is a weight of the whole book (0.05 is 5 %), `step` units more or less; neither leaves it as it is.
    """

    key: Hashable
    units: Decimal
    price: Decimal
    target: Decimal | None = None
    step: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Units to buy (in) or sell (out), positive, and what they are worth in base currency."""

    key: Hashable
    side: Side
    units: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """A line after the orders; weights are of the whole book before and after, which have one value."""

    key: Hashable
    units: Decimal
    value: Decimal
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Orders, the larger first; lines as given; cash before and after. At last prices, costs not counted."""

    orders: Sequence[Order]
    lines: Sequence[Outcome]
    total: Decimal
    cash_before: Decimal
    cash_after: Decimal

    @property
    def turnover(self) -> float:
        """The smaller of what is bought and what is sold, over the whole book."""
        sums = dict.fromkeys(Side, ZERO)
        for order in self.orders:
            sums[order.side] = LEDGER.add(sums[order.side], order.amount)
        return float(min(sums.values()) / self.total)

    @property
    def cash_weights(self) -> tuple[float, float]:
        """Before and after."""
        return float(self.cash_before / self.total), float(self.cash_after / self.total)


def plan(lines: Sequence[Line], cash: Decimal = ZERO, *, whole_units: bool = True) -> Plan:
    """Orders for every line that has a target or a step.

    With whole units an order is rounded towards none, so that it never overshoots; a target of nothing sells all.
    Raises TargetError: a book without value, targets beyond 100 %, or more sold than is held.
    """
    with localcontext(LEDGER):
        total = cash + sum((line.units * line.price for line in lines), ZERO)
        _check(lines, total)
        steps = [_step(line, total, whole_units) for line in lines]
        orders = [_order(line, step) for line, step in zip(lines, steps, strict=True) if step]
        spent = sum((step * line.price for line, step in zip(lines, steps, strict=True)), ZERO)
        made = [_outcome(line, step, total) for line, step in zip(lines, steps, strict=True)]
        orders.sort(key=lambda order: -order.amount)
        return Plan(orders, made, total, cash, cash - spent)


def _check(lines: Sequence[Line], total: Decimal) -> None:
    if total <= 0:
        raise TargetError("There is nothing to spread: the book has no value.")
    if any(line.target is not None and line.target < 0 for line in lines):
        raise TargetError("A target weight is zero or more.")
    if sum((line.target for line in lines if line.target is not None), ZERO) > ONE:
        raise TargetError("The targets come to more than 100 %.")
    for line in lines:
        if line.step is not None and line.units + line.step < 0:
            raise TargetError(f"No more of {line.key} can be sold than is held.")


def _step(line: Line, total: Decimal, whole_units: bool) -> Decimal:
    """Signed units."""
    if line.target is None:
        return line.step or ZERO
    if not line.target or not line.price:
        return -line.units if not line.target else ZERO
    step = line.target * total / line.price - line.units
    return step.to_integral_value(ROUND_DOWN) if whole_units else step


def _order(line: Line, step: Decimal) -> Order:
    return Order(line.key, Side.IN if step > 0 else Side.OUT, abs(step), abs(step * line.price))


def _outcome(line: Line, step: Decimal, total: Decimal) -> Outcome:
    before, after = line.units * line.price, (line.units + step) * line.price
    return Outcome(line.key, line.units + step, after, float(before / total), float(after / total))
