"""Portfolios: the list, one with its positions, and what is recorded in it."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.errors import MemberError
from apps.accounts.models import House
from apps.accounts.permissions import Permission, require
from apps.portfolio import actors, services
from apps.portfolio.errors import LedgerError
from apps.portfolio.forms import PortfolioForm, TransactionForm
from apps.portfolio.lots import InsufficientPositionError
from apps.portfolio.models import Portfolio, Transaction
from apps.portfolio.views.rows import figures_of, live_topics, page_context, positions_for, totals_for
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.services.quotas import QuotaError

PORTFOLIOS_A_PAGE, TRANSACTIONS_A_PAGE = 25, 50
RECENT_REPORTS = 5
LIST = "Portfolios"


@require_safe
def portfolio_list(request: OrganizationRequest) -> HttpResponse:
    """What the member may see, with what it is worth."""
    listed = Paginator(Portfolio.objects.visible_to(request.user).select_related("owner"), PORTFOLIOS_A_PAGE)
    page = listed.get_page(request.GET.get("page"))
    portfolios = list(page)
    valuations = services.value_portfolios(portfolios)
    ctx = page_context(LIST) | {
        "page": page,
        "figures": figures_of(valuations.values(), request.user),
        "shows_amounts": request.user.sees_amounts,
        "may_create": request.user.may(Permission.PORTFOLIO_EDIT),
        "live_topics": live_topics(request, [], portfolios),
    }
    return render_page(request, "portfolio/portfolio_list.html", ctx, partial="table")


@require_http_methods(["GET", "POST"])
@require(Permission.PORTFOLIO_EDIT)
def portfolio_create(request: OrganizationRequest) -> HttpResponse:
    """A new, empty portfolio."""
    suggested = {"shared": House.current().shares_by_default}
    form = PortfolioForm(request.POST or None, initial=suggested)
    if form.is_valid():
        try:
            return redirect(services.create_portfolio(owner=request.user, **form.cleaned_data))
        except IntegrityError:
            form.add_error("name", "You have a portfolio of this name.")
        except MemberError as error:
            raise PermissionDenied from error
    ctx = page_context("New portfolio", (LIST, reverse("portfolio_list")), form=form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render_page(request, "portfolio/portfolio_create.html", ctx, partial="form", status=status)


@require_safe
def portfolio_detail(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Positions and totals that move, transactions and reports."""
    portfolio = get_object_or_404(Portfolio.objects.visible_to(request.user), pk=pk)
    valuation = services.value_portfolios([portfolio])[portfolio.pk]
    instruments = [position.instrument for position in valuation.positions]
    ctx = page_context(portfolio.name, (LIST, reverse("portfolio_list"))) | {
        "portfolio": portfolio,
        "positions": positions_for(request.user, valuation.positions),
        "totals": totals_for(request.user, valuation.totals),
        "as_of_on": valuation.as_of_on,
        "live_topics": live_topics(request, instruments, [portfolio]),
        "may_edit": request.user.may(Permission.TRANSACTION_CREATE),
        "may_report": request.user.may(Permission.REPORT_CREATE),
    }
    return render_page(
        request, "portfolio/portfolio_detail.html", ctx | _ledger(request, portfolio), partial="positions"
    )


@require_http_methods(["GET", "POST"])
@require(Permission.TRANSACTION_CREATE)
def transaction_create(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """One ledger entry; one that cannot be true comes back with the reason."""
    portfolio = get_object_or_404(Portfolio.objects.editable_by(request.user), pk=pk)
    form = TransactionForm(request.POST or None)
    if form.is_valid():
        try:
            services.record_transaction(portfolio=portfolio, by=request.user, **form.cleaned_data)
            actors.note_demand()
            return redirect(portfolio)
        except LedgerError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except QuotaError as error:
            form.add_error(None, str(error))
        except InsufficientPositionError as error:  # its words name the quantity held
            form.add_error(None, str(error) if request.user.sees_amounts else "Less than that is held on that day.")
    crumbs = (LIST, reverse("portfolio_list")), (portfolio.name, portfolio.get_absolute_url())
    ctx = page_context("Record a transaction", *crumbs, portfolio=portfolio, form=form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render_page(request, "portfolio/transaction_create.html", ctx, partial="form", status=status)


def _ledger(request: OrganizationRequest, portfolio: Portfolio) -> dict[str, Any]:
    """Recent reports and a page of transactions; quantities are amounts."""
    reports = list(portfolio.reports.visible_to(request.user).with_portfolio()[:RECENT_REPORTS])
    if not request.user.sees_amounts:
        return {"reports": reports, "shows_amounts": False, "transactions": [], "page": None}
    entries = Paginator(Transaction.objects.of(portfolio), TRANSACTIONS_A_PAGE)
    page = entries.get_page(request.GET.get("page"))
    return {"reports": reports, "shows_amounts": True, "transactions": page, "page": page}
