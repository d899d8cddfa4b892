"""Who opens the live socket: exact origin, host, session and signed topics, through the real ASGI application."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django_tenants.utils import tenant_context

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio.live import amounts_topic
from apps.portfolio.models import Portfolio
from apps.tenants.live import sign_topics
from apps.tenants.live.hub import hub
from apps.tenants.middleware import forget_hosts
from apps.tenants.models import Organization
from apps.tenants.services import resume_organization, suspend_organization
from tests.conftest import ClientOf

PATIENCE = 10
type Answer = tuple[str, int | str]


@pytest.fixture(autouse=True)
def _sessions_are_taken_back(committed: None, acme: Organization, globex: Organization) -> Iterator[None]:
    """The next test finds no session, and no subscription of an event loop that is gone."""
    yield
    hub._tasks.clear()
    for organization in (acme, globex):
        with tenant_context(organization):
            Session.objects.all().delete()


@pytest.fixture
def dial(ann: User, client_of: ClientOf, apple: Instrument) -> Callable[..., Answer]:
    """Ann's page asks for the socket; each argument replaces what her browser would send."""
    client = client_of(ann)
    request = HttpRequest()
    request.session = client.session
    token = sign_topics(request, [f"quote:{apple.pk}"])

    def answer(**changes: str) -> Answer:
        sent = {"host": "acme.localhost:8000", "origin": "http://acme.localhost:8000", "cookie": cookie_of(client)}
        topics = changes.pop("topics", token)
        hub._tasks.clear()  # each event loop has a subscription of its own
        headers = [(name.encode(), value.encode()) for name, value in (sent | changes).items() if value]
        return asyncio.run(_dial(f"/ws/?topics={topics}", headers))

    return answer


def cookie_of(client: Client) -> str:
    """What the browser sends back."""
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


async def _dial(path: str, headers: list[tuple[bytes, bytes]]) -> Answer:
    """("refused", code) before the handshake, ("closed", code) after it, or ("frame", text)."""
    from config.asgi import application  # looks for the folders of static files, which the session makes

    socket = WebsocketCommunicator(application, path, headers=headers)
    accepted, code = await socket.connect(timeout=PATIENCE)
    if not accepted:
        return "refused", int(code or 0)
    try:
        answer: dict[str, Any] = await socket.receive_output(PATIENCE)
    except TimeoutError:
        return "silent", 0
    if answer["type"] == "websocket.send":
        await socket.disconnect()
        return "frame", str(answer["text"])
    return "closed", int(answer["code"])


def test_a_members_page_is_shown_the_present_state_first(dial: Callable[..., Answer], apple: Instrument) -> None:
    kind, text = dial()
    assert kind == "frame"
    assert f'data-live="{apple.pk}:price"' in str(text)


@pytest.mark.parametrize(
    "origin",
    [
        "http://globex.localhost:8000",
        "https://acme.localhost:8000",
        "http://acme.localhost",
        "http://localhost:8000",
        "null",
        "",
    ],
)
def test_another_origin_is_refused(dial: Callable[..., Answer], origin: str) -> None:
    assert dial(origin=origin) == ("refused", 4403)


def test_an_unknown_host_is_refused(dial: Callable[..., Answer]) -> None:
    assert dial(host="nobody.localhost", origin="http://nobody.localhost") == ("refused", 4403)


@pytest.mark.parametrize(
    "host", ["ACME.localhost:8000", "acme.localhost.:8000", "www.acme.localhost", "a@acme.localhost"]
)
def test_another_spelling_of_the_host_is_refused(dial: Callable[..., Answer], host: str) -> None:
    assert dial(host=host, origin=f"http://{host.lower()}") == ("refused", 4403)


def test_two_hosts_are_none(dial: Callable[..., Answer]) -> None:
    assert dial(also="acme.localhost:8000")[0] == "frame"  # positive control: another header twice is nobody's matter
    assert dial(Host="acme.localhost:8000") == ("refused", 4403)


def test_a_suspended_organization_has_no_sockets(dial: Callable[..., Answer], acme: Organization) -> None:
    """Also where the web process does not know yet: the table is asked once the socket has joined."""
    assert dial()[0] == "frame"
    suspend_organization(organization=acme, by=None, reason="a test")
    try:
        assert dial() == ("closed", 4402)
        forget_hosts()
        assert dial() == ("closed", 4402)
    finally:
        resume_organization(organization=acme, by=None)
        forget_hosts()
    assert dial()[0] == "frame"


def test_without_a_session_the_page_is_sent_to_sign_in(dial: Callable[..., Answer]) -> None:
    assert dial(cookie="") == ("closed", 4401)


def test_a_cookie_of_acme_is_anonymous_at_globex(dial: Callable[..., Answer]) -> None:
    assert dial(host="globex.localhost", origin="http://globex.localhost") == ("closed", 4401)


def test_a_list_that_was_not_signed_here_is_refused(dial: Callable[..., Answer]) -> None:
    assert dial(topics="quote:1") == ("closed", 4403)
    assert dial(topics="") == ("closed", 4403)


def test_acmes_list_is_worth_nothing_to_eve(dial: Callable[..., Answer], client_of: ClientOf, eve: User) -> None:
    """Eve is signed in at globex, and holds a list that acme signed for Ann."""
    mine = cookie_of(client_of(eve))
    assert dial(host="globex.localhost", origin="http://globex.localhost", cookie=mine) == ("closed", 4403)


def test_pages_of_two_organizations_are_each_shown_their_own(
    client_of: ClientOf, ann: User, eve: User, acme: Organization, globex: Organization
) -> None:
    """One after the other on the same thread, each shows the present state again and again."""
    for user, organization in ((ann, acme), (eve, globex), (ann, acme)):
        with tenant_context(organization):
            book = Portfolio.objects.create(name="Live", owner=user, base_currency="USD", shared=True)
            key, topic = book.pk, amounts_topic(book)
        kind, text = _dial_as(client_of(user), organization, topic)
        with tenant_context(organization):
            book.delete()
        assert (kind, f'data-live="{key}:value"' in str(text)) == ("frame", True)


def _dial_as(client: Client, organization: Organization, topic: str) -> Answer:
    request = HttpRequest()
    request.session = client.session
    with tenant_context(organization):
        token = sign_topics(request, [topic])
    sent = {"host": organization.host, "origin": f"http://{organization.host}", "cookie": cookie_of(client)}
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    hub._tasks.clear()  # they belong to the event loop that is over
    return asyncio.run(_dial(f"/ws/?topics={token}", headers))
