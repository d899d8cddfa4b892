"""What a book holds and what it gained with it, as the document's answer says it."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from apps.portfolio.evaluation.reading import Ledger
from apps.portfolio.holdings import Valued, valued
from apps.portfolio.lots import LEDGER, ZERO, Disposal
from apps.portfolio.movements import Kind, Row
from apps.portfolio.performance import money_weighted
from apps.portfolio.replay import Rate


def positions_of(ledger: Ledger, until: date) -> list[dict[str, Any]]:
    """Of every chosen portfolio, each instrument that it ever held; weights are of all of them together."""
    rates = dict.fromkeys(ledger.books, ledger.rate)
    found = valued(ledger.books, ledger.series, rates, until=until, methods=ledger.methods)
    held = [(book, one) for book in ledger.chosen for one in found.get(book, [])]
    worth = total(one.value_base or ZERO for _, one in held)
    return [{"portfolio": book} | _position(one, worth) for book, one in held]


def gains_of(positions: Sequence[dict[str, Any]]) -> dict[str, Decimal | None]:
    """Since purchase, in base currency; unrealised is None where nothing held has a price."""
    known = [one for one in positions if one["unrealised_base"] is not None]
    complete = len(known) == len([one for one in positions if one["quantity"]])
    return {
        "realised_base": total(one["realised_base"] for one in positions),
        "realised_fx": total(one["realised_fx"] for one in positions),
        "unrealised_base": total(one["unrealised_base"] for one in known) if complete or known else None,
        "unrealised_fx": total(one["unrealised_fx"] for one in known),
    }


def income_of(rows: Sequence[Row], rate: Rate, until: date) -> dict[str, Any]:
    """Before fees and taxes in base currency, each at the rate of its day."""
    found: dict[str, Any] = {"dividends": ZERO, "interest": ZERO, "by_year": {}}
    for row in rows:
        if row.income and row.on <= until:
            amount = LEDGER.multiply(row.income, rate(row.currency, row.on) if row.rate is None else row.rate)
            name = "dividends" if row.kind is Kind.DIVIDEND else "interest"
            found[name] = LEDGER.add(found[name], amount)
            year = str(row.on.year)
            found["by_year"][year] = LEDGER.add(found["by_year"].get(year, ZERO), amount)
    return found


def total(numbers: Iterable[Decimal]) -> Decimal:
    """At the ledger's precision."""
    with localcontext(LEDGER):
        return sum(numbers, ZERO)


def _position(one: Valued, worth: Decimal) -> dict[str, Any]:
    holding = one.holding
    return {
        "instrument": one.instrument,
        "currency": one.currency,
        "quantity": holding.quantity,
        "cost": holding.cost,
        "gross_cost": holding.gross_cost,
        "cost_base": holding.base_cost,
        "average_cost": holding.average_cost,
        "price": one.price,
        "value": one.value,
        "value_base": one.value_base,
        "weight": float(one.value_base / worth) if one.value_base is not None and worth else None,
        "unrealised": one.gain,
        "unrealised_base": one.gain_base,
        "unrealised_fx": one.fx_gain_base,
        "realised": holding.realised,
        "realised_gross": total(part.gross_gain for part in holding.disposals),
        "realised_base": total(part.base_gain for part in holding.disposals),
        "realised_fx": total(part.fx_gain for part in holding.disposals),
        "income_base": one.income_base,
        "lots": [
            {"opened_on": lot.opened_on, "quantity": lot.quantity, "cost": lot.cost, "gross": lot.gross}
            for lot in holding.lots
        ],
        "disposals": [_disposal(part) for part in holding.disposals],
    }


def _disposal(part: Disposal) -> dict[str, Any]:
    """A closed trade: from the days of its lots to its own, fees and taxes of both sides inside."""
    flows = [(lot.opened_on, -float(lot.cost)) for lot in part.parts] + [(part.on, float(part.proceeds))]
    return {
        "id": part.key,
        "on": part.on,
        "quantity": part.quantity,
        "proceeds": part.proceeds,
        "cost": part.cost,
        "gain": part.gain,
        "gross_gain": part.gross_gain,
        "gain_base": part.base_gain,
        "return": float(part.gain / part.cost) if part.cost else None,
        "xirr": money_weighted(flows).value,
        "lots": [{"opened_on": lot.opened_on, "quantity": lot.quantity, "cost": lot.cost} for lot in part.parts],
    }
