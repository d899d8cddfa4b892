"""Why a figure is what it is: its trail, in a panel beside the page or as a page of its own."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from apps.portfolio.forms import TrailForm
from apps.portfolio.models import Portfolio
from apps.portfolio.periods import span_of
from apps.portfolio.services import market_day
from apps.portfolio.services.trails import Asked, trail_of
from apps.portfolio.trail.balance import net_present_value
from apps.portfolio.trail.folding import folded, pages_of
from apps.portfolio.trail.reading import as_data, sections
from apps.portfolio.trail.tree import Op, Step, without_amounts
from apps.portfolio.views.books import book_context, portfolio_of
from apps.portfolio.views.groups import asked_group, belongs_to
from apps.portfolio.views.performance import BEFORE_TAXES
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import limited


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is among the pages of a long trail; `query` is the figure's own."""

    number: int
    count: int
    address: str
    query: str


@require_safe
@limited("600/m")
def portfolio_why(request: OrganizationRequest, pk: UUID, figure: str) -> HttpResponse:
    """The figure is named in the address, what it is a figure of in the query."""
    portfolio = portfolio_of(request, pk)
    form = TrailForm(request.GET)
    if not form.is_valid():
        raise Http404
    root = trail_of(portfolio, _asked(request, portfolio, figure, form.cleaned_data))
    if root is None:
        raise Http404
    root = _seen_by(request, root)
    ctx = book_context(request, portfolio, root.name, "why") | _told(request, root, form.cleaned_data["page"] or 1)
    return render_page(request, "portfolio/portfolio_why.html", ctx, partial="trail")


def _asked(request: OrganizationRequest, portfolio: Portfolio, figure: str, given: dict[str, Any]) -> Asked:
    """What the address says, the period as the pages of a portfolio read it."""
    span = span_of(request.GET.dict(), market_day())
    return Asked(
        figure,
        span,
        given["of"],
        given["on"],
        given["after"],
        given["part"],
        before_taxes=given["taxes"] == BEFORE_TAXES,
        group=given["name"],
        is_member=belongs_to(asked_group(given["by"]), given["name"], portfolio.base_currency),
    )


def _seen_by(request: OrganizationRequest, root: Step) -> Step:
    """Without amounts, what is left of it; refused where nothing is."""
    if request.user.sees_amounts:
        return root
    seen = without_amounts(root)
    if seen is None:
        raise PermissionDenied("This figure is made of amounts, which are not part of your view.")
    return seen


def _told(request: OrganizationRequest, root: Step, page: int) -> dict[str, Any]:
    shown, query = folded(root, page), request.GET.copy()
    query.pop("page", None)
    return {
        "root": shown,
        "whys": request.path.rstrip("/").rpartition("/")[0] + "/",
        "sections": sections(shown),
        "data": as_data(shown),
        "pages": Pages(page, pages_of(root), request.path, query.urlencode()),
        "residual": net_present_value(root) if root.op is Op.XIRR else None,
    }
