"""Search over everything traded."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.market.models import Instrument
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import limited

MOST = 20


@require_safe
@limited("120/m")
def instrument_search(request: OrganizationRequest) -> HttpResponse:
    """By symbol or the beginning of a word of the name."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    found = list(Instrument.objects.matching(query).select_related("quote")[:MOST])
    ctx = {"query": query, "results": found, "title": "Search", "crumbs": [("War Room", "/"), ("Search", None)]}
    return render_page(request, "market/instrument_search.html", ctx, partial="results")
