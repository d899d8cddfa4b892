"""How a portfolio did over a period: returns, what made them, and their risk."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.market.models import Instrument
from apps.portfolio import risk, services
from apps.portfolio.models import Portfolio
from apps.portfolio.performance import linked_return, wealth_index, yearly_return
from apps.portfolio.periods import Period, opening_day
from apps.portfolio.services import Measured
from apps.portfolio.views.rows import page_context
from apps.tenants.http import OrganizationRequest, render_page

LEVEL = 0.95
FULL_YEAR = 365


@dataclass(frozen=True, slots=True)
class Part:
    """An instrument's part of the return; without one it is that of cash."""

    instrument: Instrument | None
    part: float


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One figure of risk with its definition; a share is written as a percentage."""

    name: str
    value: float
    words: str
    is_share: bool = True


@require_safe
def portfolio_performance(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """`?period=` is one of the picker's; any other is the year to date."""
    portfolio = get_object_or_404(Portfolio.objects.visible_to(request.user), pk=pk)
    asked = request.GET.get("period", "")
    period = Period(asked) if asked in set(Period) else Period.YEAR
    until = services.market_day()
    benchmark = Instrument.objects.listed().by_symbols([settings.BENCHMARK]).first()
    measured = services.measure_portfolio(portfolio, since=opening_day(period, until), until=until, benchmark=benchmark)
    crumbs = ("Portfolios", reverse("portfolio_list")), (portfolio.name, portfolio.get_absolute_url())
    ctx = page_context("Performance", *crumbs) | {
        "portfolio": portfolio,
        "period": period,
        "periods": list(Period),
        "shows_amounts": request.user.sees_amounts,
        "until": until,
    }
    return render_page(
        request, "portfolio/portfolio_performance.html", ctx | _figures(measured, benchmark), partial="performance"
    )


def _figures(measured: Measured, benchmark: Instrument | None) -> dict[str, Any]:
    returns = measured.returns
    total = measured.twr.value
    beside = linked_return(value for value in measured.benchmark if not math.isnan(value)) if benchmark else None
    has_peer = bool(beside is not None and measured.benchmark and not any(map(math.isnan, measured.benchmark)))
    return {
        "measured": measured,
        "opened_on": measured.days[0].on if measured.days else None,
        "yearly": _yearly(total, measured),
        "benchmark": benchmark,
        "benchmark_symbol": settings.BENCHMARK,
        "benchmark_return": beside if has_peer else None,
        "relative": (1 + total) / (1 + beside) - 1 if has_peer and beside is not None and total is not None else None,
        "lines": [[100.0, 100.0], wealth_index(returns), *([wealth_index(measured.benchmark)] if has_peer else [])],
        "months": _months(measured),
        "parts": [Part(instrument, part) for instrument, part in measured.contributions],
        "risk": _risk(returns, measured.benchmark if has_peer else []),
        "bridge_rows": _bridge(measured),
    }


def _bridge(measured: Measured) -> list[tuple[str, Decimal]]:
    made = measured.bridge
    paid = "Paid in, less taken out" if measured.keeps_cash else "Bought, less sold and paid out"
    rows = [("Value at the start", made.start), (paid, made.flows), ("Prices", made.price), ("Income", made.income)]
    return [*rows, ("Currencies", made.fx), ("Fees", -made.fees), ("Taxes", -made.taxes)]


def _yearly(total: float | None, measured: Measured) -> float | None:
    length = (measured.days[-1].on - measured.days[0].on).days if measured.days else 0
    return yearly_return(total, length) if total is not None and length >= FULL_YEAR else None


def _risk(returns: Sequence[float], benchmark: Sequence[float]) -> list[RiskRow]:
    """NaN is written as N/A."""
    below = "Mean excess over the downside deviation of all days, times √252"
    rows = [
        RiskRow("Volatility", risk.volatility(returns), "Sample standard deviation of daily returns, times √252"),
        RiskRow("Deepest fall", risk.max_drawdown(returns), "Largest loss from a highest point of the wealth curve"),
        RiskRow(
            "Sharpe ratio", risk.sharpe_ratio(returns), "Mean over deviation, times √252; no risk-free rate", False
        ),
        RiskRow("Sortino ratio", risk.sortino_ratio(returns), below, False),
        RiskRow("Value at risk, 95 %", risk.value_at_risk(returns, LEVEL), "Historical: one day in twenty was worse"),
        RiskRow("Expected shortfall, 95 %", risk.expected_shortfall(returns, LEVEL), "The mean of those worse days"),
    ]
    if benchmark:
        rows.append(RiskRow("Beta", risk.beta(returns, benchmark), "Covariance over the benchmark's variance", False))
        rows.append(RiskRow("Correlation", risk.correlation(returns, benchmark), "With the benchmark's days", False))
    return rows


def _months(measured: Measured) -> list[tuple[date, float]]:
    """The return of each month that the period touches, the newest first."""
    found: dict[date, list[float]] = {}
    for day, value in zip(measured.days[1:], measured.daily, strict=True):
        found.setdefault(day.on.replace(day=1), []).append(value)
    return [(month, linked_return(values)) for month, values in sorted(found.items(), reverse=True)]
