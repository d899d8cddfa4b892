"""Ten guesses an account in a quarter of an hour, over every host and with every trick; the owner still gets in."""

from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.cache import caches
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import Act, AuditEntry, KnownDevice, User
from apps.tenants.models import Domain, Organization
from apps.tenants.ratelimits import GUESSES, refund_guess, spend_guess

pytestmark = pytest.mark.django_db
PASSWORD, LOGIN = "demo-please-change", "/accounts/login/"
FORGED = ("10.0.0.{}", "10.0.0.{}, 10.1.1.1", "10.9.9.{}, , nonsense", "::ffff:10.0.0.{}", "[10.0.0.{}]:80")


def _post(client: Client, email: str, password: str = "wrong", **headers: Any) -> int:
    return int(client.post(LOGIN, {"login": email, "password": password}, **headers).status_code)


@pytest.fixture
def ours(ben: User) -> User:
    ben.email = f"{uuid4().hex}@acme.test"
    ben.save(update_fields=["email"])
    return ben


@pytest.fixture
def proxied(settings: LazySettings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.usefixtures("proxied")
def test_a_flood_over_hosts_with_forged_headers_has_ten_guesses(
    acme: Organization, globex: Organization, ours: User
) -> None:
    """The addresses differ in the rightmost hop too: each has its own budget, the account has one."""
    answers = []
    for number in range(60):
        host = (acme, globex)[number % 2].host
        headers = {"HTTP_X_FORWARDED_FOR": f"1.2.3.4, 10.{number}.0.1", "HTTP_HOST": host}
        email = ours.email.upper() if number % 3 else f" {ours.email}"
        answers.append(_post(Client(), email, **headers))
    assert answers.count(HTTPStatus.UNPROCESSABLE_ENTITY) == GUESSES
    assert answers.count(HTTPStatus.TOO_MANY_REQUESTS) == 60 - GUESSES


@pytest.fixture
def fifty_hosts(acme: Organization, globex: Organization) -> list[str]:
    """Fifty subdomains under which sign-in pages are served, by two organizations."""
    hosts = [f"branch-{number}.localhost" for number in range(50)]
    with schema_context("public"):
        Domain.objects.bulk_create(
            Domain(domain=host, tenant=(acme, globex)[number % 2], is_primary=False)
            for number, host in enumerate(hosts)
        )
    return hosts


@pytest.mark.usefixtures("proxied")
def test_a_thousand_attempts_over_fifty_hosts_are_ten_guesses(
    acme: Organization, fifty_hosts: list[str], ours: User
) -> None:
    """From two hundred addresses, each with a history that the client wrote; meanwhile the owner comes and goes."""
    own = Client(HTTP_HOST=acme.host)
    assert _post(own, ours.email, PASSWORD) == HTTPStatus.FOUND
    own.post("/accounts/logout/")
    answers = []
    for number in range(1_000):
        forged = FORGED[number % len(FORGED)].format(number % 250)
        headers = {"HTTP_HOST": fifty_hosts[number % 50], "HTTP_X_FORWARDED_FOR": f"{forged}, 10.7.0.{number % 200}"}
        answers.append(_post(Client(), ours.email, **headers))
    assert answers.count(HTTPStatus.UNPROCESSABLE_ENTITY) == GUESSES
    assert answers.count(HTTPStatus.TOO_MANY_REQUESTS) == 1_000 - GUESSES
    assert _post(Client(HTTP_HOST=acme.host), ours.email, PASSWORD) == HTTPStatus.TOO_MANY_REQUESTS
    assert _post(own, ours.email, PASSWORD) == HTTPStatus.FOUND


def test_a_right_answer_is_no_guess() -> None:
    account = uuid4().hex
    for _ in range(3 * GUESSES):
        assert spend_guess(account)
        refund_guess(account)


def test_a_refused_attempt_does_not_prolong_the_rest() -> None:
    account = uuid4().hex
    for _ in range(GUESSES):
        spend_guess(account)
    key = next(iter(caches["public"]._cache.get_client().keys("*guesses:*")))  # type: ignore[attr-defined]
    client = caches["public"]._cache.get_client()  # type: ignore[attr-defined]
    client.expire(key, 5)
    assert not spend_guess(account)
    assert client.ttl(key) <= 5


@pytest.mark.usefixtures("proxied")
@pytest.mark.parametrize("form", FORGED)
def test_what_a_client_writes_into_the_header_changes_nothing(acme: Organization, form: str) -> None:
    """The rightmost hop counts; a list, an empty hop and nonsense are no server error."""
    headers = {"HTTP_X_FORWARDED_FOR": form.format(7), "HTTP_HOST": acme.host}
    assert _post(Client(), f"{uuid4().hex}@acme.test", **headers) == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_owner_gets_in_with_a_known_device(acme: Organization, ours: User) -> None:
    own, stranger = Client(HTTP_HOST=acme.host), Client(HTTP_HOST=acme.host)
    assert _post(own, ours.email, PASSWORD) == HTTPStatus.FOUND
    own.post("/accounts/logout/")
    for _ in range(GUESSES + 1):
        answer = _post(stranger, ours.email)
    assert answer == HTTPStatus.TOO_MANY_REQUESTS
    assert _post(stranger, ours.email, PASSWORD) == HTTPStatus.TOO_MANY_REQUESTS
    assert _post(own, ours.email, PASSWORD) == HTTPStatus.FOUND


def test_a_known_device_has_ten_guesses_too(acme: Organization, ours: User) -> None:
    own = Client(HTTP_HOST=acme.host)
    _post(own, ours.email, PASSWORD)
    own.post("/accounts/logout/")
    answers = [_post(own, ours.email) for _ in range(GUESSES + 1)]
    assert answers == [HTTPStatus.UNPROCESSABLE_ENTITY] * GUESSES + [HTTPStatus.TOO_MANY_REQUESTS]


def test_a_device_is_known_for_its_own_member_only(acme: Organization, ours: User, vic: User) -> None:
    own = Client(HTTP_HOST=acme.host)
    _post(own, vic.email, PASSWORD)
    own.post("/accounts/logout/")
    answers = {_post(own, ours.email) for _ in range(GUESSES + 1)}
    assert HTTPStatus.TOO_MANY_REQUESTS in answers
    assert _post(Client(HTTP_HOST=acme.host), ours.email, PASSWORD) == HTTPStatus.TOO_MANY_REQUESTS


def test_a_cookie_of_the_device_holds_no_name_and_the_table_no_cookie(acme: Organization, ours: User) -> None:
    own = Client(HTTP_HOST=acme.host)
    _post(own, ours.email, PASSWORD, HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Firefox/130")
    cookie = own.cookies["device"]
    assert cookie["httponly"]
    device = KnownDevice.objects.get(user=ours)
    assert (device.label, cookie.value in device.token_digest) == ("Firefox on Linux", False)


def test_refusals_and_entries_are_in_the_log_by_key_alone(acme: Organization, ours: User) -> None:
    client = Client(HTTP_HOST=acme.host)
    _post(client, ours.email)
    _post(client, ours.email, PASSWORD)
    entries = AuditEntry.objects.filter(subject_id=ours.pk)
    assert {entry.act for entry in entries} >= {Act.SIGN_IN_REFUSED, Act.SIGNED_IN}
    assert not any(ours.email in str(entry.details) for entry in entries)


def test_while_the_counters_are_away_sign_in_says_so_and_heals(
    settings: LazySettings, acme: Organization, ours: User
) -> None:
    here = settings.CACHES
    settings.CACHES = here | {"public": here["public"] | {"LOCATION": "redis://127.0.0.1:1"}}
    answer = Client(HTTP_HOST=acme.host).post(LOGIN, {"login": ours.email, "password": PASSWORD})
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "try again in a moment" in answer.text
    settings.CACHES = here
    assert _post(Client(HTTP_HOST=acme.host), ours.email, PASSWORD) == HTTPStatus.FOUND


def test_an_equal_cookie_means_nothing_next_door(acme: Organization, globex: Organization, ours: User) -> None:
    own = Client(HTTP_HOST=acme.host)
    _post(own, ours.email, PASSWORD)
    with tenant_context(globex):
        assert not KnownDevice.objects.filter(user__email=ours.email).exists()
