"""The receiving end, one a process: topic -> sockets, conflated into one frame a socket and window."""

import asyncio
import json
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

import redis.asyncio
from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import RedisError

from apps.tenants.live.access import Away, Judge, Page, judge
from apps.tenants.live.carrier import CHANNEL, OPEN

logger = logging.getLogger(__name__)

PRESENCE_SECONDS = 10
JUDGED_EVERY_SECONDS = 3  # what was taken from a member is heard no longer than 5 s
RETRY_SECONDS = 0.5


class Socket(Page, Protocol):
    """What the hub needs of a consumer."""

    pending: dict[str, str]
    is_reading: bool  # the present state is on its way: frames wait, so that it never overwrites a newer one

    async def send_text(self, text: str) -> None:
        """Hand one frame to the server."""

    async def refresh(self) -> None:
        """Show the present state again, after frames may have been missed."""

    async def dismiss(self) -> None:
        """Close: the member is signed out."""

    async def narrow(self, user: object, topics: frozenset[str]) -> None:
        """The member as they are now, and what they may still hear."""

    async def rest(self) -> None:
        """Close: the organization is suspended or closing."""


class Hub:
    """All tables live on the event loop: nothing here needs a lock."""

    def __init__(self, judge: Judge = judge) -> None:
        self._judge_pages = judge
        self._interested: dict[str, set[Socket]] = defaultdict(set)
        self._dirty: set[Socket] = set()
        self._sending: dict[Socket, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def join(self, socket: Socket, topics: Iterable[str]) -> None:
        """From now on `socket` hears `topics`; the first one starts the process's subscription."""
        socket.topics = frozenset(topics)
        for topic in socket.topics:
            self._interested[topic].add(socket)
        if not self._tasks:
            self._tasks = [asyncio.create_task(_forever(work)) for work in self._work()]

    def _work(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        return self._listen, self._flush, self._announce, self._judge

    def leave(self, socket: Socket) -> None:
        """Forget a socket; safe to repeat."""
        for topic in socket.topics:
            self._interested[topic].discard(socket)
            if not self._interested[topic]:
                del self._interested[topic]
        socket.topics = frozenset()
        self._dirty.discard(socket)
        if sending := self._sending.pop(socket, None):
            sending.cancel()

    def deliver(self, cells: Mapping[str, Mapping[str, str]]) -> None:
        """Note fragments for the next window: of one key, the latest wins."""
        for topic, fragments in cells.items():
            for socket in self._interested.get(topic, ()):
                socket.pending.update(fragments)
                self._dirty.add(socket)

    def deliver_to(self, socket: Socket, cells: Mapping[str, Mapping[str, str]]) -> None:
        """The present state for one socket; newer fragments that already wait for it are kept."""
        for fragments in cells.values():
            socket.pending = {**fragments, **socket.pending}
        if socket.topics and socket.pending:
            self._dirty.add(socket)

    async def _listen(self) -> None:
        async with redis.asyncio.Redis.from_url(settings.LIVE_URL) as carrier, carrier.pubsub() as subscription:
            await subscription.subscribe(CHANNEL)
            for socket in self._sockets():  # the subscription is new: frames may have been missed
                await socket.refresh()
            async for message in subscription.listen():
                if message["type"] == "message":
                    await self._receive(json.loads(message["data"]))

    async def _receive(self, message: dict[str, object]) -> None:
        if isinstance(cells := message.get("cells"), dict):
            self.deliver(cells)
        if isinstance(topic := message.get("close"), str):
            for socket in list(self._interested.get(topic, ())):
                await socket.dismiss()
        if isinstance(schema := message.get("rest"), str):
            for socket in self._sockets_of(schema):
                await socket.rest()

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(settings.LIVE_WINDOW_MS / 1000)
            ready = [socket for socket in self._dirty if socket not in self._sending and not socket.is_reading]
            self._dirty.difference_update(ready)
            for socket in ready:
                text = "".join(socket.pending.values())
                socket.pending.clear()
                # A reader that does not keep up holds one task and its pending cells, never a queue.
                self._sending[socket] = task = asyncio.create_task(socket.send_text(text))
                task.add_done_callback(lambda _, socket=socket: self._sending.pop(socket, None))  # type: ignore[misc]

    async def _announce(self) -> None:
        async with redis.asyncio.Redis.from_url(settings.LIVE_URL) as carrier:
            while True:
                now = time.time()
                until = dict.fromkeys(self._interested, now + 3 * PRESENCE_SECONDS)
                if until:
                    await carrier.zadd(OPEN, until)
                await carrier.zremrangebyscore(OPEN, 0, now)
                await asyncio.sleep(PRESENCE_SECONDS if until else 1)

    async def _judge(self) -> None:
        """Whatever nobody told us (a role, a share, a session, a suspension) is found out here."""
        while True:
            await asyncio.sleep(JUDGED_EVERY_SECONDS)
            for socket, verdict in (await self._judge_pages(self._sockets())).items():
                if not socket.topics:  # left meanwhile
                    continue
                if isinstance(verdict, Away):
                    await (socket.rest() if verdict is Away.RESTING else socket.dismiss())
                elif verdict[1] != socket.topics:
                    await socket.narrow(*verdict)

    def _sockets_of(self, schema: str) -> set[Socket]:
        """Each socket hears its member's own topic, which begins with the schema."""
        topics = [topic for topic in self._interested if topic.startswith(f"{schema}:")]
        return {socket for topic in topics for socket in self._interested[topic]}

    def _sockets(self) -> set[Socket]:
        return {socket for sockets in self._interested.values() for socket in sockets}


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except (RedisError, OSError, DatabaseError) as error:
            logger.warning("live carrier or database away: %s", error)
        except Exception:
            logger.exception("live hub")
        await asyncio.sleep(RETRY_SECONDS)


hub = Hub()
