"""Everything that a portfolio has, to take home; for members who see amounts."""

from http import HTTPStatus
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from apps.market.currencies import NoRateError
from apps.portfolio.documents import csv_of, json_of, write_xlsx
from apps.portfolio.models import Portfolio
from apps.portfolio.services import exporting
from apps.portfolio.views.importing import crumbs_of
from apps.portfolio.views.rows import page_context
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import limited

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
EVERYTHING = "everything"


@require_safe
def portfolio_export(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Which files there are."""
    portfolio = _exported(request, pk)
    files = [(name, name.capitalize(), list(TYPES)) for name in exporting.SHEETS]
    files.append((EVERYTHING, "Everything", ["json", "xlsx"]))
    ctx = page_context("Export", *crumbs_of(portfolio)) | {"portfolio": portfolio, "files": files}
    return render_page(request, "portfolio/portfolio_export.html", ctx)


@require_safe
@limited("30/m")
def portfolio_export_file(request: OrganizationRequest, pk: UUID, what: str, form: str) -> HttpResponseBase:
    """One table, or all of them; 409 with the reason where a figure has no rate."""
    portfolio = _exported(request, pk)
    names = list(exporting.SHEETS) if what == EVERYTHING else [what]
    if form not in TYPES or not set(names) <= set(exporting.SHEETS) or (form == "csv" and len(names) > 1):
        raise Http404
    try:
        file = _file(portfolio, names, form)
    except NoRateError as error:
        return HttpResponse(str(error), status=HTTPStatus.CONFLICT, content_type="text/plain; charset=utf-8")
    name = f"{slugify(portfolio.name) or 'portfolio'}-{what}-{timezone.localdate():%Y-%m-%d}.{form}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[form])
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _exported(request: OrganizationRequest, pk: UUID) -> Portfolio:
    portfolio = get_object_or_404(Portfolio.objects.visible_to(request.user), pk=pk)
    if not request.user.sees_amounts:
        raise PermissionDenied("An export is full of amounts, which are not part of your view.")
    return portfolio


def _file(portfolio: Portfolio, names: list[str], form: str) -> IO[bytes]:
    """Written whole before the answer begins: no reading goes on after the organization was left."""
    sheets = (exporting.sheet_of(portfolio, name) for name in names)
    file = TemporaryFile()  # noqa: SIM115 - closed by the answer, when it was sent
    if form == "xlsx":
        write_xlsx(file, sheets)
    else:
        about = {"portfolio": portfolio.name, "base_currency": portfolio.base_currency}
        parts = csv_of(next(sheets)) if form == "csv" else json_of(about, sheets)
        file.writelines(part.encode() for part in parts)
    file.seek(0)
    return file
