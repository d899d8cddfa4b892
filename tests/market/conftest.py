"""A replay folder of three invented symbols, a server that speaks Yahoo's format, and the shared schema."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yfinance
from django_tenants.utils import schema_context

from apps.market import services
from apps.market.models import Instrument
from apps.market.providers.replay import Replay
from apps.market.providers.yahoo.provider import Yahoo
from tests.market.folder import write_folder
from tests.market.yahoo_server import LocalSession, YahooServer


@pytest.fixture
def market(db: None) -> Iterator[None]:
    """Market data are written in the shared schema."""
    with schema_context("public"):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twenty-five sessions to 2013-03-01; WALK has no minutes, MINS has those of the last two sessions."""
    return write_folder(tmp_path / "replay")


@pytest.fixture
def replay(folder: Path) -> Replay:
    """At a speed at which a session is a few dozen batches."""
    return Replay(folder, speed=3600)


@pytest.fixture
def begun(market: None, replay: Replay) -> Replay:
    """The invented series imported, loaded and at the start of its window."""
    services.import_reference(replay)
    for _ in services.load_history(replay):
        pass
    services.rewind(replay)
    return replay


@pytest.fixture
def walk(begun: Replay) -> Instrument:
    """The instrument without minutes."""
    return Instrument.objects.get(symbol="WALK")


@pytest.fixture
def server() -> Iterator[YahooServer]:
    """Answers as Yahoo does, on a port of 127.0.0.1."""
    with YahooServer() as running:
        yield running


@pytest.fixture
def yahoo(server: YahooServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Yahoo:
    """The real client library on the local server; its caches begin empty."""
    settings.LOCAL_ROOT = tmp_path
    settings.STARTER_SYMBOLS = ["WALK"]
    yfinance.data.YfData.cache_get.cache_clear()
    yfinance.data.SingletonMeta._instances.clear()  # cookie, crumb and strategy of the test before
    return Yahoo(speed=3600, session=LocalSession(server.url))


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file as dictionaries."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
