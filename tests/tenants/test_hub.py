"""The hub between the carrier and the sockets of one process, on the real carrier."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from apps.tenants import live
from apps.tenants.live.hub import Hub

PATIENCE = 10.0


class Page:
    """A socket that keeps the frames it was sent; `ready` holds it up as a slow reader would."""

    def __init__(self) -> None:
        self.scope: Mapping[str, Any] = {}
        self.pending: dict[str, str] = {}
        self.is_reading = False
        self.topics: frozenset[str] = frozenset()
        self.frames: list[str] = []
        self.refreshed = self.dismissed = self.rested = 0
        self.ready = asyncio.Event()
        self.ready.set()

    async def send_text(self, text: str) -> None:
        await self.ready.wait()
        self.frames.append(text)

    async def refresh(self) -> None:
        self.refreshed += 1

    async def dismiss(self) -> None:
        self.dismissed += 1

    async def rest(self) -> None:
        self.rested += 1

    async def narrow(self, user: object, topics: frozenset[str]) -> None:
        self.topics = topics


async def nobody_is_judged(pages: object) -> dict[Any, Any]:
    """There is no organization here; tests/tenants/test_access.py is about that."""
    return {}


@asynccontextmanager
async def listening(*topics: str) -> AsyncIterator[tuple[Hub, Page]]:
    """A page on these topics, once the hub's subscription stands."""
    hub, page = Hub(nobody_is_judged), Page()
    hub.join(page, topics)
    try:
        await _until(lambda: page.refreshed > 0)
        yield hub, page
    finally:
        for task in hub._tasks:
            task.cancel()
        await asyncio.gather(*hub._tasks, return_exceptions=True)


async def _until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not fact():
            await asyncio.sleep(0.01)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 3 * PATIENCE))


async def push(topic: str, **fragments: str) -> None:
    await asyncio.to_thread(live.push, topic, fragments)


def test_a_push_reaches_the_pages_of_its_topic_only() -> None:
    async def scenario() -> None:
        topic = f"quote:{uuid4()}"
        async with listening(topic) as (hub, page):
            other = Page()
            hub.join(other, [f"quote:{uuid4()}"])
            await push(topic, price="<b>1</b>")
            await _until(lambda: page.frames == ["<b>1</b>"])
            assert other.frames == []

    run(scenario)


def test_of_one_cell_the_latest_wins() -> None:
    """Many ticks, one window: one frame that holds each cell once."""

    async def scenario() -> None:
        async with listening("quote:1") as (hub, page):
            page.ready.clear()
            hub.deliver({"quote:1": {"first": "begins"}})
            await _until(lambda: page in hub._sending)
            for n in range(500):
                hub.deliver({"quote:1": {"price": f"<b>{n}</b>", "age": "<i>now</i>"}})
            page.ready.set()
            await _until(lambda: len(page.frames) == 2)
            assert page.frames == ["begins", "<b>499</b><i>now</i>"]

    run(scenario)


def test_a_slow_reader_costs_its_neighbours_nothing() -> None:
    async def scenario() -> None:
        async with listening("quote:1") as (hub, quick):
            slow = Page()
            slow.ready.clear()
            hub.join(slow, ["quote:1"])
            for n in range(3):
                hub.deliver({"quote:1": {"price": str(n)}})
                await _until(lambda n=n: quick.frames[-1:] == [str(n)])  # type: ignore[misc]
            assert len(hub._sending) == 1
            slow.ready.set()
            await _until(lambda: slow.frames == ["0", "2"])

    run(scenario)


def test_a_page_that_left_hears_nothing() -> None:
    async def scenario() -> None:
        async with listening("quote:1", "quote:2") as (hub, page):
            hub.leave(page)
            hub.leave(page)
            hub.deliver({"quote:1": {"price": "1"}})
            hub.deliver_to(page, {"quote:1": {"price": "1"}})
            await asyncio.sleep(0.5)
            assert (page.frames, dict(hub._interested)) == ([], {})

    run(scenario)


def test_the_present_state_never_overwrites_a_newer_tick() -> None:
    async def scenario() -> None:
        async with listening("quote:1") as (hub, page):
            hub.deliver({"quote:1": {"price": "new"}})
            hub.deliver_to(page, {"quote:1": {"price": "old", "age": "fresh"}})
            await _until(lambda: page.frames == ["newfresh"] or page.frames == ["freshnew"])

    run(scenario)


def test_signing_out_closes_the_members_pages() -> None:
    async def scenario() -> None:
        topic = f"org_x:user:{uuid4()}"
        async with listening(topic) as (hub, page):
            neighbour = Page()
            hub.join(neighbour, [f"org_x:user:{uuid4()}"])
            await asyncio.to_thread(live.disconnect, topic)
            await _until(lambda: page.dismissed == 1)
            assert neighbour.dismissed == 0

    run(scenario)


def test_a_suspension_closes_every_page_of_the_organization() -> None:
    async def scenario() -> None:
        async with listening(f"org_x:user:{uuid4()}", "quote:1") as (hub, page):
            colleague, neighbour = Page(), Page()
            hub.join(colleague, [f"org_x:user:{uuid4()}", "quote:1"])
            hub.join(neighbour, [f"org_xy:user:{uuid4()}", "quote:1"])
            await asyncio.to_thread(live.disconnect_organization, "org_x")
            await _until(lambda: page.rested == colleague.rested == 1)
            assert neighbour.rested == 0

    run(scenario)


def test_topics_on_show_are_known_to_other_processes() -> None:
    async def scenario() -> None:
        topic = f"org_x:{uuid4()}:amounts"
        async with listening(topic, "quote:1"):
            async with asyncio.timeout(PATIENCE):
                while topic not in await asyncio.to_thread(live.open_topics, "amounts"):
                    await asyncio.sleep(0.05)
            assert "quote:1" not in await asyncio.to_thread(live.open_topics, "amounts")
            assert "quote:1" in await asyncio.to_thread(live.shown_topics, "quote")

    run(scenario)
