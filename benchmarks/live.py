"""From a tick to the frame on an open page: real daphne, real carrier, sockets of signed-in members."""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import redis
from django.conf import settings
from django_tenants.utils import schema_context

from apps.market.live import TICK_CELLS, push_quotes
from apps.market.models import Instrument
from apps.market.providers.base import Tick
from apps.market.services import record_quotes
from benchmarks.measure import Goal, Measure, alternate, percentile
from benchmarks.names import MARKET_AT, SESSION_ON, SOURCE
from benchmarks.people import members, organization
from benchmarks.servers import web
from benchmarks.sizes import sizes
from benchmarks.sockets import Sightings, open_pages, subscriber

BARE_CHANNEL = "benchmarks"
MOST_MS = 400

type Delays = list[float]  # milliseconds, one a listener


def tick_to_frame() -> Iterator[Measure]:
    """A batch of ticks of every watched symbol, until each page holds the new price; beside a bare publish."""
    with (
        schema_context("public"),
        web() as server,
        open_pages(server.port, organization().host, members(sizes().members), sizes().sockets) as pages,
        subscriber(settings.LIVE_URL, BARE_CHANNEL) as bare,
    ):
        found = alternate([_ticking(pages), _publishing(bare)], sizes().ticks)
    ours, theirs = ([delay for delays in way for delay in delays] for way in found)
    window, text = settings.LIVE_WINDOW_MS, f"{sizes().sockets} sockets, {sizes().watched} symbols a tick"
    for key, share, of_window, goal in (
        ("live.tick_to_frame_ms", 0.99, 1.0, Goal("value", "<=", MOST_MS)),
        ("live.tick_to_frame_p50_ms", 0.5, 0.5, Goal("ratio", "<=", 2)),
    ):
        trip = percentile(theirs, share)
        peer = f"p{share * 100:.0f}: {of_window * window:.0f} ms of the window + bare publish {trip:.2f} ms; {text}"
        yield Measure(key, percentile(ours, share), "ms", of_window * window + trip, peer, goal)


def _ticking(pages: Sightings) -> Callable[[], Delays]:
    """One step of the price stream; the pause before it lies anywhere in a conflation window."""
    instruments = {one.symbol: one for one in Instrument.objects.by_symbols(settings.STARTER_SYMBOLS)}
    numbers, chance = itertools.count(1), random.Random(2026)

    def run() -> Delays:
        number = next(numbers)
        price = 100 + number / 100 + 0.0007  # nobody else's
        ticks = [_tick(symbol, price + place, number) for place, symbol in enumerate(instruments)]
        pages.watch(f'data-value="{price:.4f}"')
        time.sleep(settings.LIVE_WINDOW_MS / 1000 * chance.uniform(1, 2))
        start = time.perf_counter()
        quotes = record_quotes(ticks, instruments)
        push_quotes(quotes, TICK_CELLS)
        return [(seen - start) * 1000 for seen in pages.wait()]

    return run


def _tick(symbol: str, price: float, number: int) -> Tick:
    at = MARKET_AT + timedelta(seconds=number)
    return Tick(symbol=symbol, price=price, at=at, session_on=SESSION_ON, source=SOURCE, previous_close=100.0)


def _publishing(bare: Sightings) -> Callable[[], Delays]:
    """The carrier alone, with a message of about a tick's bytes."""
    carrier = redis.Redis.from_url(settings.LIVE_URL)
    numbers, padding = itertools.count(1), "x" * 600 * sizes().watched

    def run() -> Delays:
        mark = f"bare-{next(numbers)}."
        bare.watch(mark)
        start = time.perf_counter()
        carrier.publish(BARE_CHANNEL, mark + padding)
        return [(seen - start) * 1000 for seen in bare.wait()]

    return run


BENCHMARKS = {"live.tick_to_frame": tick_to_frame}
