"""Reports: asking for one, seeing how far it is, taking it home."""

from http import HTTPStatus
from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.permissions import Permission, require
from apps.portfolio.models import Portfolio
from apps.reports import actors, live, services
from apps.reports.models import Report, Status
from apps.tenants.http import OrganizationRequest, render_page, wants_partial
from apps.tenants.live import sign_topics, user_topic
from apps.tenants.ratelimits import limited
from apps.tenants.services.quotas import QuotaError

REPORTS_A_PAGE = 30


@require_safe
def report_list(request: OrganizationRequest) -> HttpResponse:
    """Every report of the portfolios that the member sees, newest first."""
    return _page(request)


def _page(request: OrganizationRequest, refused: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    reports = Report.objects.visible_to(request.user).with_portfolio()
    page = Paginator(reports, REPORTS_A_PAGE).get_page(request.GET.get("page"))
    ctx = {
        "title": "Reports",
        "crumbs": [("Reports", None)],
        "reports": page,
        "refused": refused,
        "page": page,
        "portfolios": list(Portfolio.objects.visible_to(request.user)),
        "may_create": request.user.may(Permission.REPORT_CREATE),
        "live_topics": sign_topics(request, ["feed:clock", user_topic(request.user)]),
    }
    return render_page(request, "reports/report_list.html", ctx, partial="table", status=status)


@require_POST
@require(Permission.REPORT_CREATE)
@limited("30/m")
def report_create(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Asks for a statement of a portfolio; the worker builds it and its row says when it is ready."""
    portfolio = get_object_or_404(Portfolio.objects.visible_to(request.user), pk=pk)
    try:
        report = services.request_report(portfolio=portfolio, by=request.user)
    except QuotaError as error:
        return _refusal(request, str(error))
    actors.send_report(report)
    if wants_partial(request):
        return HttpResponse(live.report_cell(report))
    return redirect("report_list")


def _refusal(request: OrganizationRequest, words: str) -> HttpResponse:
    """As the first line of the list, where htmx asked; else on top of the page."""
    if wants_partial(request):
        ctx = {"refused": words}
        return render(request, "reports/cells.html#refused", ctx, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(request, words, HTTPStatus.UNPROCESSABLE_ENTITY)


@require_safe
def report_row(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """How far one report is."""
    report = get_object_or_404(Report.objects.visible_to(request.user).with_portfolio(), pk=pk)
    return HttpResponse(live.report_cell(report))


@require_safe
def report_download(request: OrganizationRequest, pk: UUID) -> FileResponse:
    """The file, for members who may see what it shows; never kept by a cache."""
    ready = Report.objects.visible_to(request.user).with_portfolio().filter(status=Status.READY)
    report = get_object_or_404(ready, pk=pk)
    name = f"{slugify(report.portfolio.name) or 'portfolio'}-{report.built_at:%Y-%m-%d}.pdf"
    response = FileResponse(report.file.open("rb"), as_attachment=True, filename=name)
    response["Content-Type"] = "application/pdf"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
