"""Trails of cash: what each row added to it, and what lies in each currency."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from apps.portfolio.movements import CASH_SIGN, TRADES, Row
from apps.portfolio.trail.rows import Market, at_rate, source_of
from apps.portfolio.trail.tree import UNITS, Op, Step, given, step


def cash_moved(row: Row, market: Market) -> Step | None:
    """What a row added to cash in base currency, at its own rate; negative where cash was paid. None for nothing."""
    moved = _local(row)
    return at_rate(moved, row, market) if moved else None


def worth_of_cash(rows: Sequence[Row], market: Market, on: date) -> list[Step]:
    """Each currency's cash at the rate of that day."""
    found: dict[str, list[Step]] = defaultdict(list)
    for row in rows:
        if row.on <= on and (moved := _local(row)) is not None:
            found[row.currency].append(moved)
    return [_worth(currency, parts, market, on) for currency, parts in found.items()]


def income_of(row: Row, market: Market) -> Step | None:
    """Dividends and interest before fee and tax, in base currency."""
    return _at(row, "Income", row.income, market) if row.income else None


def cost_of(row: Row, part: str, market: Market) -> Step | None:
    """Fees or taxes of a row in base currency, those that are a row of their own included."""
    amount = row.fees if part == "fees" else row.taxes
    return _at(row, part.capitalize(), amount, market) if amount else None


def _worth(currency: str, parts: Sequence[Step], market: Market, on: date) -> Step:
    name = f"Cash in {currency}"
    held = step(name, Op.SUM, parts, currency, "Sum of what each row added.")
    rate = None if currency == market.base else market.rate(currency, on)
    return held if rate is None else step(name, Op.TIMES, [held, rate], market.base)


def _local(row: Row) -> Step | None:
    """In the row's currency."""
    if not row.cash:
        return None
    name = f"{row.kind.label}, {row.on:%-d %b %Y}"
    amount = _amount(row, name)
    costs = [given(word, cost, row.currency, source_of(row)) for word, cost in _costs(row) if cost]
    if CASH_SIGN.get(row.kind, 0) > 0 and amount is not None:
        return step(name, Op.LESS, [amount, *costs], row.currency) if costs else amount
    paid = [*([amount] if amount else []), *costs]
    whole = paid[0] if len(paid) == 1 else step(name, Op.SUM, paid, row.currency)
    return step(name, Op.MINUS, [whole], row.currency)


def _amount(row: Row, name: str) -> Step | None:
    if row.moves_units and row.kind not in TRADES:
        return None
    if row.quantity is None or row.price is None:
        return given(name, row.total, row.currency, source_of(row))
    quantity = given("Quantity", row.quantity, UNITS, source_of(row))
    return step(name, Op.TIMES, [quantity, given("Price", row.price, row.currency, source_of(row))], row.currency)


def _costs(row: Row) -> list[tuple[str, Decimal]]:
    return [("Fee", row.fee), ("Tax", row.tax)]


def _at(row: Row, word: str, amount: Decimal, market: Market) -> Step:
    return at_rate(given(f"{word}, {row.on:%-d %b %Y}", amount, row.currency, source_of(row)), row, market)
