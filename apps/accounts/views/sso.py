"""The firm's own sign-in provider: set up by an owner, used by members."""

import time
from secrets import token_urlsafe
from urllib.parse import urlsplit

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from requests import RequestException

from apps.accounts import services
from apps.accounts.forms.sso import ProviderForm
from apps.accounts.models import SignInProvider
from apps.accounts.permissions import Permission, require
from apps.accounts.providers.openid import FirmConnection
from apps.tenants.http import OrganizationRequest, reauthenticated, render_page
from apps.tenants.ratelimits import client_address


@require(Permission.POLICY_EDIT)
@reauthenticated
def sso_edit(request: OrganizationRequest) -> HttpResponse:
    """One provider an organization; whoever sets it up decides who is let in, so it is asked who that is."""
    row = SignInProvider.objects.first()
    form = ProviderForm(request.POST or None, instance=row)
    if form.is_valid():
        services.save_provider(by=request.user, address=client_address(request), **form.cleaned_data)
        messages.success(request, "Single sign-on is saved.")
        return redirect("sso_edit")
    ctx = {
        "title": "Single sign-on",
        "crumbs": [("Settings", None), ("Single sign-on", None)],
        "form": form,
        "callback": f"{request.organization.url.rstrip('/')}/accounts/sso/callback/",
    }
    return render_page(request, "accounts/sso.html", ctx, status=422 if form.is_bound else 200)


@login_not_required
def begin(request: HttpRequest) -> HttpResponse:
    """Leaves for the provider by a page of our own: a form's answer may not lead to another host."""
    row = services.active_provider()
    if row is None or request.method != "POST":
        return redirect("login")
    return leave(request, row, AuthProcess.LOGIN, next_url=get_next_redirect_url(request))


def leave(
    request: HttpRequest, row: SignInProvider, process: str, *, next_url: str | None, **asked: str
) -> HttpResponse:
    """The page that leads to the provider; `asked` is said to it beside what OpenID Connect always says."""
    nonce = token_urlsafe(24)
    state = {"nonce": nonce, "began": time.time()}
    try:
        provider = get_adapter(request).get_provider(request, str(row.pk))
        answer = provider.redirect(request, process, next_url=next_url, auth_params={"nonce": nonce, **asked}, **state)
        url = answer.headers["Location"]
    except (RequestException, OAuth2Error, KeyError, ValueError):
        return _unreachable(request)
    if urlsplit(url).scheme != "https" and not settings.SSO_ALLOW_PRIVATE:
        return _unreachable(request)
    return render_page(request, "accounts/sso_leave.html", {"title": "To your provider", "url": url, "name": row.name})


@login_not_required
def callback(request: HttpRequest) -> HttpResponse:
    """What the provider says is verified by allauth and judged by our adapter."""
    row = services.active_provider()
    if row is None or request.method != "GET":
        return redirect("login")
    try:
        view = OAuth2CallbackView.adapter_view(FirmConnection(request, str(row.pk)))
        response: HttpResponse = view(request)
    except (KeyError, ValueError, TypeError):  # an answer in no known form
        return _unreachable(request)
    return response


def _unreachable(request: HttpRequest) -> HttpResponse:
    why = "Your provider does not answer as it should. Try again later, or ask an owner of your organization."
    return render(request, "accounts/sso_refused.html", {"title": "You are not signed in", "why": why}, status=502)
