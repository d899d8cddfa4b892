"""One canonical host leads to an organization; a cookie means something on one host only."""

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.models import User
from apps.tenants.backend.connections import connection
from apps.tenants.middleware import host_name, is_own_origin
from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
PASSWORD = "demo-please-change"


@pytest.mark.parametrize("host", ["acme.localhost", "acme.localhost:8000"])
def test_one_spelling_of_a_host_is_the_organization(host: str) -> None:
    page = Client(HTTP_HOST=host).get("/accounts/login/")
    assert page.status_code == 200
    assert "Acme Capital" in page.text


@pytest.mark.parametrize("host", ["ACME.localhost", "acme.localhost.", "aCme.LOCALHOST.:80", "www.acme.localhost"])
def test_every_other_spelling_leads_to_it(host: str) -> None:
    page = Client(HTTP_HOST=host).get("/accounts/login/?next=/reports/")
    assert page.status_code == 302
    assert page.headers["Location"] == f"http://acme.localhost:{settings.PORT}/accounts/login/?next=/reports/"
    assert page.headers["Cache-Control"] == "no-store"
    assert Client(HTTP_HOST=host).post("/accounts/login/").status_code == 421


@pytest.mark.parametrize("host", ["LOCALHOST", "www.localhost"])
def test_the_public_host_has_one_spelling_too(host: str) -> None:
    assert Client(HTTP_HOST=host).get("/").headers["Location"] == f"http://localhost:{settings.PORT}/"


@pytest.mark.parametrize("host", ["nobody.localhost", "acme.globex.localhost", "www.nobody.localhost", "www.www"])
def test_an_unknown_host_is_not_found(host: str) -> None:
    assert Client(HTTP_HOST=host).get("/accounts/login/").status_code == (404 if host.endswith("localhost") else 400)


@pytest.mark.parametrize(
    "host",
    [
        "acme.example.org",
        "acme.localhost,globex.localhost",
        "acme.localhost globex.localhost",
        "acme.localhost:",
        "acme.localhost:0",
        "acme.localhost:65536",
        "acme.localhost:80:80",
        "acme.localhost:80@globex.localhost",
        "ann:secret@acme.localhost",
        "acme.localhost/",
        "acme.localhost\x00.example.org",
        "acme.localhost\n",
        "http://acme.localhost",
        "аcme.localhost",
        "\u212acme.localhost",
        "..localhost",
        ".localhost",
        "acme..localhost",
        "[::1]",
        "127.0.0.1",
        "a" * 300,
        f"{'a' * 64}.localhost",
        f"{'a.' * 150}localhost",
        "",
    ],
)
def test_what_is_no_host_of_ours_is_refused_without_a_trace(host: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        page = Client(HTTP_HOST=host).get("/accounts/login/")
    assert page.status_code == 400
    assert "was not understood" in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert [record.name for record in caplog.records if record.exc_info or "security" in record.name] == []


def test_a_forwarded_host_is_not_believed() -> None:
    page = Client(HTTP_HOST="acme.localhost").get("/accounts/login/", headers={"X-Forwarded-Host": "globex.localhost"})
    assert "Acme Capital" in page.text
    assert "Globex" not in page.text


def test_the_public_host_has_no_pages_of_organizations() -> None:
    public = Client(HTTP_HOST="localhost")
    assert public.get("/").status_code == 200
    assert public.get("/portfolios/").status_code == 404
    assert public.get("/accounts/reset/").status_code == 404


def test_organizations_have_no_admin(client_of: ClientOf, ann: User) -> None:
    assert client_of(ann).get("/admin/").status_code == 404


def test_a_cookie_of_acme_is_anonymous_at_globex(client_of: ClientOf, ann: User, globex: Organization) -> None:
    client = client_of(ann)
    assert client.get("/portfolios/").status_code == 200  # positive control: at home it is a session
    answer = client.get("/portfolios/", headers={"host": globex.host})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_nobody_signs_in_next_door(globex: Organization, acme: Organization) -> None:
    form = {"login": "ann@acme.test", "password": PASSWORD}
    assert Client(HTTP_HOST=acme.host).post("/accounts/login/", form).status_code == 302
    refused = Client(HTTP_HOST=globex.host).post("/accounts/login/", form)
    assert refused.status_code == 422
    assert "do not belong together" in refused.text


@pytest.mark.parametrize(
    "origin", ["http://globex.localhost", "https://acme.localhost", "null", "http://acme.localhost:1", "http://["]
)
def test_a_form_from_another_origin_is_refused(client_of: ClientOf, ann: User, origin: str) -> None:
    client = client_of(ann)
    assert client.post("/accounts/logout/", headers={"origin": origin}).status_code == 403
    assert client.post("/accounts/logout/", headers={"origin": "http://acme.localhost"}).status_code == 302


def test_a_form_without_its_token_is_refused_in_our_words(acme: Organization) -> None:
    answer = Client(HTTP_HOST=acme.host, enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert answer.status_code == 403
    assert "its token may have expired" in answer.text


def test_a_forms_token_of_acme_is_refused_at_globex(acme: Organization, globex: Organization) -> None:
    """With a cookie of globex's own, and with acme's cookie planted beside it; each is good where it is from."""
    cookies, tokens = {}, {}
    for organization in (acme, globex):
        page = Client(HTTP_HOST=organization.host).get("/accounts/login/")
        cookies[organization] = page.cookies[settings.CSRF_COOKIE_NAME].value
        tokens[organization] = str(page.context["csrf_token"])

    def status(at: Organization, cookie: Organization, token: Organization) -> int:
        client = Client(HTTP_HOST=at.host, enforce_csrf_checks=True)
        client.cookies[settings.CSRF_COOKIE_NAME] = cookies[cookie]
        return client.post("/accounts/login/", {"csrfmiddlewaretoken": tokens[token]}).status_code

    assert (status(acme, acme, acme), status(globex, globex, globex)) == (422, 422)
    assert (status(globex, globex, acme), status(globex, acme, acme), status(globex, acme, globex)) == (403, 403, 403)


def test_own_origin_is_scheme_host_and_port() -> None:
    assert is_own_origin("http://acme.localhost:8000", "ACME.localhost:8000")
    assert not is_own_origin("http://acme.localhost:8000", "acme.localhost")
    assert not is_own_origin("", "acme.localhost")


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("ACME.example.com:8000", "acme.example.com"),
        ("acme.example.com.", "acme.example.com"),
        ("[::1]:8000", ""),
        ("acme.example.com:99999", ""),
    ],
)
def test_host_name(given: str, host: str) -> None:
    assert host_name(given) == host


def test_signed_in_pages_are_stored_nowhere(client_of: ClientOf, ann: User) -> None:
    page = client_of(ann).get("/")
    assert page.headers["Cache-Control"] == "no-store, private"
    assert "HX-Request" in page.headers["Vary"]


def test_every_answer_carries_a_policy_without_unsafe(client_of: ClientOf, ann: User) -> None:
    for path in ("/", "/nowhere/", "/accounts/login/"):
        policy = client_of(ann).get(path).headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy


@pytest.mark.parametrize("path", ["/accounts/login/", "/nowhere/"])
def test_a_request_leaves_no_organization_behind(acme: Organization, path: str) -> None:
    """The next one on this thread begins where this one began."""
    connection.set_no_organization()
    assert Client(HTTP_HOST=acme.host).get(path).status_code in {200, 404}
    assert connection.schema_name == ""


@pytest.mark.parametrize("path", ["/", "/search/?q=a", "/nothing/"])
def test_an_address_that_is_too_long_is_told_so(client_of: ClientOf, ann: User, path: str) -> None:
    client = client_of(ann)
    answer = client.get(path, {"q": "a" * 60_000})
    assert (answer.status_code, "too long" in answer.text) == (414, True)
    assert client.get(path, {"q": "a" * 2_000}).status_code != 414


def test_a_refusal_is_no_fault_in_the_log(client_of: ClientOf, vic: User, caplog: pytest.LogCaptureFixture) -> None:
    assert client_of(vic).get("/settings/house/").status_code == 403
    assert client_of(vic).get("/nothing/").status_code == 404
    assert caplog.records == []
