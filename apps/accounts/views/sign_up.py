"""From a stranger on the public host to the owner of an organization on its own."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from django_ratelimit.exceptions import Ratelimited
from django_tenants.utils import tenant_context

from apps.accounts import actors, services
from apps.accounts.forms.sign_up import PlaceForm, SignUpForm
from apps.accounts.models import User
from apps.tenants import services as platform
from apps.tenants.http import lead_into, render_page
from apps.tenants.middleware import forget_hosts
from apps.tenants.models import SignUp
from apps.tenants.ratelimits import address_key, client_address, is_spent
from apps.tenants.services.entrances import HAND_OVER

TRIES_AN_ADDRESS, SIGN_UPS_AN_ADDRESS, MAILS_AN_ADDRESSEE = "60/h", "10/d", "3/d"
MOST_WAITS = 20
TITLES = {
    "confirm": "Confirm and begin",
    "wait": "One moment",
    "taken": "Choose another place",
    "used": "This link was used",
    "late": "This link came too late",
    "unknown": "This link is not known",
}


@never_cache
@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """The form. Its answer is the same whether anybody knows the e-mail or not."""
    if settings.SIGNUP == "closed":
        ctx = {"title": "Sign-up is closed", "contact": settings.OPERATOR_CONTACT}
        return render_page(request, "accounts/sign_up_closed.html", ctx)
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and is_spent(request, "sign_up_tries", address_key, TRIES_AN_ADDRESS):
        raise Ratelimited
    if not form.is_valid():
        page = {"title": "Sign up", "form": form, "base_domain": settings.BASE_DOMAIN}
        return render_page(request, "accounts/sign_up.html", page, status=422 if form.is_bound else 200)
    if is_spent(request, "sign_up", address_key, SIGN_UPS_AN_ADDRESS):
        raise Ratelimited
    email = form.cleaned_data["email"]
    if not is_spent(request, "sign_up_mail", lambda *_: email, MAILS_AN_ADDRESSEE):
        actors.send_mail(services.request_sign_up(**form.cleaned_data))
    return redirect("sign_up_sent")


@require_safe
@login_not_required
def sign_up_sent(request: HttpRequest) -> HttpResponse:
    """Look into the mailbox."""
    return render_page(request, "accounts/sign_up_sent.html", {"title": "Look into your mailbox"})


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def sign_up_confirm(request: HttpRequest) -> HttpResponse:
    """Where the mailed link leads: GET shows a button, because scanners of mail open links; POST founds."""
    token = (request.POST if request.method == "POST" else request.GET).get("token", "")
    waiting = SignUp.objects.of_token(token).first()
    if waiting is None or (waiting.is_late and not waiting.organization):
        return _page(request, "unknown" if waiting is None else "late", token, waiting, HTTPStatus.NOT_FOUND)
    if waiting.organization and not (request.method == "POST" and waiting.was_just_made(HAND_OVER)):
        return _page(request, "used", token, waiting, HTTPStatus.GONE)
    return _page(request, "confirm", token, waiting) if request.method == "GET" else _found(request, token, waiting)


def _found(request: HttpRequest, token: str, waiting: SignUp) -> HttpResponse:
    """Makes the organization and leads its owner in; each refusal is a page with a way on."""
    form = PlaceForm(request.POST) if "subdomain" in request.POST else None
    if form and not form.is_valid():
        return _page(request, "taken", token, waiting, HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    try:
        made = platform.confirm_sign_up(token, **(form.cleaned_data if form else {}), address=client_address(request))
    except platform.UnknownSignUpError:
        return _page(request, "unknown", token, None, HTTPStatus.NOT_FOUND)
    except (platform.OrganizationExistsError, ValidationError) as refusal:
        return _taken(request, token, waiting, form, refusal)
    except platform.NoReadySchemaError:
        actors.send_refill()
        return _wait(request, token, waiting, form)
    actors.send_refill()
    forget_hosts()
    return _lead_in(request, made)


def _taken(
    request: HttpRequest, token: str, waiting: SignUp, form: PlaceForm | None, refusal: Exception
) -> HttpResponse:
    """Free when it was asked for, and taken or resting by now: another place is chosen."""
    form = form or PlaceForm({"name": waiting.name, "subdomain": waiting.subdomain})
    if form.is_valid():  # somebody was faster by less than a look
        form.add_error("subdomain", getattr(refusal, "messages", [str(refusal)]))
    return _page(request, "taken", token, waiting, HTTPStatus.CONFLICT, form=form)


def _lead_in(request: HttpRequest, made: SignUp) -> HttpResponse:
    assert made.organization
    with tenant_context(made.organization):
        owner = User.objects.get(email=made.email)
    return lead_into(request, made.organization, platform.open_hand_over(made.organization, owner.pk))


def _wait(request: HttpRequest, token: str, waiting: SignUp, form: PlaceForm | None) -> HttpResponse:
    """The page asks again by itself, for a while; then the person does."""
    given = request.POST.get("waits", "0")
    waits = min(int(given) if given.isascii() and given.isdigit() else 0, MOST_WAITS) + 1
    again = {"waits": waits, "asks_again": waits <= MOST_WAITS, "contact": settings.OPERATOR_CONTACT, "form": form}
    return _page(request, "wait", token, waiting, HTTPStatus.ACCEPTED, **again)


def _page(
    request: HttpRequest, state: str, token: str, waiting: SignUp | None, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    """The address holds the token: no other host may be told it."""
    ctx = {
        "title": TITLES[state],
        "state": state,
        "token": token,
        "sign_up": waiting,
        "base_domain": settings.BASE_DOMAIN,
    }
    response = render_page(request, "accounts/sign_up_confirm.html", ctx | more, status=status)
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
