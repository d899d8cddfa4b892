"""Yahoo's market as a stream: heard over its WebSocket, polled where that is silent, played again when it is closed."""

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from django.utils import timezone
from yfinance import AsyncWebSocket

from apps.market import calendars
from apps.market.providers.base import Batch, Door, Happening, ProviderError, Symbols, Tick
from apps.market.providers.playback import Recording, Session, minute_points, play
from apps.market.providers.yahoo.parsing import CALENDAR, SOURCE, parse_heard

logger = logging.getLogger(__name__)

POLL = 15.0  # real seconds between two rounds of quotes while nothing is heard
QUIET = 60.0  # and of the symbols that are silent while others are heard
BEAT = 0.5  # real seconds between two batches of what was heard
FIRST, LONGEST = 1.0, 60.0  # seconds before the next try to connect


class Socket(AsyncWebSocket):
    """yfinance's client, whose own `listen` never comes back from a connection that was closed in order."""

    async def listen(self, message_handler: Callable[[dict[str, Any]], None] | None = None) -> None:
        """Until the connection ends; what cannot be read ends it too."""
        async for text in self._ws:
            told = self._decode_message(json.loads(text).get("message", ""))
            if message_handler is not None:
                message_handler(told)


class Listener:
    """The WebSocket in a thread of its own; `wanted` may change at any time, `heard` fills."""

    def __init__(self, address: str) -> None:
        self.wanted: frozenset[str] = frozenset()
        self.heard: SimpleQueue[Tick] = SimpleQueue()
        self.notes: SimpleQueue[str] = SimpleQueue()  # empty: connected; else why not
        self._address, self._stop = address, Event()
        self._thread = Thread(target=lambda: asyncio.run(self._listen()), name="yahoo-stream", daemon=True)

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    async def _listen(self) -> None:
        """Again and again, with pauses that double and a little chance so that a fleet does not come at once."""
        pause = FIRST
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                await self._connected()
            except Exception as error:  # whatever the client raises: the next try follows
                self.notes.put(f"{type(error).__name__}: {str(error)[:160]}")
            pause = FIRST if time.monotonic() - began > LONGEST else min(pause * 2, LONGEST)
            await self._rest(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret

    async def _rest(self, seconds: float) -> None:
        ends_at = time.monotonic() + seconds
        while not self._stop.is_set() and time.monotonic() < ends_at:
            await asyncio.sleep(0.05)

    async def _connected(self) -> None:
        socket = Socket(self._address, verbose=False)
        async with asyncio.timeout(10):
            await socket.subscribe([])
        self.notes.put("")
        listening = asyncio.create_task(socket.listen(self._take))
        try:
            while not self._stop.is_set() and not listening.done():
                await self._subscribe(socket)
                await asyncio.wait([listening], timeout=BEAT / 2)
            if listening.done():
                listening.result()
                raise ConnectionError("the stream ended")
        finally:
            listening.cancel()
            with suppress(Exception, asyncio.CancelledError):
                await listening
            await socket.close()

    async def _subscribe(self, socket: Any) -> None:
        known = frozenset(socket._subscriptions)  # noqa: SLF001 - the client tells nobody
        if more := self.wanted - known:
            await socket.subscribe(sorted(more))
        if less := known - self.wanted:
            await socket.unsubscribe(sorted(less))

    def _take(self, told: dict[str, Any]) -> None:
        if (tick := parse_heard(told)) is not None:
            self.heard.put(tick)


def stream(address: str, symbols: Symbols, since: datetime | None, door: Door, speed: float) -> Iterator[Batch]:
    """Endless: live while the market is open, else the last session's minutes."""
    while True:
        now = timezone.now()
        on = calendars.session_at(CALENDAR, now)
        if calendars.is_open(CALENDAR, now):
            with Listener(address) as listener:
                yield from _live(listener, symbols, on, door)
        else:
            yield from _played(symbols(), on, since, door, speed)
        since = None


def _live(listener: Listener, symbols: Symbols, on: date, door: Door) -> Iterator[Batch]:
    closes_at, happening = calendars.session_close(CALENDAR, on), Happening.OPEN
    known: dict[str, Tick] = {}
    seen: dict[str, float] = {}
    polled_at = float("-inf")
    while (now := timezone.now()) < closes_at:
        listener.wanted = frozenset(wanted := list(symbols()))
        ticks = [_whole(tick, known) for tick in _emptied(listener.heard) if tick.symbol in listener.wanted]
        for problem in _emptied(listener.notes):
            door.note(problem)
        clock = time.monotonic()
        seen |= {tick.symbol: clock for tick in ticks}
        if clock - polled_at >= (QUIET if any(clock - at < POLL for at in seen.values()) else POLL):
            polled_at = clock
            ticks += _polled(door, [one for one in wanted if clock - seen.get(one, float("-inf")) >= POLL], known)
        yield Batch(happening, on, now, tuple(ticks), pause=BEAT)
        happening = Happening.TICKS
    yield Batch(Happening.CLOSE, on, closes_at, pause=POLL)


def _emptied[T](queue: "SimpleQueue[T]") -> list[T]:
    found = []
    with suppress(Empty):
        while True:
            found.append(queue.get_nowait())
    return found


def _whole(tick: Tick, known: dict[str, Tick]) -> Tick:
    """What a message leaves out is as it was told before in the same session."""
    before = known.get(tick.symbol)
    if before is not None and before.session_on == tick.session_on:
        told = ("previous_close", "open", "high", "low", "volume")
        tick = replace(tick, **{name: getattr(before, name) for name in told if getattr(tick, name) is None})
    known[tick.symbol] = tick
    return tick


def _polled(door: Door, symbols: Sequence[str], known: dict[str, Tick]) -> list[Tick]:
    try:
        return [_whole(tick, known) for tick in door.quotes(symbols)] if symbols else []
    except ProviderError as error:
        logger.warning("Yahoo does not answer, prices grow old: %s", error)
        return []


def _played(symbols: Sequence[str], on: date, since: datetime | None, door: Door, speed: float) -> Iterator[Batch]:
    session = _session(symbols, on, door)
    reopens_at = calendars.next_open(CALENDAR, timezone.now())
    for batch in play([on], lambda _: session, lambda *_: (), speed, since):
        yield batch
        if timezone.now() >= reopens_at:
            return


def _session(symbols: Sequence[str], on: date, door: Door) -> Session:
    opens_at, closes_at = calendars.session_open(CALENDAR, on), calendars.session_close(CALENDAR, on)
    before = calendars.previous_session(CALENDAR, on)
    minutes, closes = door.minutes(symbols, on), door.histories(symbols, before, before)
    recordings = []
    for symbol, found in minutes.items():
        bars = closes.get(symbol)
        previous = float(bars.close[-1]) if bars is not None and len(bars) else None
        recordings.append(Recording(symbol, minute_points(list(found)), previous, SOURCE))
    return Session(on, opens_at, closes_at, tuple(one for one in recordings if one.points))
