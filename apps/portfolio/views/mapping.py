"""How a file is read: shown as it was detected, changed by the member, kept for the next one."""

from collections.abc import Mapping as Words
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Permission, require
from apps.portfolio import actors
from apps.portfolio.forms.imports import ColumnsForm, FileForm
from apps.portfolio.imports.encodings import UnreadableFileError
from apps.portfolio.imports.layouts import Layout
from apps.portfolio.models import Import, Mapping
from apps.portfolio.services import importing
from apps.portfolio.views.importing import context_of, import_of
from apps.tenants.http import OrganizationRequest, render_page

BEGINNING = 8  # lines of the file that the page shows
MOST_MAPPINGS = 100


def mapping_page(
    request: OrganizationRequest,
    imported: Import,
    ctx: dict[str, Any],
    *,
    file_data: QueryDict | None = None,
    columns_data: QueryDict | None = None,
    refused: str = "",
) -> HttpResponse:
    """Both forms, with the first lines of the file as they are cut now."""
    layout, mappings = importing.layout_of(imported), list(Mapping.objects.all()[:MOST_MAPPINGS])
    beginning = importing.beginning_of(imported, BEGINNING)
    chosen: Words[str, Any] = {"source": f"preset:{layout.preset}", "encoding": layout.encoding}
    chosen = {**chosen, "delimiter": layout.delimiter, "header": layout.header}
    file_form = FileForm(file_data, mappings=mappings, initial=chosen)
    columns = ColumnsForm(columns_data, layout=layout, names=beginning.names, words=beginning.words)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if file_data or columns_data or refused else HTTPStatus.OK
    ctx = ctx | {
        "file_form": file_form,
        "columns_form": columns,
        "beginning": beginning,
        "mappings": mappings,
        "refused": refused or imported.failure or beginning.problem,
        "questions": layout.problems(beginning.names),
    }
    return render_page(request, "portfolio/import_mapping.html", ctx, partial="mapping", status=status)


@require_POST
@require(Permission.TRANSACTION_CREATE)
def import_file(request: OrganizationRequest, pk: UUID, batch: UUID) -> HttpResponse:
    """Cuts the file anew, by another encoding, separator, header, broker or saved mapping."""
    imported = import_of(request, pk, batch)
    form = FileForm(request.POST, mappings=list(Mapping.objects.all()[:MOST_MAPPINGS]))
    if not form.is_valid():
        return mapping_page(request, imported, context_of(imported), file_data=request.POST)
    try:
        importing.choose_file(imported, _chosen_layout(imported, form.cleaned_data), form.cleaned_data["source"])
    except UnreadableFileError as error:
        return mapping_page(request, imported, context_of(imported), refused=str(error))
    return redirect(imported)


def _chosen_layout(imported: Import, said: dict[str, Any]) -> Layout:
    kind, _, key = said["source"].partition(":")
    layout = (
        Layout.from_json(get_object_or_404(Mapping, pk=key).layout)
        if kind == "mapping"
        else importing.layout_of(imported)
    )
    cut = {name: said[name] for name in ("encoding", "delimiter", "header")}
    return Layout(**(layout.as_json() | cut))


@require_POST
@require(Permission.TRANSACTION_CREATE)
def import_columns(request: OrganizationRequest, pk: UUID, batch: UUID) -> HttpResponse:
    """The mapping is complete: the file is read by it."""
    imported = import_of(request, pk, batch)
    beginning = importing.beginning_of(imported, BEGINNING)
    form = ColumnsForm(request.POST, layout=importing.layout_of(imported), names=beginning.names, words=beginning.words)
    if not form.is_valid():
        return mapping_page(request, imported, context_of(imported), columns_data=request.POST)
    layout = Layout(**(importing.layout_of(imported).as_json() | form.chosen()))
    if said := layout.problems(beginning.names):
        words = " ".join(said)
        return mapping_page(request, imported, context_of(imported), columns_data=request.POST, refused=words)
    if form.cleaned_data["save_as"]:
        importing.save_mapping(name=form.cleaned_data["save_as"], layout=layout, by=request.user)
    if importing.start_reading(imported, layout):
        actors.send_import(imported)
    return redirect(imported)


@require_POST
@require(Permission.TRANSACTION_CREATE)
def mapping_forget(request: OrganizationRequest, mapping: UUID) -> HttpResponse:
    """A saved mapping goes; what was read by it stays."""
    importing.forget_mapping(get_object_or_404(Mapping, pk=mapping))
    back = request.POST.get("back", "")
    return redirect(back if back.startswith("/portfolios/") else reverse("portfolio_list"))
