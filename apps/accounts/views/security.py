"""How a member signs in: password, second factors, browsers that are known, sessions that are open."""

from allauth.account.internal.flows.email_verification import send_verification_email_for_user
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from django_ratelimit.core import is_ratelimited

from apps.accounts import services
from apps.accounts.models import KnownDevice, User
from apps.tenants import live
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import client_address, member_key

MOST_SHOWN = 50


def overview(request: OrganizationRequest) -> HttpResponse:
    """Everything on one page; each act has its own."""
    user = request.user
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    ctx = {
        "title": "Security",
        "crumbs": [("Settings", None), ("Security", None)],
        "has_password": user.has_usable_password(),
        "is_confirmed": EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists(),
        "app": next((f for f in factors if f.type == Authenticator.Type.TOTP), None),
        "passkeys": [f for f in factors if f.type == Authenticator.Type.WEBAUTHN],
        "codes": next((f for f in factors if f.type == Authenticator.Type.RECOVERY_CODES), None),
        "devices": KnownDevice.objects.filter(user=user)[:MOST_SHOWN],
        "sessions": _sessions_of(user),
        "session_key": request.session.session_key,
    }
    template = "accounts/security.html" if hasattr(request, "organization") else "accounts/security_operator.html"
    return render_page(request, template, ctx)


@require_POST
def sign_out_everywhere(request: OrganizationRequest) -> HttpResponse:
    """This browser too: who is in doubt begins anew."""
    topic = live.user_topic(request.user)
    services.end_sessions(user=request.user, by=request.user, address=client_address(request))
    request.session.flush()
    live.disconnect(topic)
    return redirect("login")


@require_POST
def end_session(request: OrganizationRequest) -> HttpResponse:
    """One of one's own; an unknown one is gone already. Its open pages are asked again within seconds."""
    row = UserSession.objects.filter(user=request.user, pk=_number(request, "session")).first()
    if row:
        services.end_session(row, by=request.user, address=client_address(request))
        messages.success(request, "That session is ended.")
    return redirect("settings_security")


@require_POST
def forget_device(request: OrganizationRequest) -> HttpResponse:
    """It signs in like any unknown browser again."""
    for device in KnownDevice.objects.filter(user=request.user, token_digest=request.POST.get("device", "")):
        services.forget_device(device)
        messages.success(request, f"{device.label} is forgotten.")
    return redirect("settings_security")


@require_POST
def confirm_email(request: OrganizationRequest) -> HttpResponse:
    """Sends the link, a few times an hour."""
    if is_ratelimited(request, group="confirm_email", key=member_key, rate="3/h", increment=True):
        messages.error(request, "We sent it a moment ago. Look into your mailbox first.")
    else:
        send_verification_email_for_user(request, request.user)
        messages.success(request, "We sent you a link that confirms your address.")
    return redirect("settings_security")


def _sessions_of(user: User) -> list[UserSession]:
    """Each with the browser in words; what is over is cleared away on the way."""
    sessions: list[UserSession] = UserSession.objects.purge_and_list(user)[:MOST_SHOWN]
    for session in sessions:
        session.browser = services.browser_of(session.user_agent)
    return sessions


def _number(request: OrganizationRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 18 else 0
