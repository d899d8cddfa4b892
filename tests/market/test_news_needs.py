"""Whose news are asked for, and in which turn: what organizations and open pages need comes first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from apps.market import providers, services
from apps.market.models import Article, Feed, Instrument, Priority
from apps.market.providers.base import Headline, Listing
from apps.market.providers.replay import Replay
from tests.market.test_csv_folder import put

pytestmark = pytest.mark.usefixtures("begun")


class Listening(Replay):
    """The replay, and what it was asked about."""

    asked: list[str]

    def headlines(self, about: Sequence[Listing], start: datetime, end: datetime) -> Sequence[Headline]:
        self.asked = [listing.symbol for listing in about]
        return super().headlines(about, start, end)


def test_what_is_seen_now_comes_before_the_rest(folder: Path) -> None:
    market = Listening(folder, speed=3600)
    services.record_demand("", {Instrument.objects.get(symbol="WALK").pk: Priority.SEEN})
    services.record_news(market)
    assert market.asked == ["WALK", "MINS", "SPLT"]
    services.record_demand("", {Instrument.objects.get(symbol="SPLT").pk: Priority.SEEN})
    services.record_news(market)
    assert market.asked == ["SPLT", "MINS", "WALK"]


@pytest.fixture
def own_folder(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The only source of news."""
    settings.CSV_DIR, settings.SOURCES = str(tmp_path), {"news": ["csv"]}
    providers.forget()
    yield tmp_path
    providers.forget()


def test_what_only_somebody_else_lists_is_needed_too(replay: Replay, own_folder: Path) -> None:
    own = Instrument.objects.create(symbol="OWNX", exchange_id="XNAS", name="Ownex Corporation")
    services.record_demand("", {own.pk: Priority.SEEN})
    at = Feed.objects.market_at().isoformat()
    put(own_folder / "headlines.csv", f"published_at,headline\n{at},Ownex opens a mill\n{at},Others close one\n")
    services.record_news(replay)
    assert Article.objects.filter(via="csv").values_list("title", "mentions__instrument__symbol").get() == (
        *("Ownex opens a mill", "OWNX"),
    )
