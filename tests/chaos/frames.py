"""Open pages: sockets of every house on every page that has one, in a thread with a loop of its own."""

import asyncio
import html
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from websockets.asyncio.client import connect

from apps.tenants.live import push
from tests.chaos.houses import House, key_of
from tests.chaos.tally import Tally
from tests.chaos.visits import Address, Web

TOKEN = re.compile(r'data-live-topics="([^"]+)"')
CANARY = re.compile(r"canary (\d+) of (\w+)")
PATIENCE = 60


class Pages:
    """All sockets, and which canaries they still wait for."""

    def __init__(self, web: Web, tally: Tally) -> None:
        self.web, self.tally = web, tally
        self.waiting: dict[int, House] = {}
        self.ready: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def send(self, number: int, house: House, book: str, rng: Random) -> None:
        """A cell with the house's mark, on one of its private topics."""
        topics = (f"{house.schema}:exports", f"{house.schema}:user:{key_of(0)}", f"{house.schema}:{book}:amounts")
        with self._lock:
            self.waiting[number] = house
        push(rng.choice(topics), {f"canary:{number}": f"<i>canary {number} of {house.mark}</i>"})

    async def listen(self, house: House, name: str, token: str) -> None:
        """One page's socket, as its script opens it."""
        place = f"{house.organization.host}:{self.web.port}"
        async with connect(
            f"ws://{place}/ws/?topics={token}",
            host="127.0.0.1",
            port=self.web.port,
            origin=f"http://{place}",  # type: ignore[arg-type]  # a NewType of str
            additional_headers={"Cookie": house.cookies[0]},
            compression=None,
        ) as socket:
            async for text in socket:
                self._hear(house, name, str(text))

    def _hear(self, house: House, name: str, text: str) -> None:
        self.ready.add((house.mark, name))
        self.tally.overhear(house, text, f"the socket of {name}")
        for number, _ in CANARY.findall(text):
            with self._lock:
                is_first = self.waiting.get(int(number)) is house and self.waiting.pop(int(number))
            if is_first:
                self.tally.scan("frames", house, text, f"frame {number}")

    def rest(self) -> list[int]:
        """Canaries that nobody has seen yet."""
        with self._lock:
            return sorted(self.waiting)


@contextmanager
def opened(web: Web, houses: list[House], pages: list[Address], tally: Tally) -> Iterator[Pages]:
    """A socket for every house and page that carries a list of topics, all of them listening."""
    ours, loop = Pages(web, tally), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asked = [(house, page.name, token) for house in houses for page in pages if (token := _token(web, house, page))]
        tasks = [asyncio.run_coroutine_threadsafe(ours.listen(*one), loop) for one in asked]
        _wait_for_all(ours, {(house.mark, name) for house, name, _ in asked}, {house.schema for house in houses})
        yield ours
        broken = [task.exception() for task in tasks if task.done()]
        assert not broken, f"sockets were closed: {broken[:3]}"
    finally:
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


def _token(web: Web, house: House, page: Address) -> str:
    """Of the first member's own page: a list is good for one session."""
    found = TOKEN.search(web.ask_as(house, page, house.cookies[0]).text)
    return html.unescape(found[1]) if found else ""


def _wait_for_all(ours: Pages, asked: set[tuple[str, str]], schemas: set[str]) -> None:
    limit = time.monotonic() + PATIENCE
    while asked - ours.ready:
        for schema in schemas:
            push(f"{schema}:user:{key_of(0)}", {"hello": "<i>hello</i>"})
        assert time.monotonic() < limit, f"sockets heard nothing: {sorted(asked - ours.ready)[:3]}"
        time.sleep(0.3)


async def _end_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
