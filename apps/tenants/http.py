"""The typed request, the one way in which a page or a part of it is answered, and views that ask again who it is."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.csp import CSP
from django.utils.http import content_disposition_header
from django.views.decorators.csp import csp_override
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.tenants.models import Organization

REAUTHENTICATED_SECONDS = 300.0
# Chromium asks form-action of the page that a form's answer leads to, too: here an organization's host.
LEADS_ELSEWHERE: dict[str, Any] = settings.SECURE_CSP | {
    "form-action": [CSP.SELF, f"{'https' if settings.HTTPS else 'http'}://*.{settings.BASE_DOMAIN}:*"]
}
_BLOCK = 256 * 1024


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


@csp_override(LEADS_ELSEWHERE)
def lead_into(request: HttpRequest, organization: "Organization", token: str, path: str = "/") -> HttpResponse:
    """From the public host into an organization, with the token of `open_hand_over`; ends at `path` there.

    The token travels in a form's body: it is in no address, no Referer and no log. The page's own address stays
    here, but the organization's host must see which host the form came from: hence the policy.
    """
    ctx = {"title": organization.name, "organization": organization, "token": token, "path": path}
    response = render(request, "tenants/hand_over.html", ctx)
    response.headers["Referrer-Policy"] = "strict-origin"
    add_never_cache_headers(response)
    return response


def recently_authenticated(request: HttpRequest) -> bool:
    """True if password, second factor or mailed link were shown in this session within five minutes."""
    user: Any = request.user
    records = get_authentication_records(request, user if user.is_authenticated else None)
    return any(record["at"] > time.time() - REAUTHENTICATED_SECONDS for record in records)


def reauthenticated[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """A view (or a method that takes a request) which asks again who it is, unless that was answered just now."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        request = next(arg for arg in args if isinstance(arg, HttpRequest))
        if recently_authenticated(request):
            return view(*args, **kwargs)
        return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': _way_back(request)})}")

    return guarded


def _way_back(request: HttpRequest) -> str:
    """A form is not sent again behind somebody's back: its page is shown anew."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return urlsplit(request.headers.get("Referer", "")).path or "/"


def stream_file(request: HttpRequest, path: Path, *, name: str, content_type: str) -> StreamingHttpResponse:
    """A file of any size, a block at a time under either kind of server; kept by no cache.

    Django reads a plain iterator to its end before an ASGI server sends the first byte of it.
    """
    blocks = _blocks_later(path) if isinstance(request, ASGIRequest) else _blocks(path)
    headers = {
        "Content-Length": str(path.stat().st_size),
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(blocks, content_type=content_type, headers=headers)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


async def _blocks_later(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := await asyncio.to_thread(file.read, _BLOCK):
            yield block
