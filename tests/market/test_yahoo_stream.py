"""Yahoo's stream by yfinance's real WebSocket client: what is heard, what is polled meanwhile, what comes back."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
import time_machine
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve
from yfinance.pricing_pb2 import PricingData

from apps.market.providers.base import Batch, Door, Happening, Tick
from apps.market.providers.yahoo.provider import Yahoo
from tests.market.folder import DAYS
from tests.market.yahoo_server import YahooServer

OPEN = datetime(2013, 3, 1, 16, tzinfo=UTC)

type Step = Callable[[ServerConnection, str], None]


def message(symbol: str, price: float, hours: int = 1) -> str:
    """As Yahoo sends it: protocol buffers in base64 in JSON."""
    told = PricingData(id=symbol, price=price, time=int(OPEN.timestamp() * 1000), market_hours=hours, day_volume=7)
    return json.dumps({"type": "pricing", "message": base64.b64encode(told.SerializeToString()).decode()})


class Streamer:
    """Answers each subscription by `step`, which a test may replace."""

    def __init__(self) -> None:
        self.subscribed: set[str] = set()
        self.connections = 0
        self.step: Step = lambda socket, symbol: socket.send(message(symbol, 42.5))

    def talk(self, socket: ServerConnection) -> None:
        self.connections += 1
        with suppress(ConnectionClosed):
            for text in socket:
                told = json.loads(text)
                self.subscribed -= set(told.get("unsubscribe", []))
                for symbol in told.get("subscribe", []):
                    self.subscribed.add(symbol)
                    self.step(socket, symbol)


@pytest.fixture
def streamer() -> Iterator[Streamer]:
    running = Streamer()
    with serve(running.talk, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        running.address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"  # type: ignore[attr-defined]
        yield running
        server.shutdown()


@pytest.fixture
def notes() -> list[str]:
    """What the stream says of its connection."""
    return []


@contextmanager
def streaming(yahoo: Yahoo, streamer: Any, symbols: list[str], notes: list[str]) -> Iterator[Iterator[Batch]]:
    """The stream of an open market whose clock stands."""
    yahoo._streamer = streamer.address
    door = Door(yahoo.quotes, yahoo.minutes, yahoo.histories, notes.append)
    with time_machine.travel(OPEN, tick=False):
        batches = yahoo.stream(lambda: symbols, door=door)
        try:
            yield batches
        finally:
            batches.close()  # type: ignore[attr-defined]


def until(batches: Iterator[Batch], wanted: Callable[[Tick], bool]) -> Tick:
    """The first such tick; ten seconds of real time at most."""
    ends_at = time.monotonic() + 10
    for batch in batches:
        for tick in batch.ticks:
            if wanted(tick):
                return tick
        assert time.monotonic() < ends_at, "nothing of the kind was heard"
        time.sleep(0.02)
    raise AssertionError("the stream ended")


def test_the_stream_begins_with_what_is_polled(yahoo: Yahoo, streamer: Streamer) -> None:
    with streaming(yahoo, streamer, ["WALK"], []) as batches:
        first = next(batches)
    assert (first.happening, first.session_on) == (Happening.OPEN, DAYS[-1])
    assert [tick.symbol for tick in first.ticks] == ["WALK"]


def test_a_price_is_heard_and_keeps_what_was_polled(yahoo: Yahoo, streamer: Streamer, notes: list[str]) -> None:
    with streaming(yahoo, streamer, ["WALK"], notes) as batches:
        tick = until(batches, lambda tick: tick.price == 42.5)
    assert (tick.at, tick.session_on, tick.volume) == (OPEN, DAYS[-1], 7)
    assert tick.previous_close
    assert tick.open
    assert notes == [""]


def test_a_symbol_that_comes_is_heard_and_one_that_goes_is_not(yahoo: Yahoo, streamer: Streamer) -> None:
    symbols = ["WALK"]
    with streaming(yahoo, streamer, symbols, []) as batches:
        until(batches, lambda tick: tick.price == 42.5)
        symbols[:] = ["MINS"]
        until(batches, lambda tick: (tick.symbol, tick.price) == ("MINS", 42.5))
        ends_at = time.monotonic() + 5
        while streamer.subscribed != {"MINS"} and time.monotonic() < ends_at:
            next(batches)
            time.sleep(0.02)
    assert streamer.subscribed == {"MINS"}


def test_prices_outside_of_the_session_are_not_the_market(yahoo: Yahoo, streamer: Streamer) -> None:
    def step(socket: ServerConnection, symbol: str) -> None:
        socket.send(message(symbol, 1.0, hours=2))
        socket.send(message(symbol, 43.5))

    streamer.step = step
    with streaming(yahoo, streamer, ["WALK"], []) as batches:
        assert until(batches, lambda tick: tick.price in {1.0, 43.5}).price == 43.5


@pytest.mark.parametrize("junk", ["no json", '{"message": "%%%"}', '{"message": "AAAA"}', "[]"])
def test_garbage_is_no_price_and_the_stream_comes_back(
    yahoo: Yahoo, streamer: Streamer, notes: list[str], junk: str
) -> None:
    def step(socket: ServerConnection, symbol: str) -> None:
        socket.send(junk if streamer.connections == 1 else message(symbol, 44.5))
        if streamer.connections == 1:
            socket.close()

    streamer.step = step
    with streaming(yahoo, streamer, ["WALK"], notes) as batches:
        until(batches, lambda tick: tick.price == 44.5)
    assert streamer.connections == 2
    assert notes[0] == ""
    assert notes[1] != ""
    assert notes[2] == ""


def test_without_a_stream_prices_are_polled(yahoo: Yahoo, server: YahooServer, notes: list[str]) -> None:
    class Nobody:
        address = "ws://127.0.0.1:9"

    with streaming(yahoo, Nobody(), ["WALK"], notes) as batches:
        assert next(batches).ticks
        ends_at = time.monotonic() + 5
        while not notes and time.monotonic() < ends_at:
            next(batches)
            time.sleep(0.02)
    assert "Connection" in notes[0]
    assert len(server.data()) == 1
