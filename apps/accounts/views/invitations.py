"""Invitations: sent and taken back by those who manage members, accepted by whoever holds the mailed link."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_ratelimit.decorators import ratelimit

from apps.accounts import actors, services
from apps.accounts.errors import InvitationError
from apps.accounts.forms.members import AcceptForm, InvitationForm
from apps.accounts.models import Invitation, User
from apps.accounts.permissions import Permission, require
from apps.accounts.views.members import attempted, members_page, status_of
from apps.accounts.views.sign_in import start_session
from apps.tenants.http import OrganizationRequest, render_page, wants_partial
from apps.tenants.ratelimits import address_key, client_address, limited
from apps.tenants.services.quotas import QuotaError

LINK = "accounts/invitation_accept.html"


@require_POST
@require(Permission.MEMBER_MANAGE)
@limited("60/h")
def invitation_create(request: OrganizationRequest) -> HttpResponse:
    """Mails a link to somebody who may join."""
    form = InvitationForm(request.POST, by=request.user)
    if not attempted(form, lambda: _send(services.invite(**form.cleaned_data, **_from(request)))):
        return members_page(request, form, status_of(form))
    return _done(request, f"An invitation is on its way to {form.cleaned_data['email']}.")


@require_POST
@require(Permission.MEMBER_MANAGE)
@limited("60/h")
def invitation_resend(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """The same once more with a new link; the old one is worth nothing then."""
    invitation = get_object_or_404(Invitation.objects.waiting(), pk=pk)
    form = Form(request.POST)
    if not attempted(form, lambda: _send(services.resend_invitation(invitation=invitation, **_from(request)))):
        return members_page(request, InvitationForm(by=request.user), status_of(form), refusal=form)
    return _done(request, f"A new link is on its way to {invitation.email}.")


@require_POST
@require(Permission.MEMBER_MANAGE)
def invitation_revoke(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Its link is worth nothing from now on."""
    invitation = get_object_or_404(Invitation.objects.waiting(), pk=pk)
    form, address = Form(request.POST), client_address(request)
    if not attempted(form, lambda: services.revoke_invitation(invitation=invitation, by=request.user, address=address)):
        return members_page(request, InvitationForm(by=request.user), status_of(form), refusal=form)
    return _done(request, f"The invitation of {invitation.email} was taken back.")


@login_not_required
@never_cache
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "POST"])
@ratelimit(key=address_key, rate="60/15m", method="POST")
def invitation_accept(request: OrganizationRequest) -> HttpResponse:
    """Says who invites to what; with a name and a password the invited person is in, once."""
    token = request.POST.get("token", request.GET.get("token", ""))
    form = AcceptForm(request.POST or None, asks_for_password=services.asks_for_password())
    try:
        invitation = services.open_invitation(token=token, **_visit(request))
        if form.is_valid():
            return _welcome(request, form, token)
    except InvitationError as refusal:
        return _refusal(request, refusal)
    except ValidationError as weak:
        form.add_error("password", weak)
    except QuotaError as full:
        form.add_error(None, str(full))
    return _accept_page(request, invitation, form, token)


def _welcome(request: OrganizationRequest, form: AcceptForm, token: str) -> HttpResponse:
    given = {"name": form.cleaned_data["name"], "password": form.cleaned_data.get("password")}
    user = services.accept_invitation(organization=request.organization, token=token, **given, **_visit(request))
    if not user.has_usable_password():  # the firm's own provider says who it is
        return redirect("login")
    return start_session(request, user)


def _accept_page(request: OrganizationRequest, invitation: Invitation, form: AcceptForm, token: str) -> HttpResponse:
    ctx = {
        "title": f"Join {request.organization.name}",
        "invitation": invitation,
        "inviter": User.objects.filter(pk=invitation.invited_by_id).first(),
        "form": form,
        "token": token,
    }
    return render_page(request, "accounts/invitation_accept.html", ctx, status=status_of(form))


def _refusal(request: OrganizationRequest, refusal: InvitationError) -> HttpResponse:
    status = HTTPStatus.NOT_FOUND if refusal.invitation_id is None else HTTPStatus.GONE
    ctx = {"title": "This invitation cannot be used", "words": str(refusal), "reason": refusal.reason}
    return render_page(request, "accounts/invitation_refused.html", ctx, status=status)


def _visit(request: HttpRequest) -> dict[str, Any]:
    """Who opened the link: mostly nobody who is signed in."""
    user: Any = request.user
    return {"visitor": user if user.is_authenticated else None, "address": client_address(request)}


def _from(request: OrganizationRequest) -> dict[str, Any]:
    return {"organization": request.organization, "by": request.user, "address": client_address(request)}


def _send(invited: services.Invited) -> None:
    actors.send_mail(invited.mail)


def _done(request: OrganizationRequest, words: str) -> HttpResponse:
    if wants_partial(request):
        return members_page(request, InvitationForm(by=request.user), saved=words)
    messages.success(request, words)
    return redirect("member_list")
