"""Budgets of members: they end, they are each member's own, and a page outlives its counters."""

from http import HTTPStatus

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_ratelimit.exceptions import Ratelimited

from apps.accounts.models import User
from apps.tenants.ratelimits import limited

pytestmark = pytest.mark.django_db


@limited("2/h")
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def asked_by(user: User) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_a_budget_ends_for_the_member_who_used_it(ann: User, ben: User) -> None:
    for _ in range(2):
        assert page(asked_by(ann)).status_code == HTTPStatus.OK
    with pytest.raises(Ratelimited):
        page(asked_by(ann))
    assert page(asked_by(ben)).status_code == HTTPStatus.OK


def test_a_page_is_open_while_the_counters_are_away(settings: LazySettings, vic: User) -> None:
    away = settings.CACHES["public"] | {"LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = settings.CACHES | {"public": away}
    for _ in range(3):
        assert page(asked_by(vic)).status_code == HTTPStatus.OK
