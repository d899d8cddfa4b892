"""The customer's side of support access: who asks, who may look in, and the end of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import services
from apps.accounts.forms.support import GrantForm
from apps.accounts.models import SupportGrant, User
from apps.accounts.permissions import Permission, require
from apps.tenants import live
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import client_address, limited

A_PAGE = 20


@require_safe
@require(Permission.SUPPORT_DECIDE)
@limited("120/m")
def support_list(request: OrganizationRequest) -> HttpResponse:
    """Waiting and running on top, what was before below."""
    now = [*SupportGrant.objects.waiting(), *SupportGrant.objects.running()]
    before = SupportGrant.objects.exclude(pk__in=[grant.pk for grant in now])
    page = Paginator(before, A_PAGE).get_page(request.GET.get("page"))
    ctx = {
        "title": "Support access",
        "crumbs": [("Settings", None), ("Support access", None)],
        "open": [(grant, None if grant.granted else GrantForm(grant=grant)) for grant in now],
        "page": page,
    }
    return render_page(request, "accounts/support_list.html", ctx)


@require_POST
@require(Permission.SUPPORT_DECIDE)
@limited("30/m")
def support_grant(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Lets the operator look in, from now on, for some hours."""
    grant = get_object_or_404(SupportGrant, pk=pk)
    form = GrantForm(request.POST, grant=grant)
    hours = form.cleaned_data["hours"] if form.is_valid() else 0
    return _done(request, pk, services.grant_support, "Granted. It can be ended at any time.", hours=hours)


@require_POST
@require(Permission.SUPPORT_DECIDE)
@limited("30/m")
def support_refuse(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Nobody looks in."""
    return _done(request, pk, services.refuse_support, "Refused.")


@require_POST
@require(Permission.SUPPORT_DECIDE)
@limited("30/m")
def support_end(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """The visitor's session and open pages end."""
    return _done(request, pk, services.end_support, "Ended. Nobody of the platform can look in.")


def _done(
    request: OrganizationRequest, pk: UUID, act: Callable[..., User | None], told: str, **how: Any
) -> HttpResponse:
    get_object_or_404(SupportGrant, pk=pk)
    address = client_address(request)
    try:
        visitor = act(organization=request.organization, grant_id=pk, by=request.user, address=address, **how)
    except services.SupportError as error:
        messages.error(request, str(error))
    else:
        if visitor:
            live.disconnect(live.user_topic(visitor))
        services.forget_surroundings()
        messages.success(request, told)
    return redirect("support_list")
