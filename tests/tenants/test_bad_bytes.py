"""Bytes that no browser of ours sends: a clear refusal, never a page that says that something broke."""

import pytest
from django.conf import settings
from django.test import Client

from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
NUL = '"' + "\\000" * 12 + '"'  # a quoted cookie spells any byte


@pytest.mark.parametrize("cookie", ["session", "csrf", "device", "messages"])
def test_a_cookie_of_nul_characters_is_nobody(acme: Organization, cookie: str) -> None:
    browser = Client(HTTP_HOST=acme.host, HTTP_COOKIE=f"{cookie}={NUL}")
    assert browser.get("/accounts/login/").status_code == 200
    assert browser.get("/portfolios/").headers["Location"].startswith("/accounts/login/")


def test_a_session_of_other_letters_is_none_and_a_real_one_is(
    client_of: ClientOf, acme: Organization, ann: object
) -> None:
    key = client_of(ann).cookies[settings.SESSION_COOKIE_NAME].value  # type: ignore[arg-type]
    for sent, status in ((key, 200), (key[:-1] + "\u00e9", 302), (f"{key} ", 200), (key[:4], 302)):
        answer = Client(HTTP_HOST=acme.host, HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={sent}").get("/portfolios/")
        assert answer.status_code == status, sent


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "utf8"])
def test_a_form_in_another_encoding_is_refused_by_a_page(acme: Organization, charset: str) -> None:
    """Django's own refusal reads the form again, and breaks the server's answer."""
    strict = Client(HTTP_HOST=acme.host, enforce_csrf_checks=True, raise_request_exception=False)
    body, kind = b"login=ann%40acme.test", "application/x-www-form-urlencoded"
    refused = strict.post("/accounts/login/", body, content_type=f"{kind}; charset={charset}")
    assert (refused.status_code, "Content-Security-Policy" in refused.headers) == (400, True)
    assert strict.post("/accounts/login/", body, content_type=f"{kind}; charset=UTF-8").status_code == 403  # no token


@pytest.mark.parametrize("key", ["%00", "a%00b", "%0a", "a b", "\u00e9"])
def test_a_link_that_no_mail_of_ours_holds_is_no_page(anonymous: Client, key: str) -> None:
    assert anonymous.get(f"/accounts/confirm/{key}/").status_code == 404
