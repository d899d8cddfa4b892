"""What every page of one portfolio has: the portfolio itself, its tabs, and a period where it has one."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse

from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.models import Portfolio
from apps.portfolio.periods import Period, Span, span_of, years_since
from apps.portfolio.views.rows import page_context
from apps.tenants.http import OrganizationRequest


@dataclass(frozen=True, slots=True)
class Picker:
    """The period shown and those offered; `kept` is what else the address says and goes on saying."""

    span: Span
    years: tuple[str, ...]
    kept: tuple[tuple[str, str], ...] = ()
    periods: tuple[Period, ...] = tuple(Period)

    @property
    def is_other(self) -> bool:
        """A year or days of one's own."""
        return self.span.key not in set(Period)

    @property
    def more(self) -> str:
        """The rest of an address that begins with a period."""
        return f"&{urlencode(self.kept)}" if self.kept else ""


@dataclass(frozen=True, slots=True)
class Headline:
    """A key figure: its name, its definition, and the value or why there is none.

    `form` is how it is written: `percent`, `change` (signed percent), `money`, `gain` (signed money), `number` (two
    places) or `count`. `trail` is the figure that its link to "why" names; none where the member may not see what it is
    made of.
    """

    key: str
    name: str
    words: str
    value: Any
    form: str = "percent"
    reason: str = ""
    trail: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """What a portfolio is held against: its symbol, and the instrument where the market knows it."""

    symbol: str
    instrument: Instrument | None

    @property
    def missing(self) -> str:
        """Why there is no figure of it."""
        return f"There are no prices of {self.symbol} for this period."


def portfolio_of(request: OrganizationRequest, pk: UUID) -> Portfolio:
    """The portfolio of an address; 404 unless the member sees it."""
    return get_object_or_404(Portfolio.objects.visible_to(request.user), pk=pk)


def picker_of(
    request: OrganizationRequest, first: date | None, usual: Period = Period.YEAR, kept: tuple[str, ...] = ()
) -> Picker:
    """The period that the address asks for; `first` is the first day of which there is anything."""
    until = services.market_day()
    span = span_of(request.GET.dict(), until, usual)
    rest = tuple((name, request.GET[name]) for name in kept if request.GET.get(name))
    return Picker(span, tuple(map(str, years_since(first or until, until))), rest)


def peer_of(portfolio: Portfolio) -> Peer:
    """The benchmark; where the market does not know it, figures beside it are N/A."""
    found = services.benchmark_of(portfolio)
    return Peer(found.symbol if found else settings.BENCHMARK, found)


def book_context(request: OrganizationRequest, portfolio: Portfolio, title: str, here: str) -> dict[str, Any]:
    """Title, breadcrumbs and tabs of a page of one portfolio."""
    crumbs = ("Portfolios", reverse("portfolio_list")), (portfolio.name, portfolio.get_absolute_url())
    return page_context(title, *crumbs, portfolio=portfolio, here=here, shows_amounts=request.user.sees_amounts)
