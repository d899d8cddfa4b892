"""Signing in: by e-mail in any case, ten guesses, and an answer that never tells who exists."""

from typing import Any
from uuid import uuid4

import pytest
from allauth.core.context import request_context
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.test import Client, RequestFactory

from apps.accounts.actors import deliver_mail
from apps.accounts.models import OutgoingMail, User
from apps.accounts.views.sign_in import start_session
from apps.tenants.http import recently_authenticated
from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
PASSWORD, LOGIN = "demo-please-change", "/accounts/login/"


def _post(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **more})


@pytest.mark.parametrize("email", ["ann@acme.test", "ANN@Acme.Test", " ann@acme.test "])
def test_an_e_mail_is_known_in_any_case(anonymous: Client, email: str) -> None:
    assert _post(anonymous, email).status_code == 302
    assert anonymous.get("/").status_code == 200


def test_known_and_unknown_get_the_same_answer(anonymous: Client) -> None:
    answers = [_post(anonymous, email, "wrong") for email in ("ann@acme.test", "nobody@acme.test")]
    words = [str(answer.context["form"].non_field_errors()) for answer in answers]
    assert "do not belong together" in words[0]
    assert words[0] == words[1]
    assert {answer.status_code for answer in answers} == {422}


def test_one_who_left_is_told_nothing_more(anonymous: Client, ben: User) -> None:
    ben.is_active = False
    ben.save(update_fields=["is_active"])
    assert "do not belong together" in _post(anonymous, ben.email).text


def test_the_eleventh_guess_is_refused_even_when_right(anonymous: Client, ben: User) -> None:
    """Whatever the case it is guessed in; another account is not locked with it."""
    address = f"{uuid4().hex}@acme.test"
    ben.email = address
    ben.save(update_fields=["email"])
    for guess in range(10):
        assert _post(anonymous, address.upper() if guess % 2 else address, "wrong").status_code == 422
    assert _post(anonymous, address).status_code == 429
    assert _post(anonymous, "ann@acme.test").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "http://globex.localhost/"])
def test_nobody_is_sent_away_after_signing_in(anonymous: Client, target: str) -> None:
    assert _post(anonymous, "ann@acme.test", next=target).headers["Location"] == "/"


def test_the_page_asked_for_comes_after_signing_in(anonymous: Client) -> None:
    assert _post(anonymous, "ann@acme.test", next="/portfolios/").headers["Location"] == "/portfolios/"


def test_a_passkey_that_was_refused_still_leads_to_the_page_asked_for(anonymous: Client) -> None:
    for target, kept in (("/reports/", "?next=%2Freports%2F"), ("https://evil.test/", "")):
        answer = anonymous.post("/accounts/login/passkey/", {"credential": "{}", "next": target})
        assert answer.headers["Location"] == f"{LOGIN}{kept}"


def _browse(client: Client, user: User, agent: str) -> None:
    client.post("/accounts/logout/")
    form = {"login": user.email, "password": PASSWORD}
    assert client.post(LOGIN, form, headers={"user-agent": agent}).status_code == 302


def test_word_of_a_new_browser_comes_once_and_not_on_the_first_day(acme: Organization, ben: User) -> None:
    first, second = Client(HTTP_HOST=acme.host), Client(HTTP_HOST=acme.host)
    _browse(first, ben, "Firefox/130 (X11; Linux)")
    assert not OutgoingMail.objects.exists()
    for _ in range(2):
        _browse(second, ben, "Chrome/140 (Windows NT 10)")
        _browse(first, ben, "Firefox/131 (X11; Linux)")
    row = OutgoingMail.objects.get()
    deliver_mail(str(row.pk))
    assert (row.to, row.kind) == (ben.email, "new_browser")
    assert "Chrome on Windows" in mail.outbox[0].body


def test_who_does_not_want_word_of_new_browsers_gets_none(acme: Organization, ben: User) -> None:
    User.objects.filter(pk=ben.pk).update(notifies_by_mail=False)
    for _ in range(2):
        _browse(Client(HTTP_HOST=acme.host), ben, "Firefox/130 (X11; Linux)")
    assert not OutgoingMail.objects.exists()


def test_signing_in_gives_a_new_session(client_of: ClientOf, ann: User, acme: Organization) -> None:
    """A session that was planted before is worth nothing after."""
    client = Client(HTTP_HOST=acme.host)
    client.get(LOGIN)
    before = client.session.session_key
    _post(client, ann.email)
    assert client.session.session_key != before


def test_signing_out_needs_a_form(client_of: ClientOf, ann: User) -> None:
    client = client_of(ann)
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/").status_code == 302


def test_a_form_without_a_token_is_refused(acme: Organization) -> None:
    strict = Client(HTTP_HOST=acme.host, enforce_csrf_checks=True)
    assert _post(strict, "ann@acme.test").status_code == 403


def test_the_session_cookie_is_closed_to_scripts_and_other_hosts(anonymous: Client) -> None:
    cookie = _post(anonymous, "ann@acme.test").cookies["session"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["domain"]) == ("Lax", "")


def test_a_mailed_link_starts_a_session_like_the_form(rf: RequestFactory, ann: User) -> None:
    request = rf.get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    request.session["planted"] = True
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    with request_context(request):
        answer = start_session(request, ann, redirect_url="/portfolios/")
    assert answer.headers["Location"] == "/portfolios/"
    assert request.user.pk == ann.pk
    assert "planted" not in request.session
    assert recently_authenticated(request)
