"""Bringing in a file: uploaded, mapped, looked at, recorded, undone."""

from http import HTTPStatus
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.permissions import Permission, require
from apps.portfolio import actors
from apps.portfolio.forms.imports import UploadForm
from apps.portfolio.imports.encodings import UnreadableFileError
from apps.portfolio.models import Import, Portfolio
from apps.portfolio.models.imports import State
from apps.portfolio.services import importing
from apps.portfolio.services.importing import TooLargeError
from apps.portfolio.views.importing import context_of, crumbs_of, import_of
from apps.portfolio.views.mapping import mapping_page
from apps.portfolio.views.previewing import preview_page
from apps.portfolio.views.rows import page_context
from apps.tenants.http import OrganizationRequest, render_page, wants_partial
from apps.tenants.ratelimits import limited
from apps.tenants.services.quotas import QuotaError

IMPORTS_A_PAGE = 20
TOO_LARGE, UNFIT = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRANSACTION_CREATE)
@limited("60/m")
def import_list(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """What was brought into a portfolio, and a form for the next file."""
    portfolio = get_object_or_404(Portfolio.objects.editable_by(request.user), pk=pk)
    if not request.user.sees_amounts:
        raise PermissionDenied("A file is full of amounts, which are not part of your view.")
    status, form = HTTPStatus.OK, UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        imported, status = _uploaded(request, portfolio, form)
        if imported is not None:
            return redirect(imported)
    page = Paginator(portfolio.imports.select_related("by"), IMPORTS_A_PAGE).get_page(request.GET.get("page"))
    ctx = page_context("Import", *crumbs_of(portfolio)) | {"portfolio": portfolio, "form": form, "page": page}
    return render_page(request, "portfolio/import_list.html", ctx, partial="upload", status=status)


def _uploaded(request: OrganizationRequest, portfolio: Portfolio, form: UploadForm) -> tuple[Import | None, HTTPStatus]:
    if not form.is_valid():
        return None, UNFIT
    try:
        upload = form.cleaned_data["file"]
        return importing.upload_import(portfolio=portfolio, upload=upload, by=request.user), HTTPStatus.OK
    except (UnreadableFileError, QuotaError, TooLargeError) as error:
        form.add_error("file", str(error))
        return None, TOO_LARGE if isinstance(error, TooLargeError) else UNFIT


@require_safe
@require(Permission.TRANSACTION_CREATE)
def import_detail(request: OrganizationRequest, pk: UUID, batch: UUID) -> HttpResponse:
    """Whatever comes next: the mapping, how far the job is, the preview, or what came of it."""
    imported = import_of(request, pk, batch)
    if imported.is_working:
        return render_page(request, "portfolio/import_progress.html", context_of(imported), partial="progress")
    if wants_partial(request) and "poll" in request.GET:
        return HttpResponse(headers={"HX-Refresh": "true"})
    if imported.state == State.MAPPING:
        return mapping_page(request, imported, context_of(imported))
    if imported.state == State.READY:
        return preview_page(request, imported, context_of(imported))
    return render_page(request, "portfolio/import_result.html", context_of(imported), partial="result")


@require_POST
@require(Permission.TRANSACTION_CREATE)
def import_record(request: OrganizationRequest, pk: UUID, batch: UUID) -> HttpResponse:
    """Records what is new; rows that cannot be stay out only when the member says so."""
    imported = import_of(request, pk, batch)
    stays_out = any(imported.counts.get(status) for status in ("error", "symbol"))
    if stays_out and request.POST.get("without_the_rest") != "on":
        refused = "Some rows cannot be recorded: say that the others shall be recorded without them."
        return preview_page(request, imported, context_of(imported), refused=refused)
    if importing.start_recording(imported, by=request.user):
        actors.send_import(imported)
    return redirect(imported)


@require_POST
@require(Permission.TRANSACTION_CREATE)
def import_undo(request: OrganizationRequest, pk: UUID, batch: UUID) -> HttpResponse:
    """Takes every row of it out of the ledger again."""
    imported = import_of(request, pk, batch)
    if importing.start_undoing(imported):
        actors.send_import(imported)
    return redirect(imported)


@require_POST
@require(Permission.TRANSACTION_CREATE)
def import_again(request: OrganizationRequest, pk: UUID, batch: UUID) -> HttpResponse:
    """Back to the mapping."""
    imported = import_of(request, pk, batch)
    importing.map_again(imported)
    return redirect(imported)


@require_POST
@require(Permission.TRANSACTION_CREATE)
def import_remove(request: OrganizationRequest, pk: UUID, batch: UUID) -> HttpResponse:
    """Throws the file away; the ledger is not touched."""
    imported = import_of(request, pk, batch)
    if not importing.remove_import(imported):
        return redirect(imported)
    return redirect("import_list", pk=imported.portfolio_id)
