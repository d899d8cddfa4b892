"""How a portfolio did over a period: returns, what made them, and their risk."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.market.models import Instrument
from apps.portfolio import risk, services
from apps.portfolio.allocation import Share
from apps.portfolio.models import Portfolio
from apps.portfolio.performance import linked_return, wealth_index, yearly_return
from apps.portfolio.services import Measured
from apps.portfolio.views.books import Headline, Peer, book_context, peer_of, picker_of, portfolio_of
from apps.portfolio.views.groups import By, asked_group, groups_of
from apps.tenants.http import OrganizationRequest, render_page

LEVEL = 0.95
FULL_YEAR = 365
BEFORE_TAXES = "before"
GROUPS = (By.SECTOR, By.COUNTRY, By.CURRENCY, By.ASSET_CLASS)


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
    figure: str
    is_share: bool = True


@require_safe
def portfolio_performance(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """`?period=`, `?taxes=before` and `?by=` as the pickers say; what they do not know is the usual."""
    portfolio = portfolio_of(request, pk)
    picker = picker_of(request, services.first_day(portfolio), kept=("taxes", "by"))
    peer = peer_of(portfolio)
    before_taxes = request.GET.get("taxes") == BEFORE_TAXES
    measured = services.measure_portfolio(
        portfolio,
        since=picker.span.opened,
        until=picker.span.until,
        benchmark=peer.instrument,
        before_taxes=before_taxes,
    )
    ctx = book_context(request, portfolio, "Performance", "performance") | {
        "picker": picker,
        "until": picker.span.until,
        "before_taxes": before_taxes,
        "asked": f"{picker.span.days}&taxes={BEFORE_TAXES}" if before_taxes else picker.span.days,
        "by": asked_group(request.GET.get("by", "")),
        "groupings": GROUPS,
    }
    ctx |= _figures(portfolio, measured, peer, shows_amounts=request.user.sees_amounts) | {
        "groups": _groups(measured, ctx["by"], portfolio.base_currency)
    }
    return render_page(request, "portfolio/portfolio_performance.html", ctx, partial="performance")


def _figures(portfolio: Portfolio, measured: Measured, peer: Peer, *, shows_amounts: bool) -> dict[str, Any]:
    total = measured.twr.value
    beside, lines = _beside(measured), [[100.0, 100.0], wealth_index(measured.returns)]
    if beside is not None:
        lines.append(wealth_index(measured.benchmark))
    return {
        "measured": measured,
        "from_on": measured.days[0].on if measured.days else None,
        "headlines": _headlines(measured, peer, beside, shows_amounts=shows_amounts),
        "peer": peer,
        "total": total,
        "benchmark_return": beside,
        "lines": lines,
        "months": _months(measured),
        "parts": [Part(instrument, part) for instrument, part in measured.contributions],
        "risk": _risk(measured.returns, measured.benchmark if beside is not None else [], portfolio.risk_free_rate),
        "bridge_rows": _bridge(measured),
    }


def _beside(measured: Measured) -> float | None:
    """What the benchmark made over the same sessions; None where one of its closes is not known."""
    is_known = measured.benchmark and not any(map(math.isnan, measured.benchmark))
    return linked_return(measured.benchmark) if is_known else None


def _headlines(measured: Measured, peer: Peer, beside: float | None, *, shows_amounts: bool) -> list[Headline]:
    total, why = measured.twr.value, measured.twr.why
    relative = (1 + total) / (1 + beside) - 1 if total is not None and beside is not None else None
    linked = "Daily returns (value + out) / (value before + in), linked: what was paid in or taken out does not count."
    return [
        Headline("twr", "Time-weighted return", linked, total, "change", why, "twr"),
        Headline("yearly", "Per year", "(1 + R) to the power of 365 / days, less one; not given under one year.",
                 _yearly(measured), "change", "Under one year", "yearly"),
        Headline("xirr", "Money-weighted, per year", "XIRR, actual/365: the yearly rate at which all flows and the "
                 "value at the end balance.", measured.xirr.value, "change", measured.xirr.why,
                 "xirr" if shows_amounts else ""),
        Headline("peer", f"{peer.symbol}, price only", "What its closes made over the same sessions, in the "
                 "portfolio's currency; dividends are not counted.", beside, "change", peer.missing,
                 "peer"),
        Headline("relative", "Against it", "(1 + ours) / (1 + benchmark's) less one.", relative, "change",
                 "There is nothing to compare with", "relative"),
    ]  # fmt: skip


def _groups(measured: Measured, by: By, base_currency: str) -> list[Any]:
    """Parts of the return by group; values play no role."""
    shares = [
        (Share(instrument and instrument.pk, None, part), instrument) for instrument, part in measured.contributions
    ]
    return sorted(groups_of(shares, by, base_currency), key=lambda group: -group.part)


def _bridge(measured: Measured) -> list[tuple[str, Decimal, str]]:
    """Words, amount, and the figure whose trail it opens."""
    made = measured.bridge
    paid = "Paid in, less taken out" if measured.keeps_cash else "Bought, less sold and paid out"
    return [
        ("Value at the start", made.start, "bridge-start"),
        (paid, made.flows, "bridge-flows"),
        ("Prices", made.price, "bridge-price"),
        ("Income", made.income, "bridge-income"),
        ("Currencies", made.fx, "bridge-fx"),
        ("Fees", -made.fees, "bridge-fees"),
        ("Taxes", -made.taxes, "bridge-taxes"),
    ]


def _yearly(measured: Measured) -> float | None:
    total, length = measured.twr.value, 0
    if measured.days:
        length = (measured.days[-1].on - measured.days[0].on).days
    return yearly_return(total, length) if total is not None and length >= FULL_YEAR else None


def _risk(returns: Sequence[float], benchmark: Sequence[float], rate: float) -> list[RiskRow]:
    """NaN is written as N/A."""
    below = "Mean excess over the downside deviation of all days, times √252"
    spread = "Sample standard deviation of daily returns, times √252"
    fall = "Largest loss from a highest point of the wealth curve"
    mean = f"Mean over {rate * 100:.2f} % a year, over deviation, times √252"
    rows = [
        RiskRow("Volatility", risk.volatility(returns), spread, "risk-volatility"),
        RiskRow("Deepest fall", risk.max_drawdown(returns) if returns else math.nan, fall, "risk-fall"),
        RiskRow("Sharpe ratio", risk.sharpe_ratio(returns, rate), mean, "risk-sharpe", is_share=False),
        RiskRow("Sortino ratio", risk.sortino_ratio(returns, rate), below, "risk-sortino", is_share=False),
        RiskRow("Value at risk, 95 %", risk.value_at_risk(returns, LEVEL), "One day in twenty was worse", "risk-var"),
        RiskRow("Expected shortfall, 95 %", risk.expected_shortfall(returns, LEVEL), "Their mean", "risk-cvar"),
    ]
    if benchmark:
        beta, together = "Covariance over the benchmark's variance", "With the benchmark's days"
        rows.append(RiskRow("Beta", risk.beta(returns, benchmark), beta, "risk-beta", is_share=False))
        rows.append(
            RiskRow("Correlation", risk.correlation(returns, benchmark), together, "risk-correlation", is_share=False)
        )
    return rows


def _months(measured: Measured) -> list[tuple[date, float]]:
    """The return of each month that the period touches, the newest first."""
    found: dict[date, list[float]] = {}
    for day, value in zip(measured.days[1:], measured.daily, strict=True):
        found.setdefault(day.on.replace(day=1), []).append(value)
    return [(month, linked_return(values)) for month, values in sorted(found.items(), reverse=True)]
