"""Trails of what is held: value, cost, gain, average cost, weight and the day's change."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from apps.portfolio.lots import LEDGER, ZERO, Disposal, Holding, Lot, Method
from apps.portfolio.movements import UNITS_OUT, Row
from apps.portfolio.splits import Split
from apps.portfolio.trail.rows import Market, in_new_units, paid_for, source_of, split_up, units_held
from apps.portfolio.trail.tree import SHARE, UNITS, Kind, Op, Source, Step, given, step

VALUE = "Units held times the last price known, in base currency at the rate of that day."
COST = "What the units held cost: price, fees and taxes of buying, each row at the rate of its day."
GAIN = "Value without cost: since purchase, not yet realised."


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one position is made of: `rows` move its units, `holding` is what the lot arithmetic made of them.

    `price` and `rate` are those of the valuation, in the units of the last split; None where nobody knows the price,
    and in base currency.
    """

    symbol: str
    currency: str
    rows: Sequence[Row]
    splits: Sequence[Split]
    holding: Holding
    method: Method
    market: Market
    price: Step | None = None
    rate: Step | None = None


def value(held: Evidence) -> Step | None:
    """None without a price."""
    if held.price is None:
        return None
    parts = [units_held(held.rows, held.splits), held.price, *([held.rate] if held.rate else [])]
    return step(f"Value of {held.symbol}", Op.TIMES, parts, held.market.base, VALUE)


def cost(held: Evidence) -> Step:
    """By the portfolio's method: the lots that are left, or the running pool."""
    name = f"Cost of {held.symbol}"
    if held.method is Method.AVERAGE:
        return step(name, Op.POOL, _pool(held), held.market.base, COST)
    return step(name, Op.SUM, _lots(held), held.market.base, COST)


def average_cost(held: Evidence) -> Step:
    """A unit."""
    parts = [cost(held), units_held(held.rows, held.splits)]
    return step(f"Average cost of {held.symbol}", Op.OVER, parts, held.market.base, "Cost over units held.")


def gain(held: Evidence) -> Step | None:
    """Unrealised; None without a price."""
    worth = value(held)
    if worth is None:
        return None
    return step(f"Gain of {held.symbol}", Op.LESS, [worth, cost(held)], held.market.base, GAIN)


def gain_percent(held: Evidence) -> Step | None:
    """Over cost; None without a price or a cost."""
    won = gain(held)
    if won is None or not won.parts[1].value:
        return None
    return step(f"Gain of {held.symbol} over its cost", Op.OVER, [won, won.parts[1]], SHARE, "Gain over cost.")


def _lots(held: Evidence) -> list[Step]:
    """Of each purchase that is left the share of its cost that is left; lots of one row are one."""
    found: dict[Hashable, list[Lot]] = defaultdict(list)
    for lot in held.holding.lots:
        found[lot.key].append(lot)
    rows = {row.key: row for row in held.rows}
    return [
        _lot(held, rows[key], lots) if key in rows and rows[key].kind not in UNITS_OUT else _carried(held, lots)
        for key, lots in found.items()
    ]


def _lot(held: Evidence, row: Row, lots: Sequence[Lot]) -> Step:
    paid, bought = paid_for(row, held.market), in_new_units(row, held.splits)
    with localcontext(LEDGER):
        left = sum((lot.quantity for lot in lots), ZERO)
        gone = Decimal(bought.value) - left
    if not gone:
        return paid
    share = step("Share that is left", Op.OVER, [_left(held, row, bought, gone), bought], SHARE)
    return step(paid.name, Op.TIMES, [paid, share], held.market.base)


def _left(held: Evidence, row: Row, bought: Step, gone: Decimal) -> Step:
    """Bought without what each sale took of it."""
    taken = [
        split_up(given(f"Taken by the sale of {one.on:%-d %b %Y}", units, UNITS, _sale(one)), one.on, held.splits, "")
        for one in held.holding.disposals
        if (units := sum((part.quantity for part in one.parts if part.key == row.key), ZERO))
    ]
    with localcontext(LEDGER):
        rest = gone - sum((Decimal(part.value) for part in taken), ZERO)
    if abs(rest) > Decimal("1e-30"):
        taken.append(given("Moved to another book", rest, UNITS, Source(Kind.ROW, row.on, words="Transfer")))
    return step("Units left", Op.LESS, [bought, *taken], UNITS)


def _carried(held: Evidence, lots: Sequence[Lot]) -> Step:
    """A lot that a transfer brought keeps the cost that it had in the other book."""
    with localcontext(LEDGER):
        base = sum((lot.base for lot in lots), ZERO)
    on = lots[0].opened_on
    source = Source(Kind.ROW, on, words="brought by a transfer with the cost of its own book")
    return given(f"Lot of {on:%-d %b %Y}", base, held.market.base, source)


def _pool(held: Evidence) -> list[Step]:
    """Units and cost of each row in the order of the arithmetic; what leaves has no cost of its own."""
    pairs: list[Step] = []
    for row in held.rows:
        units = in_new_units(row, held.splits)
        if row.kind in UNITS_OUT:
            none = given("Its share of the pool", ZERO, held.market.base, Source(Kind.CONSTANT))
            pairs += [step(units.name, Op.MINUS, [units], UNITS), none]
        else:
            pairs += [units, paid_for(row, held.market)]
    return pairs


def _sale(disposal: Disposal) -> Source:
    return Source(Kind.ROW, disposal.on, key=str(disposal.key), words="Sell")


__all__ = ["Evidence", "average_cost", "cost", "gain", "gain_percent", "source_of", "value"]
