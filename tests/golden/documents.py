"""Short ways to say a document."""

from decimal import Decimal
from typing import Any

from apps.portfolio.evaluation.figures import evaluate

type Rows = list[dict[str, Any]]


def cash(*rows: tuple[str, str, str], currency: str = "EUR") -> Rows:
    """(kind, day, amount)."""
    return [{"kind": kind, "date": on, "amount": amount, "currency": currency} for kind, on, amount in rows]


def units(*rows: tuple[str, str, str, str], name: str = "X", currency: str = "EUR", **more: Any) -> Rows:
    """(kind, day, quantity, amount before fee and tax)."""
    return [
        {"kind": kind, "date": on, "quantity": quantity, "amount": amount, "instrument": name, "currency": currency}
        | more
        for kind, on, quantity, amount in rows
    ]


def figures(rows: Rows, prices: Any = None, base: str = "EUR", fx: Any = None, **options: Any) -> dict[str, Any]:
    """All of a document in one currency."""
    document = {"base_currency": base, "transactions": rows, "prices": prices or {}, "fx_rates": fx or []}
    return evaluate(document | {"options": options})


def position(rows: Rows, prices: Any = None, method: str = "fifo", **more: Any) -> dict[str, Any]:
    """The one position of a document without cash."""
    (found,) = figures(rows, prices, cash=False, cost_method=method, **more)["positions"]
    return dict(found)


def cents(number: Any) -> Decimal:
    """As a statement prints it."""
    return Decimal(number).quantize(Decimal("0.01"))
