"""Every figure of a document, over each period asked; it calls what the pages call and nothing else."""

import math
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from apps.portfolio import risk
from apps.portfolio.evaluation.positions import gains_of, income_of, positions_of
from apps.portfolio.evaluation.reading import Asked, Ledger
from apps.portfolio.holdings import cash_of, price_return
from apps.portfolio.lots import ZERO
from apps.portfolio.movements import Row
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
from apps.portfolio.replay import Day, Terms, replay

LEVELS = (0.95, 0.99)
BRIDGE = ("start", "end", "flows", "price", "income", "fx", "fees", "taxes", "residual")


def evaluate(document: Mapping[str, Any]) -> dict[str, Any]:
    """Every figure of one book. Raises DocumentError, InsufficientPositionError or NoRateError."""
    ledger = Ledger(document)
    said = {"base_currency": ledger.base} | _report(ledger, ledger.period)
    if ledger.periods:
        said["periods"] = [_report(ledger, asked) for asked in ledger.periods]
    return {key: _finite(value) for key, value in said.items()}


def _report(ledger: Ledger, asked: Asked) -> dict[str, Any]:
    """What was held at the end of a period, and what was made in it."""
    rows, until = ledger.rows, asked.until
    positions = positions_of(ledger, until)
    days = _replayed(ledger, rows, asked, ledger.terms)
    names = dict.fromkeys(one["instrument"] for one in positions)
    return {
        "period": {"start": days[0].on if days else asked.since, "end": until},
        "positions": positions,
        "cash": cash_of(rows, until) if ledger.terms.cash else {},
        "value": days[-1].value if days else ZERO,
        "gains": gains_of(positions),
        "income": income_of(rows, ledger.rate, until),
        "bridge": _bridge(days),
        "twr": _figure(time_weighted(days), days),
        "xirr": _figure(money_weighted(flows_of(days)), ()),
        "by_month": _linked_by(days, 7),
        "by_year": _linked_by(days, 4),
        "contributions": {"cash" if key is None else str(key): part for key, part in contributions(days).items()},
        "instruments": {str(name): _instrument(name, ledger, rows, asked) for name in names},
        "risk": _risk(days, ledger) | _beside(days, ledger),
        "days": _days(days) if ledger.lists_days else None,
    }


def _replayed(ledger: Ledger, rows: Sequence[Row], asked: Asked, terms: Terms) -> list[Day]:
    return replay(rows, ledger.series, ledger.rate, until=asked.until, since=asked.since, terms=terms)


def _instrument(name: Hashable, ledger: Ledger, rows: Sequence[Row], asked: Asked) -> dict[str, Any]:
    """Returns of one instrument: fees inside, taxes outside; its flows are buys, sells, dividends and deliveries."""
    own = [row for row in rows if row.instrument == name]
    days = _replayed(ledger, own, asked, Terms(cash=False, before_taxes=True))
    return {
        "twr": _figure(time_weighted(days), days),
        "xirr": _figure(money_weighted(flows_of(days)), ()),
        "bridge": _bridge(_replayed(ledger, own, asked, Terms(cash=False))),
        "risk": _risk(days, ledger),
    }


def _bridge(days: Sequence[Day]) -> dict[str, Decimal]:
    made = bridge(days)
    return {name: getattr(made, name) for name in BRIDGE}


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


def _linked_by(days: Sequence[Day], letters: int) -> dict[str, float]:
    """Linked returns by the first letters of their ISO day: 7 of its month, 4 of its year."""
    found: dict[str, float] = {}
    for day, value in zip(days[1:], returns_of(days), strict=False):
        part = day.on.isoformat()[:letters]
        found[part] = (1 + found.get(part, 0.0)) * (1 + value) - 1
    return found


def _risk(days: Sequence[Day], ledger: Ledger) -> dict[str, Any]:
    """On sessions with holdings."""
    returns = session_returns(days)
    values, rate = [value for *_, value in returns], ledger.risk_free
    said: dict[str, Any] = {
        "returns": len(values),
        "volatility": risk.volatility(values),
        "sharpe": risk.sharpe_ratio(values, rate),
        "sortino": risk.sortino_ratio(values, rate),
        **_drawdown(returns, days),
    }
    for level in LEVELS:
        said[f"var_{level:.0%}".rstrip("%")] = risk.value_at_risk(values, level)
        said[f"cvar_{level:.0%}".rstrip("%")] = risk.expected_shortfall(values, level)
    return said


def _drawdown(returns: Sequence[tuple[date, date, float]], days: Sequence[Day]) -> dict[str, Any]:
    """The deepest fall, and the longest time below a peak, in days; an open one counts to the last day."""
    opened = returns[0][0] if returns else None
    values, dates = [value for *_, value in returns], [on for _, on, _ in returns]
    falls = risk.drawdown_episodes(values, dates, opened) if opened else []
    deep = falls[0] if falls else risk.Drawdown(0.0, None, None, None)
    lengths = [((fall.recovered_on or days[-1].on) - fall.peak_on).days for fall in falls if fall.peak_on]
    return {
        "max_drawdown": deep.depth,
        "peak_on": deep.peak_on,
        "trough_on": deep.trough_on,
        "recovered_on": deep.recovered_on,
        "longest_drawdown_days": max(lengths, default=0),
    }


def _beside(days: Sequence[Day], ledger: Ledger) -> dict[str, Any]:
    """The benchmark's returns are those of its closes over the same days."""
    name = ledger.benchmark
    if not name or not days:
        return {}
    if name not in ledger.series or not ledger.series[name].days:
        return {"benchmark": {"reasons": [f"There are no prices of {name}."]}}
    returns = session_returns(days)
    mine = [value for *_, value in returns]
    other = [price_return(ledger.series[name], ledger.rate, start, end) for start, end, _ in returns]
    whole = price_return(ledger.series[name], ledger.rate, days[0].on, days[-1].on)
    ours = linked_return(returns_of(days))
    return {
        "beta": risk.beta(mine, other),
        "alpha": risk.alpha(mine, other, ledger.risk_free),
        "correlation": risk.correlation(mine, other),
        "tracking_error": risk.tracking_error(mine, other),
        "benchmark": {"return": whole, "relative": (1 + ours) / (1 + whole) - 1 if whole != -1 else None},
    }


def _days(days: Sequence[Day]) -> list[dict[str, Any]]:
    returns: list[float | None] = [None, *returns_of(days)]
    return [
        {"on": day.on, "value": day.value, "inflow": day.inflow, "outflow": day.outflow, "return": value}
        for day, value in zip(days, returns, strict=True)
    ]


def _finite(said: Any) -> Any:
    """What could not be computed is null, wherever it stands."""
    if isinstance(said, dict):
        return {key: _finite(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_finite(value) for value in said]
    return None if isinstance(said, float) and not math.isfinite(said) else said
