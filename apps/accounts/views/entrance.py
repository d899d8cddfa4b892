"""The door of an organization's host for those whom the public host hands over."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.accounts import services
from apps.accounts.models import User
from apps.accounts.views.sign_in import start_session
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import client_address
from apps.tenants.services import HandOverRefusedError, redeem_hand_over


@csrf_exempt  # the form comes from the public host; its one-use token is the proof, and its Origin is asked for
@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def enter(request: OrganizationRequest) -> HttpResponse:
    """Signs in the person whom a hand-over names, once. GET changes nothing."""
    if request.method == "GET":
        return render_page(request, "accounts/entrance_closed.html", {"title": "Sign in"})
    try:
        hand_over = redeem_hand_over(_token_of(request), request.organization)
        user = User.objects.get(pk=hand_over.user_id, is_active=True)
    except (HandOverRefusedError, User.DoesNotExist):
        return render_page(request, "accounts/entrance_closed.html", {"title": "Sign in"}, status=403)
    if hand_over.support_grant_id or user.is_support:
        return _visit(request, hand_over.support_grant_id, user)
    if user.last_login is None:
        _welcome(request)
    return start_session(request, user, redirect_url=_path_of(request))


def _visit(request: OrganizationRequest, grant_id: UUID | None, visitor: User) -> HttpResponse:
    """An operator's session rests on the customer's grant, and ends with it."""
    try:
        if grant_id is None:
            raise services.SupportError
        grant = services.begin_visit(
            organization=request.organization, grant_id=grant_id, visitor=visitor, address=client_address(request)
        )
    except services.SupportError:
        return render_page(request, "accounts/entrance_closed.html", {"title": "Sign in"}, status=403)
    response = start_session(request, visitor)
    request.session[services.GRANT_KEY] = str(grant.pk)
    request.session.set_expiry(grant.expires_at)
    services.forget_surroundings()
    return response


def _token_of(request: HttpRequest) -> str:
    """Only a browser that says where the form comes from is believed; the middleware has compared it."""
    return request.POST.get("token", "") if request.headers.get("Origin") else ""


def _path_of(request: HttpRequest) -> str:
    """A page of this very host, else the dashboard."""
    path = request.POST.get("next", "/")
    own = url_has_allowed_host_and_scheme(path, {request.get_host()}, require_https=request.is_secure())
    return path if own else reverse("dashboard")


def _welcome(request: OrganizationRequest) -> None:
    """To the first person on the first day: the dashboard is full already, one thing is left to do."""
    text = '<span>{} is ready. <a href="{}">Add a passkey</a>, and the next sign-in needs no password.</span>'
    messages.info(request, format_html(text, request.organization, reverse("settings_security")))
