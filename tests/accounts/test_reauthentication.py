"""What cannot be undone asks again who it is, unless that was answered within five minutes."""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from apps.accounts.models import User
from apps.tenants.http import reauthenticated
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
REAUTHENTICATE = "/accounts/reauthenticate/"


@reauthenticated
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


def _asked(client: Client, user: User, method: str = "GET", **headers: Any) -> HttpRequest:
    request = RequestFactory().generic(method, "/danger/?a=1", **headers)
    request.user, request.session = user, SessionStore(client.session.session_key)
    return request


def test_a_fresh_session_is_not_asked(client_of: ClientOf, ann: User) -> None:
    assert page(_asked(client_of(ann), ann)).status_code == HTTPStatus.OK


def test_an_older_one_is_asked_and_comes_back(client_of: ClientOf, ann: User) -> None:
    client = client_of(ann)
    with time_machine.travel("2200-01-01"):
        answer = page(_asked(client, ann))
    assert answer.status_code == HTTPStatus.FOUND
    address = urlsplit(answer.headers["Location"])
    assert (address.path, parse_qs(address.query)) == (REAUTHENTICATE, {"next": ["/danger/?a=1"]})


def test_a_form_leads_back_to_the_page_it_stood_on(client_of: ClientOf, ann: User) -> None:
    client = client_of(ann)
    with time_machine.travel("2200-01-01"):
        answer = page(_asked(client, ann, method="POST", HTTP_REFERER="http://acme.localhost/settings/?x=1"))
    assert answer.headers["Location"] == f"{REAUTHENTICATE}?next=%2Fsettings%2F"


def test_somebody_elses_answer_does_not_count(client_of: ClientOf, ann: User, ben: User) -> None:
    assert page(_asked(client_of(ann), ben)).status_code == HTTPStatus.FOUND


@pytest.mark.parametrize(
    ("password", "status"), [("demo-please-change", HTTPStatus.FOUND), ("wrong", HTTPStatus.UNPROCESSABLE_ENTITY)]
)
def test_the_password_is_asked_for(client_of: ClientOf, ben: User, password: str, status: HTTPStatus) -> None:
    client = client_of(ben)
    assert "Confirm that it is you" in client.get(f"{REAUTHENTICATE}?next=/reports/").text
    answer = client.post(f"{REAUTHENTICATE}?next=/reports/", {"password": password, "next": "/reports/"})
    assert answer.status_code == status
    assert answer.headers.get("Location") in {None, "/reports/"}
