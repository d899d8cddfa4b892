"""Random ledgers that can be true, as evaluation documents: with splits, fees, taxes, currencies and odd prices."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

FIRST = date(2021, 1, 4)
CURRENCIES = {"A": "USD", "B": "EUR", "C": "USD"}
RATIOS = ((2, 1), (3, 2), (1, 10), (7, 3))


def random_document(seed: int, rows: int = 14) -> dict[str, Any]:
    """Never sells more than is held; cash is paid in first, so nothing is estimated but what has no price."""
    chance = Random(seed)
    splits = [_split(chance) for _ in range(chance.randrange(3))]
    held = dict.fromkeys(CURRENCIES, Decimal(0))
    said: list[dict[str, Any]] = []
    for day in sorted(chance.randrange(120) for _ in range(rows)):
        for split in splits:
            if said and _day(said[-1]) < split["date"] <= _on(day):
                held[split["instrument"]] *= Decimal(split["numerator"])
                held[split["instrument"]] /= Decimal(split["denominator"])
        said.append(_row(chance, _on(day), held))
    return {
        "base_currency": "EUR",
        "transactions": said,
        "instruments": {name: {"currency": currency} for name, currency in CURRENCIES.items()},
        "prices": {name: _prices(chance) for name in CURRENCIES},
        "fx_rates": [
            {"base": "EUR", "quote": "USD", "date": _on(day), "rate": round(chance.uniform(0.8, 1.3), 4)}
            for day in range(-1, 130, 3)
        ],
        "splits": splits,
        "options": {"cost_method": chance.choice(["fifo", "average"]), "period": {"end": _on(130)}},
    }


def _row(chance: Random, on: str, held: dict[str, Decimal]) -> dict[str, Any]:
    name = chance.choice(list(held))
    kind = chance.choice(["deposit", "withdrawal", "buy", "buy", "sell", "dividend", "interest", "fee", "delivery_in"])
    costs = {"fee": _money(chance, 9), "tax": _money(chance, 9)}
    if kind == "sell" and held[name] < 1:
        kind = "buy"
    if kind in {"deposit", "withdrawal", "interest", "fee"}:
        return {"date": on, "kind": kind, "amount": _money(chance, 900, 1), "currency": chance.choice(["EUR", "USD"])}
    said = {"date": on, "kind": kind, "instrument": name, "currency": CURRENCIES[name], **costs}
    if kind == "dividend":
        return {**said, "amount": _money(chance, 90, 1)}
    quantity = Decimal(chance.randrange(1, 90_000)) / 1000
    if kind == "sell":
        quantity = min(quantity, held[name].quantize(Decimal("0.001"), "ROUND_DOWN"))
    held[name] += -quantity if kind == "sell" else quantity
    return {**said, "quantity": str(quantity), "price": _money(chance, 300, 1)}


def _prices(chance: Random) -> list[list[str]]:
    days = sorted({chance.randrange(131) for _ in range(60)})
    return [[_on(day), _money(chance, 300, 1)] for day in days]


def _split(chance: Random) -> dict[str, Any]:
    numerator, denominator = chance.choice(RATIOS)
    on = _on(chance.randrange(10, 110))
    return {
        "instrument": chance.choice(list(CURRENCIES)), "date": on, "numerator": numerator, "denominator": denominator
    }  # fmt: skip


def _money(chance: Random, most: int, least: int = 0) -> str:
    return str(Decimal(chance.randrange(least * 100, most * 100)) / 100)


def _on(day: int) -> str:
    return (FIRST + timedelta(days=day)).isoformat()


def _day(said: dict[str, Any]) -> str:
    return str(said["date"])
