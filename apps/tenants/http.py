"""The typed request and the one way in which a page or a part of it is answered."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.tenants.models import Organization


class OrganizationRequest(HttpRequest):
    """What the middlewares have made sure of when a view runs."""

    organization: "Organization"
    user: "User"
    htmx: HtmxDetails


def wants_partial(request: HttpRequest) -> bool:
    """True for htmx's own requests; a boosted link wants the page."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest, template: str, ctx: dict[str, Any], partial: str | None = None, status: int = 200
) -> HttpResponse:
    """The page, or the part that the *view* names where htmx asks for one."""
    name = f"{template}#{partial}" if partial and wants_partial(request) else template
    response = render(request, name, ctx, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
