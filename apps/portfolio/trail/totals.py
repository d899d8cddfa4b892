"""Trails of a whole portfolio now: value, cost, gain, the day's change, and the share of one position."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.portfolio.lots import Lot
from apps.portfolio.trail import positions
from apps.portfolio.trail.positions import Evidence
from apps.portfolio.trail.tree import SHARE, UNITS, Kind, Op, Source, Step, given, step

DAY = "Value now without the value at the last close; what was bought in this session counts as what was paid for it."


@dataclass(frozen=True, slots=True)
class Line:
    """One position of the whole: `key` opens its own trail, `close` is the last close before this session."""

    key: str
    held: Evidence
    close: Step | None = None
    bought: tuple[Lot, ...] = ()  # in the session of the price
    before: Step | None = None  # rate of the last close, where it is another than that of the value


def value(lines: Sequence[Line], base: str) -> Step:
    """Of the positions that have a price."""
    parts = [_worth(line) for line in lines if line.held.price is not None]
    return step("Value", Op.SUM, parts, base, "Sum of the positions that have a price.")


def cost(lines: Sequence[Line], base: str) -> Step:
    """Of all of them."""
    parts = [brief(positions.cost(line.held), f"cost/?of={line.key}") for line in lines]
    return step("Cost", Op.SUM, parts, base, positions.COST)


def gain(lines: Sequence[Line], base: str) -> Step:
    """Of the positions that have a price."""
    priced = [line for line in lines if line.held.price is not None]
    return step("Gain", Op.LESS, [value(priced, base), cost(priced, base)], base, positions.GAIN)


def gain_percent(lines: Sequence[Line], base: str) -> Step | None:
    """Gain over the cost of what has a price; None without a cost."""
    won = gain(lines, base)
    return (
        step("Gain over cost", Op.OVER, [won, won.parts[1]], SHARE, "Gain over cost.") if won.parts[1].value else None
    )


def day(lines: Sequence[Line], base: str) -> Step | None:
    """Since the last close; None where one position that has a price has no last close."""
    priced = [line for line in lines if line.held.price is not None]
    if any(line.close is None for line in priced):
        return None
    before = step("Value at the last close", Op.SUM, [_before(line) for line in priced], base)
    return step("Change since the last close", Op.LESS, [value(priced, base), before], base, DAY)


def day_percent(lines: Sequence[Line], base: str) -> Step | None:
    """Over the value at the last close."""
    change = day(lines, base)
    if change is None or not change.parts[1].value:
        return None
    words = "Change since the last close over the value at that close."
    return step("Change since the last close, in percent", Op.OVER, [change, change.parts[1]], SHARE, words)


def position_day(line: Line, base: str) -> Step | None:
    """The day's change of one position."""
    if line.held.price is None or line.close is None:
        return None
    return step("Change since the last close", Op.LESS, [_worth(line), _before(line)], base, DAY)


def weight(line: Line, lines: Sequence[Line], base: str) -> Step | None:
    """Of one position in the whole; None without a price."""
    if line.held.price is None:
        return None
    whole = brief(value(lines, base), "value/")
    words = "Value of the position over the value of all positions."
    return step(f"Weight of {line.held.symbol}", Op.OVER, [_worth(line), whole], SHARE, words)


def brief(whole: Step, figure: str) -> Step:
    """A figure whose own trail tells the rest."""
    return given(whole.name, whole.value, whole.unit, Source(Kind.FIGURE, figure=figure))


def _worth(line: Line) -> Step:
    held = line.held
    price = held.price
    assert price is not None
    units = given("Units held", held.holding.quantity, UNITS, Source(Kind.FIGURE, figure=f"quantity/?of={line.key}"))
    parts = [units, price, *([held.rate] if held.rate else [])]
    return step(f"Value of {held.symbol}", Op.TIMES, parts, held.market.base)


def _before(line: Line) -> Step:
    """Units held before at the last close, and what was paid for those bought since."""
    held, close = line.held, line.close
    assert close is not None
    rate = line.before or held.rate
    new = sum((lot.quantity for lot in line.bought), Decimal(0))
    old = held.holding.quantity - new
    units = given("Units held before", old, UNITS, Source(Kind.FIGURE, figure=f"quantity/?of={line.key}"))
    name = f"{held.symbol} at the last close"
    at_close = step(name, Op.TIMES, [units, close, *([rate] if rate else [])], held.market.base)
    if not line.bought:
        return at_close
    paid = [_paid(line, lot) for lot in line.bought]
    return step(name, Op.SUM, [at_close, *paid], held.market.base)


def _paid(line: Line, lot: Lot) -> Step:
    held = line.held
    source = Source(Kind.ROW, lot.opened_on, key=str(lot.key), words="bought in this session")
    amount = given(f"Paid for {held.symbol}, {lot.opened_on:%-d %b %Y}", lot.gross, held.currency, source)
    parts = [amount, *([held.rate] if held.rate else [])]
    return amount if len(parts) == 1 else step(amount.name, Op.TIMES, parts, held.market.base)
