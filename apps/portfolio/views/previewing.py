"""What a file would do to the ledger, row by row, before it does."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Permission, require
from apps.portfolio import actors
from apps.portfolio.forms.imports import SymbolsForm
from apps.portfolio.imports.layouts import FIELDS
from apps.portfolio.models import Import
from apps.portfolio.models.imports import Status
from apps.portfolio.services import importing
from apps.portfolio.views.importing import context_of, import_of
from apps.tenants.http import OrganizationRequest, render_page

ROWS_A_PAGE, MOST_KEYS = 50, 25


def preview_page(
    request: OrganizationRequest,
    imported: Import,
    ctx: dict[str, Any],
    *,
    symbols: SymbolsForm | None = None,
    refused: str = "",
) -> HttpResponse:
    """A page of rows of the status asked for, counts of all, and what must be said before they can be recorded."""
    status = request.GET.get("status", "")
    rows = imported.rows.filter(status=status) if status in Status.values else imported.rows.all()
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    ctx = ctx | {
        "page": page,
        "lines": [(row, FIELDS.get(row.about, "")) for row in page],
        "status": status if status in Status.values else "",
        "tabs": [(one.value, one.label, imported.counts.get(one.value, 0)) for one in Status],
        "new": imported.counts.get("new", 0),
        "stays_out": imported.counts.get("error", 0) + imported.counts.get("symbol", 0),
        "symbols": symbols or _symbols(imported),
        "refused": refused or imported.failure,
    }
    code = HTTPStatus.UNPROCESSABLE_ENTITY if refused or symbols else HTTPStatus.OK
    return render_page(request, "portfolio/import_preview.html", ctx, partial="preview", status=code)


def _symbols(imported: Import) -> SymbolsForm | None:
    if not imported.counts.get("symbol"):
        return None
    proposed = importing.proposed_symbols(imported, MOST_KEYS)
    return SymbolsForm(keys=list(proposed), proposed=proposed)


@require_POST
@require(Permission.TRANSACTION_CREATE)
def import_symbols(request: OrganizationRequest, pk: UUID, batch: UUID) -> HttpResponse:
    """Answers what the file's names mean; the file is read again with them."""
    imported = import_of(request, pk, batch)
    form = SymbolsForm(request.POST, keys=list(importing.proposed_symbols(imported, MOST_KEYS)))
    answers = form.answers() if form.is_valid() else {}
    if form.errors:
        return preview_page(request, imported, context_of(imported), symbols=form)
    if importing.start_reading(imported, importing.layout_of(imported), {**imported.symbols, **answers}):
        actors.send_import(imported)
    return redirect(imported)
