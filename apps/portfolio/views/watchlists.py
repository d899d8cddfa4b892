"""Watchlists: looking, adding, removing, reordering."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.errors import MemberError
from apps.accounts.models import House
from apps.accounts.permissions import Permission, require
from apps.portfolio import actors, services
from apps.portfolio.errors import NameTakenError
from apps.portfolio.forms import SymbolForm, WatchlistForm
from apps.portfolio.models import Watchlist, WatchlistItem
from apps.portfolio.views.rows import live_topics, page_context
from apps.tenants.http import OrganizationRequest, render_page, wants_partial
from apps.tenants.services.quotas import QuotaError

HOME = "War Room"


@require_safe
def watchlist_detail(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """One list with its live rows."""
    watchlist = get_object_or_404(Watchlist.objects.visible_to(request.user), pk=pk)
    return _page(request, watchlist, SymbolForm())


@require_http_methods(["GET", "POST"])
@require(Permission.WATCHLIST_EDIT)
def watchlist_create(request: OrganizationRequest) -> HttpResponse:
    """A new list of the member's own, shared or private."""
    form = WatchlistForm(request.POST or None, initial={"shared": House.current().shares_by_default})
    if form.is_valid():
        try:
            return redirect(services.create_watchlist(owner=request.user, **form.cleaned_data))
        except NameTakenError as error:
            form.add_error("name", str(error))
        except MemberError as error:
            raise PermissionDenied from error
    ctx = page_context("New watchlist", (HOME, reverse("dashboard")), form=form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render_page(request, "portfolio/watchlist_create.html", ctx, partial="form", status=status)


@require_POST
def watchlist_select(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """The dashboard shows this list from now on."""
    watchlist = get_object_or_404(Watchlist.objects.visible_to(request.user), pk=pk)
    services.select_watchlist(user=request.user, watchlist=watchlist)
    return redirect("dashboard")


@require_POST
@require(Permission.WATCHLIST_EDIT)
def watchlist_item_add(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Puts a symbol at the end of the list."""
    watchlist = get_object_or_404(Watchlist.objects.editable_by(request.user), pk=pk)
    form = SymbolForm(request.POST)
    if not form.is_valid():
        return _page(request, watchlist, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        services.add_to_watchlist(
            watchlist=watchlist,
            instrument=form.cleaned_data["instrument"],
            note=form.cleaned_data["note"],
            by=request.user,
        )
    except QuotaError as error:
        form.add_error("symbol", str(error))
        return _page(request, watchlist, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    actors.fetch_when_new(form.cleaned_data["instrument"])
    actors.note_demand()
    return _changed(request, watchlist)


@require_POST
@require(Permission.WATCHLIST_EDIT)
def watchlist_item_remove(request: OrganizationRequest, pk: UUID, item: UUID) -> HttpResponse:
    """Takes one symbol off the list."""
    watchlist = get_object_or_404(Watchlist.objects.editable_by(request.user), pk=pk)
    services.remove_from_watchlist(item=get_object_or_404(WatchlistItem, watchlist=watchlist, pk=item))
    actors.note_demand()
    return _changed(request, watchlist)


@require_POST
@require(Permission.WATCHLIST_EDIT)
def watchlist_item_move(request: OrganizationRequest, pk: UUID, item: UUID) -> HttpResponse:
    """One place up or down."""
    watchlist = get_object_or_404(Watchlist.objects.editable_by(request.user), pk=pk)
    found = get_object_or_404(WatchlistItem.objects.select_related("watchlist"), watchlist=watchlist, pk=item)
    try:
        direction = services.Direction(request.POST.get("direction", ""))
    except ValueError:
        return HttpResponseBadRequest("direction is up or down")
    services.move_item(item=found, direction=direction)
    return _changed(request, watchlist)


def _changed(request: OrganizationRequest, watchlist: Watchlist) -> HttpResponse:
    """The new table where htmx asks, else the list's page."""
    return _page(request, watchlist, SymbolForm()) if wants_partial(request) else redirect(watchlist)


def _page(
    request: OrganizationRequest, watchlist: Watchlist, form: SymbolForm, status: int = HTTPStatus.OK
) -> HttpResponse:
    rows = watchlist.lines()
    ctx: dict[str, Any] = page_context(watchlist.name, (HOME, reverse("dashboard"))) | {
        "watchlist": watchlist,
        "rows": rows,
        "form": form,
        "may_edit": request.user.may(Permission.WATCHLIST_EDIT),
        "live_topics": live_topics(request, [row.instrument for row in rows]),
    }
    return render_page(request, "portfolio/watchlist_detail.html", ctx, partial="table", status=status)
