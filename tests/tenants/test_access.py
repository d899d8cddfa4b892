"""An open socket hears no longer what was taken from its member, whoever forgot to say so."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.portfolio.live import amounts_topic
from apps.portfolio.models import Portfolio
from apps.tenants.live import push, sign_topics
from apps.tenants.live.hub import JUDGED_EVERY_SECONDS, hub
from apps.tenants.models import Organization, Standing
from tests.conftest import ClientOf
from tests.tenants.test_socket import cookie_of

PATIENCE = 20
SIGN_IN, RESTING = 4401, 4402
BOOK = "Watched by Ben"
type Change = Callable[[], None]


@pytest.fixture(autouse=True)
def _everything_is_put_back(committed: None, acme: Organization, ben: User) -> Iterator[None]:
    """These tests commit."""
    hub._tasks.clear()
    yield
    hub._tasks.clear()
    with schema_context("public"):
        Organization.objects.update(standing=Standing.ACTIVE)
    with tenant_context(acme):
        Session.objects.all().delete()
        Portfolio.objects.filter(name=BOOK).delete()
        ben.save()


@pytest.fixture
def book(ann: User, acme: Organization) -> Portfolio:
    return Portfolio.objects.create(name=BOOK, owner=ann, base_currency="USD", shared=True)


@pytest.fixture
def page(client_of: ClientOf, ben: User, book: Portfolio) -> tuple[Client, str]:
    """Ben's page of Ann's shared book, with a topic that everybody hears beside it."""
    client = client_of(ben)
    request = HttpRequest()
    request.session = client.session
    return client, sign_topics(request, ["feed:clock", amounts_topic(book)])


def visit(page: tuple[Client, str], scenario: Callable[[WebsocketCommunicator], Awaitable[None]]) -> None:
    """Opens the page's socket on the real application for the time of a scenario."""

    async def run() -> None:
        from config.asgi import application

        client, token = page
        sent = {"host": "acme.localhost", "origin": "http://acme.localhost", "cookie": cookie_of(client)}
        headers = [(name.encode(), value.encode()) for name, value in sent.items()]
        socket = WebsocketCommunicator(application, f"/ws/?topics={token}", headers=headers)
        assert (await socket.connect(timeout=PATIENCE))[0]
        await _hears(socket)
        await scenario(socket)
        await socket.disconnect()

    async def bounded() -> None:
        async with asyncio.timeout(3 * PATIENCE):
            await run()

    asyncio.run(bounded())


async def _hears(socket: WebsocketCommunicator) -> None:
    """The process's subscription stands: what is pushed from here on reaches the page."""

    async def call() -> None:
        while True:
            await asyncio.to_thread(push, "feed:clock", {"ready": "<i>ready</i>"})
            await asyncio.sleep(0.2)

    caller = asyncio.create_task(call())
    while "ready" not in await socket.receive_from(PATIENCE):
        pass
    caller.cancel()


async def _until_closed(socket: WebsocketCommunicator) -> int:
    while True:
        answer: dict[str, Any] = await socket.receive_output(PATIENCE)
        if answer["type"] == "websocket.close":
            return int(answer["code"])


@pytest.mark.parametrize("what", ["removed", "signed out", "suspended", "password"])
def test_who_may_not_be_here_any_more_is_sent_away(page: tuple[Client, str], ben: User, what: str) -> None:
    def change() -> None:
        with schema_context("public"):
            if what == "suspended":
                Organization.objects.filter(schema_name=ben._schema).update(standing=Standing.SUSPENDED)
        with schema_context(ben._schema):
            if what == "removed":
                User.objects.filter(pk=ben.pk).update(is_active=False)
            elif what == "signed out":
                Session.objects.all().delete()
            elif what == "password":
                User.objects.filter(pk=ben.pk).update(password="another")

    async def scenario(socket: WebsocketCommunicator) -> None:
        await database_sync_to_async(change)()
        assert await _until_closed(socket) == (RESTING if what == "suspended" else SIGN_IN)

    visit(page, scenario)


@pytest.mark.parametrize("what", ["share", "amounts", "nothing"])
def test_amounts_that_were_taken_away_are_heard_no_more(
    page: tuple[Client, str], ben: User, book: Portfolio, what: str
) -> None:
    """`nothing` is the positive control: the same push is heard where nothing was taken."""

    def change() -> None:
        with schema_context(ben._schema):
            if what == "share":
                Portfolio.objects.filter(pk=book.pk).update(shared=False)
            elif what == "amounts":
                User.objects.filter(pk=ben.pk).update(sees_amounts=False)

    topic = f"{ben._schema}:{book.pk}:amounts"
    tick = uuid4().hex  # the carrier is shared with whatever else runs

    async def scenario(socket: WebsocketCommunicator) -> None:
        await database_sync_to_async(change)()
        await asyncio.sleep(JUDGED_EVERY_SECONDS + 1.5)
        await asyncio.to_thread(push, topic, {"secret": "<b>4711</b>"})
        await asyncio.to_thread(push, "feed:clock", {"clock": f"<i>{tick}</i>"})
        heard = ""
        while tick not in heard:
            heard += await socket.receive_from(PATIENCE)
        assert ("4711" in heard) is (what == "nothing")

    visit(page, scenario)
