"""Open pages: signed-in sockets in a thread with a loop of its own, which notes when each saw what is waited for."""

import asyncio
import html
import re
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from typing import Any

import redis.asyncio
from websockets.asyncio.client import connect

from benchmarks.load import get_page, request_bytes
from benchmarks.people import Member

TOKEN = re.compile(rb'data-live-topics="([^"]+)"')
PATIENCE = 20.0


class NotDeliveredError(Exception):
    """A frame did not reach every page: its delay cannot be told."""


@dataclass(slots=True)
class Sightings:
    """When each of `count` listeners saw a mark; watched in one thread, seen in another."""

    count: int
    _mark: str = ""
    _times: list[float] = field(default_factory=list)
    _complete: threading.Event = field(default_factory=threading.Event)

    def watch(self, mark: str) -> None:
        """From now on `mark` is what counts."""
        self._times, self._mark = [], mark
        self._complete.clear()

    def see(self, text: str) -> None:
        """A listener was handed `text`."""
        if self._mark and self._mark in text:
            self._times.append(time.perf_counter())
            if len(self._times) == self.count:
                self._complete.set()

    def wait(self) -> list[float]:
        """The times, when all have seen it."""
        if not self._complete.wait(PATIENCE):
            raise NotDeliveredError(f"{len(self._times)} of {self.count} saw {self._mark}")
        return self._times


@contextmanager
def open_pages(port: int, host: str, members: Sequence[Member], count: int) -> Iterator[Sightings]:
    """Every member opens the dashboard, and `count` sockets are opened from these pages as a browser does."""
    place = f"{host}:{port}"
    seen = Sightings(count)

    async def page(member: Member, token: str, ready: Callable[[], None]) -> None:
        async with connect(
            f"ws://{place}/ws/?topics={token}",
            host="127.0.0.1",
            port=port,
            origin=f"http://{place}",  # type: ignore[arg-type]  # a NewType of str
            additional_headers={"Cookie": member.cookie},
            compression=None,
        ) as socket:
            first = True
            async for text in socket:
                if first:
                    ready()
                first = False
                seen.see(str(text))

    tokens = [_token(get_page(port, request_bytes(place, member.cookie))) for member in members]
    pages = [partial(page, member, token) for member, token in zip(members, tokens, strict=True)]
    with _running(list(islice(cycle(pages), count))):
        yield seen


@contextmanager
def subscriber(url: str, channel: str) -> Iterator[Sightings]:
    """One bare subscription to `channel`."""
    seen = Sightings(1)

    async def listen(ready: Callable[[], None]) -> None:
        async with (
            redis.asyncio.Redis.from_url(url, decode_responses=True) as carrier,
            carrier.pubsub() as subscription,
        ):
            await subscription.subscribe(channel)
            async for message in subscription.listen():
                if message["type"] == "message":
                    seen.see(message["data"])
                else:
                    ready()

    with _running([listen]):
        yield seen


def _token(page: bytes) -> str:
    found = TOKEN.search(page)
    assert found, "the page carries no live topics"
    return html.unescape(found[1].decode())


type Listener = Callable[[Callable[[], None]], Coroutine[Any, Any, None]]


@contextmanager
def _running(listeners: Sequence[Listener]) -> Iterator[None]:
    """Runs the listeners in a thread until the block ends; each starts when the one before it has called `ready`."""
    loop, ready = asyncio.new_event_loop(), threading.Semaphore(0)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        for listener in listeners:
            task = asyncio.run_coroutine_threadsafe(listener(ready.release), loop)
            if not ready.acquire(timeout=PATIENCE):
                raise NotDeliveredError(
                    f"A listener did not start: {task.exception(0) if task.done() else 'no answer'}"
                )
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


async def _end_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
