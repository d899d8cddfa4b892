"""Single sign-on with a real OpenID Connect provider on loopback: who comes in, and everything that is refused."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import LazySettings
from django.test import Client

from apps.accounts.models import Act, AuditEntry, House, SignInProvider, User
from apps.accounts.permissions import Role
from apps.accounts.providers.outside import outside_session
from apps.accounts.services import save_provider
from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
BEGIN, SETTINGS = "/accounts/sso/begin/", "/settings/sso/"
STATES = "socialaccount_states"


def _person(sub: str, email: str, *, verified: Any = True, **claims: Any) -> oidc_provider_mock.User:
    return oidc_provider_mock.User(
        sub=sub, claims={"email": email, "email_verified": verified, "name": sub.title(), **claims}
    )


PEOPLE = (
    _person("ben", "ben@acme.test"),
    _person("new", "new@firm.test"),
    _person("far", "far@elsewhere.test"),
    _person("liar", "vic@acme.test", verified=False),
    _person("texter", "vic@acme.test", verified="true"),
    _person("stale", "ann@acme.test", auth_time=1_700_000_000),
    _person("timeless", "ann@acme.test", auth_time="now"),
    _person("ann", "ann@acme.test"),
    _person("turned", "turned@firm.test", name="Tu\u202er\tned" + "x" * 200),
    _person("nul", "nul@firm.test", name="N\0l"),
    _person("deep", "deep@firm.test", groups=["a", {"b": "\0"}]),
    _person("nulmail", "a\0b@firm.test"),
    _person("nomail", "nonsense"),
    _person("astray", "ben@acme.test", aud="somebody-else"),
)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread(user_claims=PEOPLE) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="module")
def late_provider() -> Iterator[str]:
    """Its tokens are over before they are shown."""
    with oidc_provider_mock.run_server_in_thread(
        user_claims=PEOPLE, access_token_max_age=timedelta(minutes=-5)
    ) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(autouse=True)
def _loopback(settings: LazySettings) -> None:
    settings.SSO_ALLOW_PRIVATE = True


def _set_up(by: User, issuer: str, **more: Any) -> SignInProvider:
    fields = {"name": "Firm", "issuer_url": issuer, "client_id": "acme", "secret": "s3cret", "is_active": True}
    return save_provider(
        by=by,
        **fields | {"default_role": Role.ANALYST, "email_domains": "firm.test"} | more,  # type: ignore[arg-type]
    )


def _leave(client: Client, **form: str) -> str:
    return str(client.post(BEGIN, form).context["url"])


def _come_back(client: Client, url: str, sub: str) -> Any:
    """The person answers at the provider; its redirect is followed by our browser."""
    answer = httpx.post(url, data={"sub": sub})
    back = urlsplit(answer.headers["Location"])
    return client.get(f"{back.path}?{back.query}")


def _sign_in(client: Client, sub: str) -> Any:
    return _come_back(client, _leave(client), sub)


def _is_in(client: Client) -> bool:
    return client.get("/").status_code == HTTPStatus.OK


def test_a_member_comes_in_by_verified_e_mail_and_is_known_the_next_time(
    acme: Organization, ann: User, ben: User, provider: str
) -> None:
    _set_up(ann, provider)
    for _ in range(2):
        client = Client(HTTP_HOST=acme.host)
        assert _sign_in(client, "ben").headers["Location"] == "/"
        assert client.get("/").context["request"].user == ben
    assert ben.check_password("demo-please-change")  # the other way stays as it was


def test_a_listed_domain_joins_with_the_default_role(anonymous: Client, ann: User, provider: str) -> None:
    _set_up(ann, provider)
    _sign_in(anonymous, "new")
    assert _is_in(anonymous)
    joined = User.objects.get(email="new@firm.test")
    assert (joined.role, joined.has_usable_password()) == (Role.ANALYST, False)
    assert AuditEntry.objects.filter(act=Act.MEMBER_JOINED, subject_id=joined.pk).exists()


@pytest.mark.parametrize(
    ("sub", "words"),
    [("far", "invite you"), ("liar", "not verified"), ("texter", "not verified"), ("astray", "could not be verified")],
)
def test_others_are_refused_in_clear_words(anonymous: Client, ann: User, provider: str, sub: str, words: str) -> None:
    _set_up(ann, provider)
    people = User.objects.count()
    answer = _sign_in(anonymous, sub)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert words in answer.text
    assert not _is_in(anonymous)
    assert User.objects.count() == people


@pytest.mark.parametrize("sub", ["nul", "deep", "nulmail", "nomail"])
def test_what_cannot_be_kept_is_refused_and_nobody_joins(anonymous: Client, ann: User, provider: str, sub: str) -> None:
    _set_up(ann, provider)
    before = User.objects.count()
    answer = _sign_in(anonymous, sub)
    assert (answer.status_code, User.objects.count()) == (403, before)


def test_a_name_of_the_provider_is_one_line_that_can_be_seen(anonymous: Client, ann: User, provider: str) -> None:
    _set_up(ann, provider)
    _sign_in(anonymous, "turned")
    assert User.objects.get(email="turned@firm.test").name == "Tu r ned" + "x" * 112


def test_one_who_left_does_not_come_back_by_the_provider(
    anonymous: Client, ann: User, ben: User, provider: str
) -> None:
    _set_up(ann, provider)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert _sign_in(anonymous, "ben").status_code == HTTPStatus.FORBIDDEN
    assert not _is_in(anonymous)


def test_a_token_that_is_over_is_refused(anonymous: Client, ann: User, late_provider: str) -> None:
    _set_up(ann, late_provider)
    assert _sign_in(anonymous, "ben").status_code == HTTPStatus.FORBIDDEN
    assert not _is_in(anonymous)


def test_another_issuer_is_refused(anonymous: Client, ann: User, provider: str) -> None:
    """The server calls itself by the name it was asked under: here its document comes from another one."""
    row = _set_up(ann, provider)
    SignInProvider.objects.filter(pk=row.pk).update(issuer_url=f"{provider}/.well-known/openid-configuration")
    assert anonymous.post(BEGIN).status_code == HTTPStatus.BAD_GATEWAY


@pytest.mark.parametrize("change", ["nonce", "state"])
def test_an_answer_to_another_browsers_question_is_refused(
    acme: Organization, ann: User, provider: str, change: str
) -> None:
    _set_up(ann, provider)
    client = Client(HTTP_HOST=acme.host)
    url = _leave(client)
    session = client.session
    state_id, (state, at, provider_id) = next(iter(session[STATES].items()))
    session[STATES] = (
        {state_id: [state | {"nonce": "another"}, at, provider_id]}
        if change == "nonce"
        else {"x": [state, at, provider_id]}
    )
    session.save()
    assert _come_back(client, url, "ben").status_code == HTTPStatus.FORBIDDEN
    assert not _is_in(client)


def test_acmes_answer_is_worth_nothing_at_globex(
    acme: Organization, globex: Organization, ann: User, provider: str
) -> None:
    _set_up(ann, provider)
    here = Client(HTTP_HOST=acme.host)
    answer = httpx.post(_leave(here), data={"sub": "ben"})
    back = urlsplit(answer.headers["Location"])
    next_door = Client(HTTP_HOST=globex.host)
    assert next_door.get(f"{back.path}?{back.query}").headers["Location"] == "/accounts/login/"
    assert here.get(f"{back.path}?{back.query}").status_code == HTTPStatus.FOUND
    assert _is_in(here)


def test_who_came_by_the_provider_stays_where_it_is_the_only_way(anonymous: Client, ann: User, provider: str) -> None:
    _set_up(ann, provider)
    House(sso_required=True).save()
    _sign_in(anonymous, "ben")
    assert _is_in(anonymous)


AGAIN = "/accounts/reauthenticate/provider/"


@pytest.fixture
def old_session(anonymous: Client, ann: User, provider: str) -> Client:
    """Ann has no password any more and came by the provider; what she does next asks again who it is."""
    _set_up(ann, provider)
    User.objects.filter(pk=ann.pk).update(password="!")
    assert _sign_in(anonymous, "ann").status_code == HTTPStatus.FOUND
    session = anonymous.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        record | {"at": 0} for record in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()
    return anonymous


def _leave_again(client: Client) -> str:
    asked = client.get(SETTINGS, follow=True)
    assert asked.request["PATH_INFO"] == AGAIN
    assert "Continue with Firm" in asked.text
    return str(client.post(AGAIN, {"next": SETTINGS}).context["url"])


def test_who_has_nothing_but_the_provider_is_asked_there_again(old_session: Client) -> None:
    url = _leave_again(old_session)
    assert {"prompt": ["login"], "max_age": ["0"]}.items() <= parse_qs(urlsplit(url).query).items()
    assert old_session.get(SETTINGS).status_code == HTTPStatus.FOUND  # leaving alone shows nothing
    assert _come_back(old_session, url, "ann").headers["Location"] == SETTINGS
    assert old_session.get(SETTINGS).status_code == HTTPStatus.OK


@pytest.mark.parametrize(("sub", "words"), [("ben", "somebody else"), ("far", "somebody else"), ("stale", "anew"),
                                            ("timeless", "anew")])  # fmt: skip
def test_another_person_or_an_earlier_answer_confirms_nothing(
    acme: Organization, old_session: Client, sub: str, words: str
) -> None:
    """Both `stale` and `timeless` are Ann at the provider; she was not asked since she was sent there."""
    _sign_in(Client(HTTP_HOST=acme.host), "ben")
    if words == "anew":
        _sign_in(Client(HTTP_HOST=acme.host), sub)
    answer = _come_back(old_session, _leave_again(old_session), sub)
    assert (answer.status_code, words in answer.text) == (HTTPStatus.FORBIDDEN, True)
    assert old_session.get(SETTINGS).status_code == HTTPStatus.FOUND
    assert _is_in(old_session)


def test_who_is_not_known_to_the_provider_is_not_sent_there(client_of: ClientOf, ann: User, provider: str) -> None:
    _set_up(ann, provider)
    page = client_of(ann).get("/accounts/reauthenticate/")
    assert AGAIN not in page.text
    assert client_of(ann).get(AGAIN).headers["Location"] == "/accounts/reauthenticate/"


@pytest.mark.parametrize("address", ["http://127.0.0.1", "https://127.0.0.1", "https://localhost", "https://[::1]",
                                     "https://169.254.169.254", "https://10.0.0.1"])  # fmt: skip
def test_no_address_of_this_network_is_asked(settings: LazySettings, address: str) -> None:
    settings.SSO_ALLOW_PRIVATE = False
    with pytest.raises(Exception, match=r"no public address|No connection adapters"):
        outside_session().get(f"{address}:1/")


def test_the_server_that_is_open_on_loopback_is_not_reached(settings: LazySettings, provider: str) -> None:
    """With the setting it answers: it is the judgement that stops it, not a closed port."""
    port = urlsplit(provider).port
    assert outside_session().get(f"{provider}/.well-known/openid-configuration").status_code == HTTPStatus.OK
    settings.SSO_ALLOW_PRIVATE = False
    with pytest.raises(Exception, match="no public address"):
        outside_session().get(f"https://127.0.0.1:{port}/")
