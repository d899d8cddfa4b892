"""Risk of a portfolio over a period: its figures, its falls, what rolls along, and where the risk comes from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.market.currencies import NoRateError
from apps.market.models import Instrument
from apps.portfolio import risk, services
from apps.portfolio.closes import close_matrix, matrix_returns
from apps.portfolio.performance import session_returns
from apps.portfolio.periods import Period
from apps.portfolio.rolling import QUARTER, rolling_beta, rolling_sharpe, rolling_volatility
from apps.portfolio.services import Book, Measured
from apps.portfolio.views.books import Headline, Peer, Picker, book_context, peer_of, picker_of, portfolio_of
from apps.portfolio.views.lines import Chart, line
from apps.tenants.http import OrganizationRequest, render_page

FALLS_SHOWN, BESIDE_EACH_OTHER = 10, 12
FEW = "Too few sessions"


@dataclass(frozen=True, slots=True)
class RiskPart:
    """A position's weight beside its part of the risk: `part` in volatility per year, `share` of the whole."""

    instrument: Instrument
    weight: float
    part: float
    share: float


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions with holdings in the period: the day before the first one, their days, and our returns."""

    opened: date
    days: Sequence[date]
    returns: Sequence[float]


@require_safe
def portfolio_risk(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """`?period=` is one of the picker's; amounts are nowhere on this page."""
    portfolio = portfolio_of(request, pk)
    picker = picker_of(request, services.first_day(portfolio), usual=Period.ONE)
    peer = peer_of(portfolio)
    ctx = book_context(request, portfolio, "Risk", "risk") | {
        "picker": picker,
        "until": picker.span.until,
        "peer": peer,
    }
    try:
        ctx |= _risk(_read(portfolio, picker, peer), picker, peer)
    except NoRateError as error:
        ctx["reason"] = str(error)
    return render_page(request, "portfolio/portfolio_risk.html", ctx, partial="risk")


def _read(portfolio: Any, picker: Picker, peer: Peer) -> Book:
    beside = [peer.instrument] if peer.instrument else []
    return services.book_of(portfolio, until=picker.span.until, since=picker.span.opened, beside=beside)


def _risk(book: Book, picker: Picker, peer: Peer) -> dict[str, Any]:
    measured = services.measure_book(book, since=picker.span.opened, benchmark=peer.instrument)
    found = session_returns(measured.days)
    if not found:
        return {"reason": measured.reason or "There was no session with holdings in this period."}
    sessions = Sessions(found[0][0], [on for _, on, _ in found], measured.returns)
    falls = risk.drawdown_episodes(sessions.returns, sessions.days, sessions.opened)
    beside = measured.benchmark if any(not math.isnan(value) for value in measured.benchmark) else []
    rate = book.portfolio.risk_free_rate
    return {
        "from_on": sessions.opened,
        "measured": measured,
        "headlines": [*_own(measured, rate), *_beside(measured, beside, peer, rate)],
        "falls": falls[:FALLS_SHOWN],
        "under_water": _under_water(sessions, falls),
        "rolling": _rolling(sessions, beside, peer, rate),
        "window": QUARTER,
    } | _sources(book, sessions)


def _own(measured: Measured, rate: float) -> list[Headline]:
    returns = measured.returns
    excess = f"Mean of daily returns over the risk-free rate ({rate * 100:.2f} % a year), divided by"
    shortfall = risk.expected_shortfall
    said = [
        ("volatility", "Volatility", "Sample deviation of daily returns, times √252.", risk.volatility(returns)),
        ("fall", "Deepest fall", "Largest loss from a highest point of the wealth curve.", risk.max_drawdown(returns)),
        ("var95", "Value at risk, 95 %", "On one day in twenty the return was lower.", risk.value_at_risk(returns)),
        ("cvar95", "Expected shortfall, 95 %", "The mean return of those days (CVaR).", shortfall(returns)),
        ("var99", "Value at risk, 99 %", "On one day in a hundred it was lower.", risk.value_at_risk(returns, 0.99)),
        ("cvar99", "Expected shortfall, 99 %", "The mean return of those days.", shortfall(returns, 0.99)),
    ]
    ratios = [
        Headline("sharpe", "Sharpe ratio", f"{excess} their sample deviation, times √252.",
                 risk.sharpe_ratio(returns, rate), "number", FEW, "risk-sharpe"),
        Headline("sortino", "Sortino ratio", f"{excess} the downside deviation of all days, times √252.",
                 risk.sortino_ratio(returns, rate), "number", "Too few sessions, or none with a loss",
                 "risk-sortino"),
    ]  # fmt: skip
    return [
        *(Headline(key, name, words, value, "percent", FEW, f"risk-{key}") for key, name, words, value in said),
        *ratios,
    ]


def _beside(measured: Measured, other: Sequence[float], peer: Peer, rate: float) -> list[Headline]:
    """Without a benchmark each of them is N/A, with the reason."""
    mine = measured.returns
    values = [figure(mine, other) if other else None for figure in (risk.beta, risk.correlation, risk.tracking_error)]
    jensen = risk.alpha(mine, other, rate) if other else None
    name = peer.symbol
    return [
        Headline("alpha", f"Alpha to {name}", "Jensen's: what the mean return left over beta times the benchmark's "
                 "excess, compounded to a year.", jensen, "change", peer.missing, "risk-alpha"),
        Headline("beta", f"Beta to {name}", "Covariance with the benchmark's daily returns over their variance.",
                 values[0], "number", peer.missing, "risk-beta"),
        Headline("correlation", f"Correlation to {name}", "Pearson's, of the days that both know.", values[1], "number",
                 peer.missing, "risk-correlation"),
        Headline("tracking", "Tracking error", "Volatility of our daily return less the benchmark's.", values[2],
                 "percent", peer.missing, "risk-tracking"),
    ]  # fmt: skip


def _under_water(sessions: Sessions, falls: Sequence[risk.Drawdown]) -> Chart:
    depths = risk.drawdowns(sessions.returns)
    now = f"{abs(depths[-1]) * 100:.1f} % below its highest point now" if depths[-1] < 0 else "at its highest point now"
    words = f"{len(falls)} falls in {len(sessions.days)} sessions; {now}."
    label = "How far the portfolio lay below its highest point so far; the falls are in the table below"
    return Chart("water", label, words, [line("Below the peak", sessions.days, depths, tone="down", area=True)])


def _rolling(sessions: Sessions, other: Sequence[float], peer: Peer, rate: float) -> list[Chart]:
    """Nothing where the period is shorter than the window."""
    if len(sessions.returns) < QUARTER:
        return []
    volatility = rolling_volatility(sessions.returns)
    known = volatility[~np.isnan(volatility)]
    words = f"Between {known.min() * 100:.1f} % and {known.max() * 100:.1f} %, {known[-1] * 100:.1f} % at the end."
    ratios = [line("Sharpe ratio", sessions.days, rolling_sharpe(sessions.returns, rate), form="number")]
    named = "Sharpe ratio of each quarter of sessions."
    if other:
        beta = rolling_beta(sessions.returns, other)
        ratios.append(line(f"Beta to {peer.symbol}", sessions.days, beta, form="number", tone="warning"))
        named = f"Sharpe ratio and beta to {peer.symbol} of each quarter of sessions."
    return [
        Chart(
            "rolling", "Volatility of each quarter of sessions", words, [line("Volatility", sessions.days, volatility)]
        ),
        Chart("ratios", "Ratios of each quarter of sessions", named, ratios),
    ]


def _sources(book: Book, sessions: Sessions) -> dict[str, Any]:
    """Of what is held on the last day: each position's part of the risk, and how the largest move together."""
    held = [one for one in services.positions_of(book) if one.value_base]
    held.sort(key=lambda one: -(one.value_base or 0))
    whole = float(sum((one.value_base or 0 for one in held), services.cash_in_base(book)))
    if not held or not whole:
        return {"parts": [], "matrix": []}
    series = [book.series[one.instrument] for one in held]
    returns = matrix_returns(close_matrix(series, book.rate, [sessions.opened, *sessions.days]))
    weights = [float(one.value_base or 0) / whole for one in held]
    found = risk.risk_contributions(weights, returns)
    total = float(found.sum())
    named = [book.named[one.instrument] for one in held]
    parts = [
        RiskPart(instrument, weight, float(part), float(part) / total if total else math.nan)
        for instrument, weight, part in zip(named, weights, found, strict=True)
    ]
    beside = risk.correlations(returns[:, :BESIDE_EACH_OTHER]).tolist()
    matrix = [(one, row) for one, row in zip(named[:BESIDE_EACH_OTHER], beside, strict=True)]
    return {"parts": sorted(parts, key=lambda part: -part.part), "parts_total": total, "matrix": matrix}
