"""The one consumer: admits a page to its topics, then only forwards HTML."""

from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django_tenants.utils import schema_context, tenant_context

from apps.tenants.live.hub import hub
from apps.tenants.live.topics import Cells, allowed_cells, allowed_topics, signed_topics
from apps.tenants.models import Organization
from apps.tenants.signing import BadSignature

SIGN_IN, RESTING, BAD_TOPICS = 4401, 4402, 4403


class LiveConsumer(AsyncWebsocketConsumer):
    """Touches the database in `connect` (and when it must show the present state again), nowhere else."""

    pending: dict[str, str]
    topics: frozenset[str] = frozenset()
    is_reading = False

    async def connect(self) -> None:
        """Accept, authorise every topic, show the present state; a refusal has a close code that says why."""
        self.pending = {}
        await self.accept()
        if self.scope["user"] is None:
            await self.close(SIGN_IN)
            return
        try:
            token = parse_qs(self.scope["query_string"].decode("ascii")).get("topics", [""])[0]
            asked = signed_topics(
                token, schema=self.scope["organization"].schema_name, session_key=self.scope["session_key"]
            )
        except (BadSignature, UnicodeDecodeError):
            await self.close(BAD_TOPICS)
            return
        allowed = await _allowed(self.scope["organization"], self.scope["user"], asked)
        hub.join(self, [*allowed, self.scope["user_topic"]])  # before reading: what is pushed meanwhile is not missed
        await self.refresh()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Pages have nothing to say: a frame from a browser is dropped."""

    async def disconnect(self, code: int) -> None:
        """Also when the server stops."""
        hub.leave(self)

    async def send_text(self, text: str) -> None:
        """Straight to the server: channels' own dispatch makes a thread hop for every message."""
        await self.base_send({"type": "websocket.send", "text": text})

    async def refresh(self) -> None:
        """The present state, below what is pushed while it is read; every topic is authorised again."""
        self.is_reading = True
        try:
            cells = await _cells(self.scope["organization"], self.scope["user"], sorted(self.topics))
        finally:
            self.is_reading = False
        if cells is None:
            await self.rest()
        else:
            hub.deliver_to(self, cells)

    async def narrow(self, user: Any, topics: frozenset[str]) -> None:
        """Less is heard from here on; what waited to be sent may be of the rest, so the present state replaces it."""
        self.scope["user"] = user
        hub.leave(self)
        self.pending.clear()
        hub.join(self, topics)
        await self.refresh()

    async def dismiss(self) -> None:
        """Signed out: the page goes to the sign-in form."""
        hub.leave(self)
        await self.close(SIGN_IN)

    async def rest(self) -> None:
        """Suspended or closing: the page asks again once every web process knows."""
        hub.leave(self)
        await self.close(RESTING)


@database_sync_to_async
def _allowed(organization: Organization, user: Any, topics: list[str]) -> list[str]:
    with tenant_context(organization):
        return allowed_topics(user, topics)


@database_sync_to_async
def _cells(organization: Organization, user: Any, topics: list[str]) -> Cells | None:
    """None where the organization is not active any more: asked of the table, after the socket has joined."""
    with schema_context("public"):
        if not Organization.objects.active().filter(pk=organization.pk).exists():
            return None
    with tenant_context(organization):
        return allowed_cells(user, topics)
