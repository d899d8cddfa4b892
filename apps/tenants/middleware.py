"""Host -> organization -> search_path and role, and what the browser is told about the answer (ADR 0008)."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.middleware.security import SecurityMiddleware
from django.shortcuts import render
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context

from apps.tenants.backend.base import NoOrganization
from apps.tenants.backend.connections import connection
from apps.tenants.backend.keys import schema_in_context
from apps.tenants.models import Domain, Organization, Standing, url_of

GetResponse = Callable[[HttpRequest], HttpResponse]
CACHE_SECONDS = 5.0  # a suspended organization is refused within this time
MOST_HOSTS = 4096
_HOST = re.compile(r"([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*)\.?(?::([1-9][0-9]{0,4}))?", re.ASCII | re.IGNORECASE)
_LONGEST_NAME = 253
_SECRET = 20  # random characters of a form's secret: the rest is its mark
_LONGEST_QUERY = 6_000  # no page of ours asks for more; servers hang up from 16 KB


@dataclass(frozen=True, slots=True)
class Place:
    """Where a host name leads: to an organization's pages, or (an earlier name) on to its primary host."""

    organization: Organization
    leads_on: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found while the hosts had this fingerprint; believed for a while, then compared."""

    fingerprint: str
    until: float
    places: dict[str, Place | None]


_known = _Known("", 0.0, {})


def place_of(host: str) -> Place | None:
    """What a host name leads to; None when nobody has it. Remembered until a host or an organization changes."""
    places = _places()
    if host not in places:
        with schema_context("public"):
            domain = Domain.objects.select_related("tenant").filter(domain=host).first()
        places[host] = Place(domain.tenant, domain.redirects) if domain else None
    return places[host]


def _places() -> dict[str, Place | None]:
    """A change brings another dictionary: who asked before it writes what it found into the old one.

    One question every five seconds, however many hosts: a look at each would be most of a page's cost.
    """
    global _known
    if _known.until <= time.monotonic():
        with schema_context("public"):
            fingerprint = Domain.objects.fingerprint()
        kept = fingerprint == _known.fingerprint and len(_known.places) < MOST_HOSTS
        _known = _Known(fingerprint, time.monotonic() + CACHE_SECONDS, _known.places if kept else {})
    return _known.places


def organization_of(host: str) -> Organization | None:
    """The organization whose pages are served under this very host name."""
    place = place_of(host)
    return place.organization if place and not place.leads_on else None


def compare_hosts() -> None:
    """Ask at the next look whether any host or organization has changed, however long ago the last one was."""
    global _known
    _known = replace(_known, until=0.0)


def forget_hosts() -> None:
    """Ask the database again for every host (after a change of hosts in this process)."""
    global _known
    _known = _Known("", 0.0, {})


def host_name(value: str) -> str:
    """`ACME.example.com:8000` and `acme.example.com.` are `acme.example.com`; what is no host name is ``."""
    match = _HOST.fullmatch(value)
    if match is None or len(match[1]) > _LONGEST_NAME or int(match[2] or 1) > 65535:
        return ""
    return match[1].lower()


def canonical_host(host: str) -> str:
    """The one host that answers for this one: `www.` is left out, and an earlier name leads on."""
    bare = host.removeprefix("www.")
    if bare == settings.BASE_DOMAIN:
        return bare
    place = place_of(host)
    if place is None and bare != host and (place := place_of(bare)):
        host = bare
    return place.organization.host if place and place.leads_on else host


def is_canonical(value: str) -> bool:
    """True for a Host header that is spelled as its canonical host: lower case, no dot at its end."""
    return value.partition(":")[0] == canonical_host(host_name(value))


class HostMiddleware:
    """Refuses what is no host of ours before anything else reads it; nothing is logged, nothing is looked at.

    ALLOWED_HOSTS knows the platform's own hosts. A customer's own domain is vouched for here, by its row.

    .. warning:: stands before everything that calls get_host(), SecurityMiddleware included.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.security = SecurityMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """400 for a header that names no host, two hosts or somebody else's, for an absolute URI and for a form in
        another encoding; 414 for a query that is too long."""
        try:
            return self._answer(request)
        finally:
            give_back()

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if len(request.META.get("QUERY_STRING", "")) > _LONGEST_QUERY:
            return self.security.process_response(request, render(request, "414.html", status=414))
        value = request.META.get("HTTP_HOST", "")
        host = host_name(value)
        is_ours = host == settings.BASE_DOMAIN or host.endswith(f".{settings.BASE_DOMAIN}")
        is_asked_well = request.path_info.startswith("/") and is_readable(request)
        if not (host and is_asked_well and (is_ours or place_of(host))):
            return self.security.process_response(request, render(request, "400.html", status=400))
        if not is_ours:
            request.get_host = lambda: value  # type: ignore[method-assign]
        return self.get_response(request)


def is_readable(request: HttpRequest) -> bool:
    """False for a body in another encoding: Django refuses it, and its page of that refusal reads the form again."""
    return request.encoding is None or request.encoding.lower() == "utf-8"


def give_back() -> None:
    """The connection goes back into its pool before the answer leaves.

    Django does it after that; a client who goes away first ends the request there, and the connection is lost for good.
    """
    if "pool" in connection.settings_dict["OPTIONS"]:
        connection.close()


class OrganizationMiddleware:
    """Enters the organization of the host; leaves the thread as it was, a new one working for nobody.

    .. warning:: stands before sessions and everything else that reads a table.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Whatever the answer, the connection is given back as it was."""
        before = connection.tenant
        try:
            return self._answer(request, request.get_host())
        finally:
            # A fresh connection stands in `public`, which no request may leave behind.
            connection.set_tenant(before if before.schema_name != "public" else NoOrganization())

    def _answer(self, request: HttpRequest, value: str) -> HttpResponse:
        host = host_name(value)
        is_named = is_canonical(value)
        organization = organization_of(host) if is_named else None
        if organization is not None and organization.standing == Standing.ACTIVE:
            request.tenant = request.organization = organization  # type: ignore[attr-defined]
            connection.set_tenant(organization)
            return self.get_response(request)
        connection.set_schema_to_public()
        if not is_named:
            return lead_on(request, host)
        if organization is not None:
            return resting(request, organization)
        if host != settings.BASE_DOMAIN:
            return render(request, "tenants/no_organization.html", {"title": "No organization"}, status=404)
        request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        return self.get_response(request)


def lead_on(request: HttpRequest, host: str) -> HttpResponse:
    """The same page at the canonical host. Never permanent: browsers would keep it when the name is somebody else's."""
    url = url_of(canonical_host(host))
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse(f"Nothing was changed. The address is {url}", status=421, content_type="text/plain")
    response = HttpResponseRedirect(url.removesuffix("/") + request.get_full_path())
    response.headers["Cache-Control"] = "no-store"
    return response


def resting(request: HttpRequest, organization: Organization) -> HttpResponse:
    """What everybody is answered while an organization is suspended or closing: calm, and whom to ask."""
    ctx = {
        "title": "Not open now",
        "organization": organization,
        "contact": settings.OPERATOR_CONTACT,
        "colleague": import_string(settings.HOUSE_CONTACT)(organization),
    }
    response = render(request, "tenants/resting.html", ctx, status=403)
    response.headers["Cache-Control"] = "no-store"
    response.headers["HX-Refresh"] = "true"  # a part of a page that htmx asked for becomes this page
    return response


ENTRANCE = "/accounts/enter/"


class ExactOriginMiddleware:
    """Unsafe methods from another host are refused, a sibling organization's included.

    One form of an organization's host may come from the public host: the hand-over, whose token is its proof.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A missing Origin is left to the CSRF check."""
        origin = request.headers.get("Origin")
        if (
            request.method not in {"GET", "HEAD", "OPTIONS"}
            and origin
            and not is_own_origin(origin, request.get_host())
            and not (request.path == ENTRANCE and is_own_origin(origin, public_host(request)))
        ):
            return HttpResponse("This form was sent from another site.", status=403, content_type="text/plain")
        return self.get_response(request)


def public_host(request: HttpRequest) -> str:
    """The public host as this browser reaches it, with the port if there is one."""
    _, colon, port = request.get_host().rpartition(":")
    return settings.BASE_DOMAIN + (f":{port}" if colon else "")


def is_own_origin(origin: str, host: str) -> bool:
    """True if `origin` is exactly the scheme, host and port that this host is served under."""
    return origin == f"{'https' if settings.HTTPS else 'http'}://{host.lower()}"


class FormTokenMiddleware:
    """A form's token is good at the host that its page came from: the secret in the cookie carries the schema's mark.

    .. warning:: stands before Django's own, which compares cookie and form and knows no organization.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A secret from elsewhere is replaced before anybody reads it: what was sent with it does not match."""
        given = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
        if given != form_secret(given[:_SECRET]):
            request.COOKIES[settings.CSRF_COOKIE_NAME] = form_secret(get_random_string(_SECRET))
        return self.get_response(request)


def form_secret(random: str) -> str:
    """Of the schema in context, in the letters and the length that Django's cookie has."""
    mark = salted_hmac("forms", f"{schema_in_context()}:{random}", algorithm="sha256").hexdigest()
    return random + mark[: CSRF_SECRET_LENGTH - _SECRET]


class SignedInPagesMiddleware:
    """A signed-in page is stored by no cache, and not shown by the back button after signing out.

    What is the same for everybody at a host (its logo and colours) says so itself.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Static files are answered before this middleware."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response
