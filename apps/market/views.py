"""Search over everything traded, and symbols that it does not know yet."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.permissions import Permission, require
from apps.market import actors, services
from apps.market.forms import SymbolRequestForm
from apps.market.models import FoundRow, find_instruments
from apps.market.search import SymbolError, clean_symbol
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import limited
from apps.tenants.tasks import send_or_wait

LONGEST = 80


@require_safe
@limited("240/m")
def instrument_search(request: OrganizationRequest) -> HttpResponse:
    """By symbol, name (one typo is forgiven) or a stored ISIN; the best twenty."""
    typed = request.GET.get("q", "")[:LONGEST]
    query = typed.replace("\x00", "").strip()
    found = find_instruments(query)
    ctx = _page("Search") | {"query": query, "results": found} | _offer(typed, found, request)
    return render_page(request, "market/instrument_search.html", ctx, partial="options")


@require_http_methods(["GET", "POST"])
@require(Permission.WATCHLIST_EDIT)
@limited("60/h")
def symbol_request(request: OrganizationRequest) -> HttpResponse:
    """Takes up a symbol that search does not know; a job asks the source about it."""
    form = SymbolRequestForm(request.POST or None, initial={"symbol": request.GET.get("symbol", "")[:LONGEST]})
    if form.is_valid():
        instrument, is_to_ask = services.request_symbol(form.cleaned_data["symbol"])
        if is_to_ask:
            send_or_wait(actors.check_symbol, instrument.pk)
        return redirect(instrument)
    ctx = _page("Add a symbol", ("Search", reverse("instrument_search"))) | {"form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render_page(request, "market/symbol_request.html", ctx, partial="form", status=status)


def _page(title: str, *above: tuple[str, str]) -> dict[str, Any]:
    return {"title": title, "crumbs": [("War Room", reverse("dashboard")), *above, (title, None)]}


def _offer(typed: str, found: Iterable[FoundRow], request: OrganizationRequest) -> dict[str, str]:
    """The symbol that could be added: nothing found bears it, and it does not read like the beginning of a name.

    Where nothing was found and it can be no symbol either, the reason.
    """
    try:
        symbol = clean_symbol(typed)
    except SymbolError as error:
        return {"reason": "" if found or not typed.strip() else str(error)}
    is_known = any(one.symbol == symbol for one in found)
    reads_like_a_name = bool(found) and typed.strip().isalpha() and not typed.strip().isupper()
    is_offered = request.user.may(Permission.WATCHLIST_EDIT) and not is_known and not reads_like_a_name
    return {"offer": symbol if is_offered else ""}
