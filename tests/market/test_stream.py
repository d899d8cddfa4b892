"""The price stream as a process runs it: from the provider to quotes, jobs and pages, until SIGTERM."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from django.core.management import call_command

from apps.market import providers
from apps.market.models import Bar, Feed, Quote
from apps.market.providers.replay import Replay
from tests.market.folder import DAYS


@pytest.fixture
def stream(begun: Replay, folder: Path, settings: Any) -> Iterator[Callable[[float], None]]:
    """stream(seconds) runs the command and ends it as a process manager does."""
    settings.MARKET_PROVIDER, settings.REPLAY_DIR, settings.REPLAY_SPEED = "replay", folder, 30_000.0
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    providers.forget()

    def run(seconds: float) -> None:
        timer = Timer(seconds, os.kill, (os.getpid(), signal.SIGTERM))
        timer.start()
        try:
            call_command("stream_quotes")
        finally:
            timer.cancel()

    yield run
    providers.forget()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_prices_move_and_the_command_ends_when_told(stream: Callable[[float], None]) -> None:
    before = dict(Quote.objects.values_list("pk", "price"))
    began = time.monotonic()
    stream(1.0)
    assert time.monotonic() - began < 3
    assert dict(Quote.objects.values_list("pk", "price")) != before
    assert Feed.objects.get().session_on == DAYS[-2]


def test_a_session_closes_by_itself(stream: Callable[[float], None]) -> None:
    stream(2.5)
    assert Bar.objects.filter(on=DAYS[-2]).count() == 3


def test_a_stream_goes_on_where_it_was(stream: Callable[[float], None]) -> None:
    stream(0.8)
    stopped_at = Feed.objects.market_at()
    stream(0.4)
    assert Feed.objects.market_at() >= stopped_at
