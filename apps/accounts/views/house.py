"""The organization's settings, and its logo and colours as every page of it asks for them."""

from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_http_methods, require_safe

from apps.accounts import services
from apps.accounts.colours import GROUNDS, accents, mixed
from apps.accounts.forms.house import HouseForm
from apps.accounts.models import House
from apps.accounts.permissions import Permission, require
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import client_address, limited

YEAR = 365 * 24 * 3600
DEFAULT_LOGO = Path(settings.BASE_DIR) / "static" / "favicon.svg"


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.HOUSE_EDIT)
@limited("60/m")
def house_edit(request: OrganizationRequest) -> HttpResponse:
    """Brand and contact for admins; the policy for owners."""
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    house, may_set_policy = House.current(), request.user.may(Permission.POLICY_EDIT)
    form = HouseForm(*sent, instance=House.current(), may_set_policy=may_set_policy)
    if form.is_valid() and _changed(request, form):
        messages.success(request, "Saved.")
        return redirect("house_edit")
    ctx = {
        "title": "Organization",
        "crumbs": [("Settings", None), ("Organization", None)],
        "form": form,
        "house": house,
        "accents": accents(house.accent_colour) if house.accent_colour else {},
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render_page(request, "accounts/house_edit.html", ctx, status=status)


def _changed(request: OrganizationRequest, form: HouseForm) -> bool:
    try:
        services.change_house(by=request.user, address=client_address(request), **form.cleaned_data)
    except services.PolicyError as error:
        form.add_error(error.field, str(error))
        return False
    services.forget_surroundings()
    return True


def _version(request: HttpRequest) -> str:
    return f'"{services.surroundings().version}"'


@login_not_required
@require_safe
@condition(etag_func=_version)
def brand_logo(request: OrganizationRequest) -> HttpResponse:
    """The logo of this host's organization; the product's own mark where it has none."""
    house = House.current()
    if house.logo:
        with house.logo.open("rb") as file:
            return _kept(request, HttpResponse(file.read(), content_type="image/png"))
    return _kept(request, HttpResponse(DEFAULT_LOGO.read_bytes(), content_type="image/svg+xml"))


@login_not_required
@require_safe
@condition(etag_func=_version)
def brand_style(request: OrganizationRequest) -> HttpResponse:
    """The accent as CSS variables: a shade for each theme in which text can be read."""
    accent = House.current().accent_colour
    shades = accents(accent) if accent else {}
    themes = [(theme, shade, mixed(GROUNDS[theme][1], shade, 0.16)) for theme, shade in shades.items()]
    return _kept(request, render(request, "accounts/brand.css", {"themes": themes}, content_type="text/css"))


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An address with the present version never changes what it answers; one without is asked for again."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.GET.get("v") == services.surroundings().version:
        patch_cache_control(response, private=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response
