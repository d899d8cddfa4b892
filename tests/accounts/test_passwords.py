"""Links for passwords and addresses: one answer for everybody, good once, good in one organization."""

import re
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from django.conf import settings
from django.test import Client
from django_tenants.utils import tenant_context

from apps.accounts import services
from apps.accounts.actors import mail_reset_link
from apps.accounts.models import HOUSE_PK, House, KnownDevice, OutgoingMail, User
from apps.accounts.permissions import Role
from apps.accounts.services.passwords import ResetTokens
from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
CONFIRMS = re.compile(r"/accounts/confirm/[^/\s]+/")
RESET, LOGIN, NEW = "/accounts/reset/", "/accounts/login/", "a-quiet-harbour-42"


def _decide(**policy: Any) -> None:
    House.objects.update_or_create(pk=HOUSE_PK, defaults=policy)


def _link(user: User) -> str:
    return f"/accounts/reset/{user.pk.hex}/{ResetTokens().make_token(user)}/"


def _choose(client: Client, link: str, password: str = NEW) -> Any:
    """Follows the link as a browser does: the key goes out of the address."""
    page = client.get(link)
    path = page.headers.get("Location", link)
    return client.post(path, {"password1": password, "password2": password})


@pytest.mark.parametrize("email", ["ben@acme.test", "nobody@acme.test"])
def test_known_and_unknown_get_the_same_answer(anonymous: Client, email: str) -> None:
    answer = anonymous.post(RESET, {"email": email})
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.FOUND, "/accounts/reset/sent/")
    assert not OutgoingMail.objects.exists()  # neither is looked up before a job does it


def test_only_the_known_are_written_to(acme: Organization) -> None:
    for email in ("ben@acme.test", "nobody@acme.test", "eve@globex.test"):
        mail_reset_link(email)
    assert list(OutgoingMail.objects.values_list("to", "kind")) == [("ben@acme.test", "reset")]


def test_the_link_changes_the_password_once_and_signs_in(anonymous: Client, acme: Organization, ben: User) -> None:
    link = _link(ben)
    assert _choose(anonymous, link).headers["Location"] == "/"
    assert anonymous.get("/").status_code == HTTPStatus.OK
    ben.refresh_from_db()
    assert ben.check_password(NEW)
    assert "does not work here" in Client(HTTP_HOST=acme.host).get(link).text


def test_acmes_link_does_nothing_at_globex(acme: Organization, globex: Organization, ben: User) -> None:
    """The same person with the same key, password and last sign-in lives there too."""
    link = _link(ben)
    with tenant_context(globex):
        twin = User(pk=ben.pk, email=ben.email, name=ben.name, password=ben.password, last_login=ben.last_login)
        twin.save(force_insert=True)
        assert _choose(Client(HTTP_HOST=globex.host), link).status_code == HTTPStatus.OK
        assert not User.objects.get(pk=ben.pk).check_password(NEW)
    _choose(Client(HTTP_HOST=acme.host), link)
    ben.refresh_from_db()
    assert ben.check_password(NEW)


def test_acmes_confirmation_does_nothing_at_globex(acme: Organization, globex: Organization, ben: User) -> None:
    """Equal rows in both: only the one whose key was mailed is confirmed."""
    address = EmailAddress.objects.create(user=ben, email=ben.email, primary=True)
    key = EmailConfirmation.create(address)
    key.sent = address.user.joined_at.now(address.user.joined_at.tzinfo)
    key.save()
    Client(HTTP_HOST=globex.host).post(f"/accounts/confirm/{key.key}/")
    assert not EmailAddress.objects.get(pk=address.pk).verified
    Client(HTTP_HOST=acme.host).post(f"/accounts/confirm/{key.key}/")
    assert EmailAddress.objects.get(pk=address.pk).verified


def test_the_link_that_was_mailed_confirms_nothing_next_door(
    client_of: ClientOf, acme: Organization, globex: Organization, ben: User
) -> None:
    """Ben asks for it at acme. Next door the same keys exist, and an address that waits to be confirmed."""
    client_of(ben).post("/settings/security/e-mail/")
    address, row = EmailAddress.objects.get(user=ben), OutgoingMail.objects.get(kind="confirm")
    claimed = services.claim_mail(row.pk)
    assert claimed
    link = CONFIRMS.findall(claimed[1].text)[0]
    with tenant_context(globex):
        twin = User(pk=ben.pk, email=ben.email, name=ben.name)
        twin.save(force_insert=True)
        theirs = EmailAddress.objects.create(pk=address.pk, user=twin, email=ben.email, primary=True)
        Client(HTTP_HOST=globex.host).post(link)
        assert not EmailAddress.objects.get(pk=theirs.pk).verified
    Client(HTTP_HOST=acme.host).post(link)
    assert EmailAddress.objects.get(pk=address.pk).verified


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_support": True}])
def test_closed_accounts_and_visitors_get_no_link_and_no_session(anonymous: Client, ben: User, change: Any) -> None:
    User.objects.filter(pk=ben.pk).update(**change)
    mail_reset_link(ben.email)
    assert not OutgoingMail.objects.exists()
    answer = anonymous.post(LOGIN, {"login": ben.email, "password": "demo-please-change"})
    assert "do not belong together" in answer.text


def test_a_changed_password_ends_the_other_sessions(client_of: ClientOf, ben: User) -> None:
    here, there = client_of(ben), client_of(ben)
    form = {"oldpassword": "demo-please-change", "password1": NEW, "password2": NEW}
    assert here.post("/accounts/password/", form).status_code == HTTPStatus.FOUND
    assert here.get("/").status_code == HTTPStatus.OK
    assert there.get("/").status_code == HTTPStatus.FOUND
    assert OutgoingMail.objects.filter(kind="notice", to=ben.email).exists()


def test_the_policy_asks_for_a_factor_from_the_next_request_on(client_of: ClientOf, ben: User) -> None:
    client = client_of(ben)
    assert client.get("/").status_code == HTTPStatus.OK
    _decide(mfa_required=True)
    for path in ("/", "/portfolios/", "/settings/security/", "/search/?q=a"):
        assert client.get(path).headers["Location"] == "/accounts/factors/"
    assert client.get("/accounts/factors/app/").status_code == HTTPStatus.OK


def test_a_session_is_as_old_as_the_house_allows(anonymous: Client, ben: User) -> None:
    _decide(session_days=3)
    anonymous.post(LOGIN, {"login": ben.email, "password": "demo-please-change"})
    assert anonymous.session.get_expiry_age() <= 3 * 24 * 3600
    session = anonymous.session
    session["signed_in_at"] -= 2 * 24 * 3600
    session.save()
    assert anonymous.get("/").status_code == HTTPStatus.OK
    _decide(session_days=1)
    assert anonymous.get("/").headers["Location"] == LOGIN


def test_signing_out_everywhere_ends_every_session(acme: Organization, ben: User) -> None:
    browsers = [Client(HTTP_HOST=acme.host) for _ in range(2)]
    for browser in browsers:
        browser.post(LOGIN, {"login": ben.email, "password": "demo-please-change"})
    assert browsers[0].post("/settings/security/sign-out/").headers["Location"] == LOGIN
    assert [browser.get("/").status_code for browser in browsers] == [HTTPStatus.FOUND] * 2


@pytest.mark.parametrize("how", ["everywhere", "by link"])
def test_browsers_that_were_known_are_forgotten(acme: Organization, anonymous: Client, ben: User, how: str) -> None:
    """All but the one in which a mailed link was just followed."""
    theirs = Client(HTTP_HOST=acme.host)
    for browser in (theirs, anonymous):
        browser.post(LOGIN, {"login": ben.email, "password": "demo-please-change"})
    assert KnownDevice.objects.filter(user=ben).count() == 2
    if how == "everywhere":
        anonymous.post("/settings/security/sign-out/")
    else:
        anonymous.post("/accounts/logout/")
        _choose(anonymous, _link(User.objects.get(pk=ben.pk)))
    left = [device.token_digest for device in KnownDevice.objects.filter(user=ben)]
    own = sha256(anonymous.cookies[settings.DEVICE_COOKIE_NAME].value.encode()).hexdigest()
    assert left == ([] if how == "everywhere" else [own])


def test_the_provider_is_the_only_way_where_the_house_says_so(client_of: ClientOf, ann: User, ben: User) -> None:
    """Owners keep theirs: a broken provider must not lock the firm out."""
    services.save_provider(by=ann, name="Firm", issuer_url="https://id.firm.test", client_id="x", secret="y",
                           default_role=Role.VIEWER, email_domains="", is_active=True)  # fmt: skip
    _decide(sso_required=True)
    assert client_of(ben).get("/").headers["Location"] == LOGIN
    assert client_of(ann).get("/").status_code == HTTPStatus.OK
