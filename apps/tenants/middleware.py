"""Host -> organization -> search_path and role, and what the browser is told about the answer."""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_tenants.utils import schema_context

from apps.tenants.backend.base import NoOrganization
from apps.tenants.backend.connections import connection
from apps.tenants.models import Domain, Organization

GetResponse = Callable[[HttpRequest], HttpResponse]
CACHE_SECONDS = 5.0  # a suspended organization is refused within this time
_CACHE_SIZE = 4096
_cached: dict[str, tuple[float, Organization | None]] = {}


def organization_of(host: str) -> Organization | None:
    """The organization of a host name without port; None when there is none. Remembered for five seconds."""
    now = time.monotonic()
    known = _cached.get(host)
    if known and known[0] > now:
        return known[1]
    with schema_context("public"):
        domain = Domain.objects.select_related("tenant").filter(domain=host).first()
    organization = domain.tenant if domain else None
    if len(_cached) >= _CACHE_SIZE:
        _cached.clear()
    _cached[host] = (now + CACHE_SECONDS, organization)
    return organization


def forget_hosts() -> None:
    """Ask the database again for every host (after a change of hosts in this process)."""
    _cached.clear()


def bare_host(value: str) -> str:
    """`ACME.example.com:8000` and `acme.example.com.` are `acme.example.com`."""
    return value.rsplit(":", 1)[0].rstrip(".").lower() if not value.startswith("[") else value


class OrganizationMiddleware:
    """Enters the organization of the host; leaves the thread as it was, a new one working for nobody.

    .. warning:: stands before sessions and everything else that reads a table.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answers 404 on the spot for a host that nobody has."""
        host, before = bare_host(request.get_host()), connection.tenant
        try:
            if host == settings.BASE_DOMAIN:
                connection.set_schema_to_public()
                request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            else:
                organization = organization_of(host)
                if organization is None:
                    connection.set_schema_to_public()
                    return render(request, "tenants/no_organization.html", {"title": "No organization"}, status=404)
                request.tenant = request.organization = organization  # type: ignore[attr-defined]
                connection.set_tenant(organization)
            return self.get_response(request)
        finally:
            # A fresh connection stands in `public`, which no request may leave behind.
            connection.set_tenant(before if before.schema_name != "public" else NoOrganization())


class ExactOriginMiddleware:
    """Unsafe methods from another host are refused, a sibling organization's included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A missing Origin is left to the CSRF check."""
        origin = request.headers.get("Origin")
        if (
            request.method not in {"GET", "HEAD", "OPTIONS"}
            and origin
            and not is_own_origin(origin, request.get_host())
        ):
            return HttpResponse("This form was sent from another site.", status=403, content_type="text/plain")
        return self.get_response(request)


def is_own_origin(origin: str, host: str) -> bool:
    """True if `origin` is exactly the scheme, host and port that this host is served under."""
    return origin == f"{'https' if settings.HTTPS else 'http'}://{host.lower()}"


class SignedInPagesMiddleware:
    """A signed-in page is stored by no cache, and not shown by the back button after signing out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Static files are answered before this middleware."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store, private"
        return response
