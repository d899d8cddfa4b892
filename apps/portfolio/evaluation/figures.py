"""Every figure of one book of a document; it calls what the pages call and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from math import isnan
from typing import Any

from apps.portfolio import risk
from apps.portfolio.evaluation.reading import Ledger
from apps.portfolio.holdings import Valued, cash_of, price_return, valued
from apps.portfolio.lots import LEDGER, ZERO
from apps.portfolio.movements import Kind, Row
from apps.portfolio.performance import (
    Figure,
    bridge,
    contributions,
    flows_of,
    linked_return,
    money_weighted,
    returns_of,
    session_returns,
    time_weighted,
    yearly_return,
)
from apps.portfolio.replay import Day, Rate, Terms, replay

LEVELS = (0.95, 0.99)


def evaluate(document: Mapping[str, Any]) -> dict[str, Any]:
    """Every figure of one book. Raises DocumentError, InsufficientPositionError or NoRateError."""
    ledger = Ledger(document)
    rows, rate = ledger.books.get(ledger.book, []), ledger.rate
    terms = Terms(cash=bool(ledger.options.get("cash", True)), before_taxes=bool(ledger.options.get("before_taxes")))
    positions = _valued(ledger)
    days = replay(rows, ledger.series, rate, until=ledger.until, since=ledger.since, terms=terms)
    return {
        "base_currency": ledger.base,
        "period": {"start": days[0].on if days else ledger.since, "end": ledger.until},
        "positions": _positions(positions),
        "cash": cash_of(rows, ledger.until) if terms.cash else {},
        "value": days[-1].value if days else ZERO,
        "gains": _gains(positions),
        "income": _income(rows, rate, ledger.until),
        "bridge": _bridge(days),
        "twr": _figure(time_weighted(days), days),
        "xirr": _figure(money_weighted(flows_of(days)), ()),
        "contributions": {"cash" if key is None else str(key): part for key, part in contributions(days).items()},
        "instruments": {str(one.instrument): _instrument(one, ledger, rows) for one in positions},
        "risk": _risk(days, ledger),
        "days": _days(days) if ledger.options.get("days") else None,
    }


def _valued(ledger: Ledger) -> list[Valued]:
    rates = dict.fromkeys(ledger.books, ledger.rate)
    found = valued(ledger.books, ledger.series, rates, until=ledger.until, methods=ledger.methods)
    return found.get(ledger.book, [])


def _positions(positions: Sequence[Valued]) -> list[dict[str, Any]]:
    worth = _sum(one.value_base or ZERO for one in positions)
    return [_position(one, worth) for one in positions]


def _position(one: Valued, worth: Decimal) -> dict[str, Any]:
    holding = one.holding
    return {
        "instrument": one.instrument,
        "currency": one.currency,
        "quantity": holding.quantity,
        "cost": holding.cost,
        "gross_cost": holding.gross_cost,
        "average_cost": holding.average_cost,
        "price": one.price,
        "value": one.value,
        "value_base": one.value_base,
        "weight": float(one.value_base / worth) if one.value_base is not None and worth else None,
        "unrealised": one.gain,
        "unrealised_base": one.gain_base,
        "unrealised_fx": one.fx_gain_base,
        "realised": holding.realised,
        "realised_base": _sum(part.base_gain for part in holding.disposals),
        "realised_fx": _sum(part.fx_gain for part in holding.disposals),
        "income_base": one.income_base,
        "lots": [
            {"opened_on": lot.opened_on, "quantity": lot.quantity, "cost": lot.cost, "gross": lot.gross}
            for lot in holding.lots
        ],
        "disposals": [
            {
                "id": part.key,
                "on": part.on,
                "quantity": part.quantity,
                "proceeds": part.proceeds,
                "cost": part.cost,
                "gain": part.gain,
                "lots": [
                    {"opened_on": lot.opened_on, "quantity": lot.quantity, "cost": lot.cost} for lot in part.parts
                ],
            }
            for part in holding.disposals
        ],
    }


def _gains(positions: Sequence[Valued]) -> dict[str, Decimal | None]:
    known = [one for one in positions if one.gain_base is not None]
    complete = len(known) == len([one for one in positions if one.holding.quantity])
    unrealised = _sum(one.gain_base or ZERO for one in known)
    return {
        "realised_base": _sum(part.base_gain for one in positions for part in one.holding.disposals),
        "realised_fx": _sum(part.fx_gain for one in positions for part in one.holding.disposals),
        "unrealised_base": unrealised if complete or known else None,
        "unrealised_fx": _sum(one.fx_gain_base or ZERO for one in known),
    }


def _income(rows: Sequence[Row], rate: Rate, until: date) -> dict[str, Any]:
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


def _bridge(days: Sequence[Day]) -> dict[str, Decimal]:
    made = bridge(days)
    names = ("start", "end", "flows", "price", "income", "fx", "fees", "taxes", "residual")
    return {name: getattr(made, name) for name in names}


def _figure(figure: Figure, days: Sequence[Day]) -> dict[str, Any]:
    """With the return per year where the period is a year or longer."""
    said: dict[str, Any] = {
        "value": figure.value,
        "method": figure.method,
        "quality": figure.quality.value,
        "reasons": list(figure.reasons),
    }
    length = (days[-1].on - days[0].on).days if days else 0
    if figure.value is not None and length >= 365:
        said["per_year"] = yearly_return(figure.value, length)
    return said


def _instrument(one: Valued, ledger: Ledger, rows: Sequence[Row]) -> dict[str, Any]:
    """Returns of one instrument: fees inside, taxes outside; its flows are buys, sells, dividends and deliveries."""
    own = [row for row in rows if row.instrument == one.instrument]
    terms = Terms(cash=False, before_taxes=True)
    days = replay(own, ledger.series, ledger.rate, until=ledger.until, since=ledger.since, terms=terms)
    return {"twr": _figure(time_weighted(days), days), "xirr": _figure(money_weighted(flows_of(days)), ())}


def _risk(days: Sequence[Day], ledger: Ledger) -> dict[str, Any]:
    """On sessions with holdings; the benchmark's returns are those of its closes over the same days."""
    returns = session_returns(days)
    values = [value for *_, value in returns]
    rate = float(ledger.options.get("risk_free_rate", 0))
    fall = risk.deepest_drawdown(values, [on for _, on, _ in returns], returns[0][0]) if returns else None
    said: dict[str, Any] = {
        "returns": len(values),
        "volatility": risk.volatility(values),
        "sharpe": risk.sharpe_ratio(values, rate),
        "sortino": risk.sortino_ratio(values, rate),
        "max_drawdown": fall.depth if fall else 0.0,
        "peak_on": fall.peak_on if fall else None,
        "trough_on": fall.trough_on if fall else None,
        "recovered_on": fall.recovered_on if fall else None,
    }
    for level in LEVELS:
        said[f"var_{level:.0%}".rstrip("%")] = risk.value_at_risk(values, level)
        said[f"cvar_{level:.0%}".rstrip("%")] = risk.expected_shortfall(values, level)
    return _finite(said | _beside(returns, days, ledger, rate))


def _beside(
    returns: Sequence[tuple[date, date, float]], days: Sequence[Day], ledger: Ledger, risk_free: float
) -> dict[str, Any]:
    name = ledger.options.get("benchmark")
    if not name or not days:
        return {}
    if name not in ledger.series or not ledger.series[name].days:
        return {"benchmark": {"reasons": [f"There are no prices of {name}."]}}
    mine = [value for *_, value in returns]
    other = [price_return(ledger.series[name], ledger.rate, start, end) for start, end, _ in returns]
    whole = price_return(ledger.series[name], ledger.rate, days[0].on, days[-1].on)
    ours = linked_return(returns_of(days))
    return {
        "beta": risk.beta(mine, other),
        "alpha": risk.alpha(mine, other, risk_free),
        "correlation": risk.correlation(mine, other),
        "tracking_error": risk.tracking_error(mine, other),
        "benchmark": {"return": whole, "relative": (1 + ours) / (1 + whole) - 1},
    }


def _days(days: Sequence[Day]) -> list[dict[str, Any]]:
    returns: list[float | None] = [None, *returns_of(days)]
    return [
        {"on": day.on, "value": day.value, "inflow": day.inflow, "outflow": day.outflow, "return": value}
        for day, value in zip(days, returns, strict=True)
    ]


def _finite(said: dict[str, Any]) -> dict[str, Any]:
    """What could not be computed is null."""
    return {key: None if isinstance(value, float) and isnan(value) else value for key, value in said.items()}


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    with localcontext(LEDGER):
        return sum(numbers, ZERO)
