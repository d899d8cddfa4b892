"""Every address of the public host x method x person: only operators get past the front page."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver, reverse
from django_tenants.utils import schema_context

from apps.accounts.models import User
from tests.contracts.addresses import patterns
from tests.contracts.guards import METHODS
from tests.contracts.test_matrix import ask, visitor
from tests.contracts.twins import Twin

pytestmark = pytest.mark.django_db
URLCONF = "config.urls_public"
ROUTES = sorted({route for route, _ in patterns(get_resolver(URLCONF))})
IS_ADMIN = [route for route in ROUTES if route.startswith("admin/")]
# The sign-in form of operators, and what carries no secret: names of the browser's own texts and icons.
OPEN = {"admin/login/", "admin/jsi18n/", "admin/(?P<url>.*)$"}


def test_every_model_of_the_admin_was_found() -> None:
    models = {f"admin/{m._meta.app_label}/{m._meta.model_name}/" for m in admin.site._registry}
    assert models <= set(ROUTES)


def address(route: str) -> str:
    """Any key will do: what refuses does so before it looks."""
    parts = [("1" if part.startswith("<") else part) for part in route.split("/")]
    return "/" + "/".join(parts)


@pytest.mark.parametrize("route", [route for route in IS_ADMIN if route not in OPEN])
def test_nobody_but_operators_gets_past_the_sign_in(north: Twin, route: str) -> None:
    """Neither the anonymous nor an owner whose cookie was made at an organization."""
    owner = visitor(north, "owner")
    stranger = Client(HTTP_HOST=settings.BASE_DOMAIN)
    stranger.cookies[settings.SESSION_COOKIE_NAME] = owner.cookies[settings.SESSION_COOKIE_NAME].value
    for client in (Client(HTTP_HOST=settings.BASE_DOMAIN), stranger):
        for method in METHODS:
            status, said = ask(client, method, address(route))
            assert status in {302, 403, 404, 405}, (method, said[:300])
            assert north.mark not in said


@pytest.mark.parametrize("route", ROUTES)
def test_no_address_of_the_public_host_breaks_or_shows_an_organizations_rows(north: Twin, route: str) -> None:
    """As an operator, who may see every organization's name and nothing that its people wrote."""
    client = operator()
    for method in METHODS:
        status, said = ask(client, method, address(route))
        assert status < 500, (method, said[:300])
        assert "Growth" not in said or north.mark not in said


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str))
def test_an_operator_sees_every_list(model: Any) -> None:
    """Positive control: the same addresses answer those they are for."""
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", urlconf=URLCONF)
    assert ask(operator(), "GET", path)[0] in {200, 302, 403}


def operator() -> Client:
    """Signed in on the public host."""
    with schema_context("public"):
        user = User(email="op@platform.test", name="Op", is_staff=True)
        user.set_password(None)
        user.save()
        client = Client(HTTP_HOST=settings.BASE_DOMAIN)
        client.force_login(user)
    return client
