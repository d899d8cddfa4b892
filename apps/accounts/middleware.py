"""What the choices of a member and of the house mean for a request: clock, brand, what a session must have shown."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from dramatiq.errors import BrokerConnectionError
from redis.exceptions import RedisError

from apps.accounts import services
from apps.accounts.models import House
from apps.accounts.services import surroundings
from apps.tenants.backend.connections import connection
from apps.tenants.ratelimits import client_address

GetResponse = Callable[[HttpRequest], HttpResponse]
ENROLMENT = {
    "factor_required",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "sso_reauthenticate",
    "sso_callback",
    "logout",
    "healthz",
    "readyz",
}

VISITORS_TOO = {"logout", "brand_logo", "brand_style", "healthz", "readyz"}
ABOUT_PEOPLE = ("apps.accounts.", "apps.tenants.", "allauth.")

logger = logging.getLogger(__name__)


class MemberMiddleware:
    """Pages show times in the member's (or operator's) time zone and carry the organization's brand."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The public host has no surroundings. They are asked for now: under ASGI a page of an error is rendered in a
        thread that works for nobody."""
        if hasattr(request, "organization"):
            request.surroundings = surroundings()  # type: ignore[attr-defined]
        with _clock_of(request):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., object], *_: object) -> HttpResponse | None:
        """A visitor of the platform reads while the customer lets them: no change, and no page about people."""
        user, name = request.user, request.resolver_match and request.resolver_match.url_name
        if not user.is_authenticated or not user.is_support:
            return None
        if services.running_grant(user, request.session.get(services.GRANT_KEY)) is None:
            request.session.flush()
            return redirect("login")
        changes = request.method not in {"GET", "HEAD", "OPTIONS"}
        if name not in VISITORS_TOO and (changes or view.__module__.startswith(ABOUT_PEOPLE)):
            raise PermissionDenied("A visitor reads, and changes nothing.")
        return None


def _clock_of(request: HttpRequest) -> AbstractContextManager[None]:
    """A zone that this machine does not know any more shows UTC."""
    if not request.user.is_authenticated:
        return nullcontext()
    try:
        return timezone.override(ZoneInfo(request.user.timezone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return nullcontext()


class SignInPolicyMiddleware:
    """Age of a session, the firm's provider, the second factor, the operators' networks."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """What the house asks for is asked for at every request: a policy holds from the moment it is saved."""
        return self._refusal(request) or self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Without its counters nobody signs in: guesses would be free. It heals by itself."""
        if not isinstance(exception, (RedisError, BrokerConnectionError)):
            return None
        logger.warning("%s is not answered, Valkey away: %s", request.path, exception)
        answer = render(request, "503.html", status=503)
        answer.headers["Retry-After"] = "10"
        return answer

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated:
            return None
        if connection.schema_name == "public":
            services.require_operators_network(client_address(request))
        house = House.current()
        if services.is_over(request.session, house) or services.must_use_provider(request, user, house):
            request.session.flush()
            messages.error(request, "Your session is over: sign in again.")
            return redirect("login")
        if services.lacks_factor(user, house) and _name_of(request) not in ENROLMENT:
            return redirect("factor_required")
        return None


def _name_of(request: HttpRequest) -> str | None:
    """What the address is called; an address that is none has no name."""
    try:
        return resolve(request.path_info, getattr(request, "urlconf", None)).url_name
    except Resolver404:
        return None
