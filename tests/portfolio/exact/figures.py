"""Every figure of a document, exact where it is money."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import prod
from typing import Any

from tests.portfolio.exact.days import Day, Walk
from tests.portfolio.exact.document import ZERO, Document
from tests.portfolio.exact.lots import Book, Position
from tests.portfolio.exact.ratios import beta, drawdown, risk, xirr

CAUSES = ("price", "income", "fx", "fees", "taxes")


def evaluate(said: dict[str, Any]) -> dict[str, Any]:
    """Positions, cash, income, days, bridge and ratios of one document."""
    document = Document(said)
    walk, book = Walk(document), Book(document)
    opening = next((day.value for day in walk.days if day.on == document.start), ZERO)
    days = [day for day in walk.days if day.on > document.start]
    owned = {name: held for (owner, name), held in book.positions.items() if owner == document.portfolio}
    return {
        "positions": {name: _position(document, name, held) for name, held in owned.items()},
        "cash": {currency: money for currency, money in walk.cash.items() if money},
        "value": days[-1].value,
        "income": {"dividends": walk.earned["dividend"], "interest": walk.earned["interest"]},
        "bridge": _bridge(opening, days),
        "twr": float(prod((day.ratio for day in days), start=Fraction(1)) - 1),
        "xirr": _xirr(document, opening, days),
        "days": {day.on.isoformat(): day for day in walk.days},
        "risk": _risk(document, days),
        "relieved": sum((held.relieved for held in owned.values()), ZERO),
    }


def _position(document: Document, name: str, held: Position) -> dict[str, Any]:
    price = document.close(name, document.end) or ZERO
    rate = document.fx(document.currency[name], document.end)
    cost, base = (sum((getattr(lot, key) for lot in held.lots), ZERO) for key in ("cost", "cost_base"))
    gain, gain_base = held.quantity * price - cost, held.quantity * price * rate - base
    return {
        "quantity": held.quantity,
        "cost": cost,
        "gross_cost": sum((lot.gross for lot in held.lots), ZERO),
        "value": held.quantity * price,
        "unrealised": gain,
        "unrealised_base": gain_base,
        "unrealised_fx": gain_base - gain * rate,
        "realised": held.realised,
        "realised_base": held.realised_base,
        "realised_fx": held.realised_fx,
        "lots": [(lot.opened_on.isoformat(), lot.quantity, lot.cost, lot.gross) for lot in held.lots],
    }


def _bridge(opening: Fraction, days: Sequence[Day]) -> dict[str, Fraction]:
    bridge = {cause: sum((getattr(day, cause) for day in days), ZERO) for cause in CAUSES}
    bridge |= {"start": opening, "end": days[-1].value}
    bridge["flows"] = sum((day.inflow - day.outflow for day in days), ZERO)
    gained = bridge["price"] + bridge["income"] + bridge["fx"] - bridge["fees"] - bridge["taxes"]
    return bridge | {"residual": bridge["end"] - opening - bridge["flows"] - gained}


def _xirr(document: Document, opening: Fraction, days: Sequence[Day]) -> float | None:
    flows = [(document.start, opening)] if opening else []
    flows += [(day.on, day.inflow - day.outflow) for day in days if day.inflow != day.outflow]
    flows.append((document.end, -days[-1].value))
    return xirr([((on - flows[0][0]).days, float(amount)) for on, amount in flows])


def _risk(document: Document, days: Sequence[Day]) -> dict[str, Any]:
    """Sessions with holdings; what happened between two of them belongs to the later one."""
    periods = list(_periods(days))
    returns = [float(growth - 1) for *_, growth in periods]
    figures: dict[str, Any] = {"returns": len(returns), "max_drawdown": drawdown(returns)}
    figures |= risk(returns, document.risk_free)
    if document.benchmark is None:
        return figures
    theirs = [_benchmark(document, begun, on) for begun, on, _ in periods]
    both = [(own, other) for own, other in zip(returns, theirs, strict=True) if other is not None]
    slope, together = beta([own for own, _ in both], [other for _, other in both])
    return figures | {"beta": slope, "correlation": together}


def _periods(days: Sequence[Day]) -> Iterator[tuple[date, date, Fraction]]:
    begun, growth = None, Fraction(1)
    for day in days:
        if day.held:
            begun, growth = begun or day.on - timedelta(days=1), growth * day.ratio
            if day.session:
                yield begun, day.on, growth
                begun, growth = None, Fraction(1)


def _benchmark(document: Document, begun: date, on: date) -> float | None:
    """What a price in base currency made of one."""
    name = document.benchmark or ""
    before, after = document.close(name, begun), document.close(name, on)
    if not before or after is None:
        return None
    currency = document.currency[name]
    turned = document.fx(currency, on) / document.fx(currency, begun)
    return float(after * document.ratio(name, begun, on) / before * turned - 1)
