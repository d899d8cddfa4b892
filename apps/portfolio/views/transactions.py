"""The ledger of one portfolio: its entries, one of them with its history, and what changes or takes it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.permissions import Permission, require
from apps.market.models import Instrument
from apps.portfolio import actors, services
from apps.portfolio.errors import LedgerError
from apps.portfolio.forms.editing import EntryFilterForm, EntryForm
from apps.portfolio.lots import InsufficientPositionError
from apps.portfolio.models import LedgerEdit, Portfolio, Transaction
from apps.portfolio.views.books import book_context, portfolio_of
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.services.quotas import QuotaError

ENTRIES_A_PAGE, RECENT_EDITS, EDITS_SHOWN = 50, 8, 50
REFUSALS = (LedgerError, InsufficientPositionError, QuotaError)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in the list; `entry`, which holds the amounts, is None for members without them."""

    on: date
    kind: str
    instrument: Instrument | None
    entry: Transaction | None


@dataclass(frozen=True, slots=True)
class EditRow:
    """One act upon an entry and what it changed: (column, before, after)."""

    edit: LedgerEdit
    changes: list[tuple[str, Any, Any]]
    may_undo: bool


@require_safe
def portfolio_transactions(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """`?kind=`, `?symbol=`, `?since=` and `?until=` narrow the list; newest first."""
    portfolio, form = portfolio_of(request, pk), EntryFilterForm(request.GET)
    sees, may_edit = request.user.sees_amounts, request.user.may(Permission.TRANSACTION_CREATE)
    entries = Transaction.objects.of(portfolio).filter(**form.lookups())
    page = Paginator(entries, ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    kept = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    edits = LedgerEdit.objects.of(portfolio)[:RECENT_EDITS] if sees else []
    ctx = book_context(request, portfolio, "Transactions", "transactions") | {
        "form": form,
        "count": page.paginator.count,
        "pages": {"number": page.number, "last": page.paginator.num_pages, "more": f"&{urlencode(kept)}"},
        "rows": [EntryRow(e.traded_on, e.get_kind_display(), e.instrument, e if sees else None) for e in page],
        "edits": [_row(edit, may_edit) for edit in edits],
        "may_edit": may_edit,
    }
    return render_page(request, "portfolio/portfolio_transactions.html", ctx, partial="transactions")


@require_safe
def transaction_detail(request: OrganizationRequest, pk: UUID, entry: UUID) -> HttpResponse:
    """An entry and all that was ever done to it, with a form for members who may change it."""
    portfolio = portfolio_of(request, pk)
    return _page(request, portfolio, EntryForm(None, _entry_of(request, portfolio, entry)))


@require_POST
@require(Permission.TRANSACTION_CREATE)
def transaction_change(request: OrganizationRequest, pk: UUID, entry: UUID) -> HttpResponse:
    """Other values for an entry; those that cannot be true come back with the reason."""
    portfolio = _open_to(request, pk)
    form = EntryForm(request.POST, _entry_of(request, portfolio, entry))
    if form.is_valid():
        form.entry.version = form.cleaned_data["version"]
        try:
            services.change_transaction(form.entry, by=request.user, **form.fields_of_entry())
        except REFUSALS as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, str(error))
        else:
            actors.note_demand()
            messages.success(request, "The entry is changed. Its history below can undo it.")
            return redirect("transaction_detail", pk=pk, entry=entry)
    return _page(request, portfolio, form, HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@require(Permission.TRANSACTION_CREATE)
def transaction_delete(request: OrganizationRequest, pk: UUID, entry: UUID) -> HttpResponse:
    """Takes an entry out of the ledger; the list offers to bring it back."""
    found = _entry_of(request, _open_to(request, pk), entry)
    seen = request.POST.get("version", "")
    found.version = int(seen) if seen.isascii() and seen.isdigit() else 0
    words = "The entry is deleted. The last changes below can undo it."
    if _done(request, lambda: services.delete_transaction(found, by=request.user), words):
        return redirect("portfolio_transactions", pk=pk)
    return redirect("transaction_detail", pk=pk, entry=entry)


@require_POST
@require(Permission.TRANSACTION_CREATE)
def transaction_undo(request: OrganizationRequest, pk: UUID, edit: UUID) -> HttpResponse:
    """The ledger as it was before one act; undoing is an act like any other."""
    portfolio = _open_to(request, pk)
    found = get_object_or_404(LedgerEdit.objects.of(portfolio), pk=edit)
    _done(request, lambda: services.undo_edit(found, by=request.user), "The change is undone.")
    return redirect("portfolio_transactions", pk=pk)


def _done(request: OrganizationRequest, act: Callable[[], object], words: str) -> bool:
    try:
        act()
    except REFUSALS as error:
        messages.error(request, str(error))
        return False
    actors.note_demand()
    messages.success(request, words)
    return True


def _open_to(request: OrganizationRequest, pk: UUID) -> Portfolio:
    return get_object_or_404(Portfolio.objects.editable_by(request.user), pk=pk)


def _entry_of(request: OrganizationRequest, portfolio: Portfolio, key: UUID) -> Transaction:
    if not request.user.sees_amounts:
        raise PermissionDenied("An entry is full of amounts, which are not part of your view.")
    return get_object_or_404(Transaction.objects.of(portfolio), pk=key)


def _page(
    request: OrganizationRequest, portfolio: Portfolio, form: EntryForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    may_edit = request.user.may(Permission.TRANSACTION_CREATE)
    ctx = book_context(request, portfolio, "Transaction", "transaction")
    ctx["crumbs"].insert(-1, ("Transactions", reverse("portfolio_transactions", args=[portfolio.pk])))
    edits = LedgerEdit.objects.of(portfolio).to(form.entry.pk)[:EDITS_SHOWN]
    ctx |= {"entry": form.entry, "edits": [_row(edit, may_edit) for edit in edits], "may_edit": may_edit, "form": form}
    return render_page(request, "portfolio/transaction_detail.html", ctx, partial="form", status=status)


def _row(edit: LedgerEdit, may_edit: bool) -> EditRow:
    before, after = edit.before or {}, edit.after or {}
    names = [name for name in (after or before) if before.get(name) != after.get(name)]
    shown = [name for name in names if not name.endswith(("id", "_at")) or name == "instrument_id"]
    changes = [(name.removesuffix("_id").replace("_", " "), before.get(name), after.get(name)) for name in shown]
    said = [change for change in changes if change[1] or change[2]]
    return EditRow(edit, said, may_edit and not hasattr(edit, "undone"))
