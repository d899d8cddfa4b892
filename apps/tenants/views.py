"""The front page of the public host, and the answer to who may not or asks too often."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csp import csp_override
from django_ratelimit.exceptions import Ratelimited

from apps.tenants.http import LEADS_ELSEWHERE, render_page
from apps.tenants.models import SUBDOMAIN, Organization


@csp_override(LEADS_ELSEWHERE)
@login_not_required
def front_page(request: HttpRequest) -> HttpResponse:
    """Sends members to their organization's host; whether one exists is told there, not here."""
    subdomain = request.GET.get("organization", "").strip().lower()
    if SUBDOMAIN.match(subdomain):
        return HttpResponseRedirect(Organization(subdomain=subdomain).url)
    ctx = {
        "title": "Stock Intelligence",
        "subdomain": subdomain,
        "refused": bool(subdomain),
        "may_sign_up": settings.SIGNUP == "open",
    }
    return render_page(request, "tenants/front_page.html", ctx, status=422 if subdomain else 200)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 403 page, or 429 where a rate limit refused."""
    if isinstance(exception, Ratelimited):
        return render(request, "429.html", status=429)
    return render(request, "403.html", status=403)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF refusal, in the product's own words: most often a tab that was open for long."""
    return render(request, "403.html", status=403)
