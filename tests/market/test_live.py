"""Cells as pages receive them, ticks as other processes receive them, jobs as the worker runs them."""

from datetime import UTC, datetime
from threading import Thread

from apps.market import actors, live
from apps.market.models import Feed, Instrument, Quote
from apps.market.providers.base import Tick
from tests.market.folder import DAYS

TICK = Tick("WALK", 120.5, datetime(2013, 2, 28, 15, tzinfo=UTC), DAYS[-2], "test")


def test_every_cell_carries_its_key(walk: Instrument) -> None:
    cells = live.QuoteTopic.cells([f"quote:{walk.pk}"])[f"quote:{walk.pk}"]
    assert set(cells) == {f"{walk.pk}:{name}" for name in live.ALL_CELLS}
    assert all(f'data-live="{key}"' in html for key, html in cells.items())


def test_a_cell_is_one_element(walk: Instrument) -> None:
    cells = live.QuoteTopic.cells([f"quote:{walk.pk}"])[f"quote:{walk.pk}"]
    assert all(html.startswith("<") and html.endswith(">") for html in cells.values())


def test_prices_are_for_everybody_and_nothing_else_is() -> None:
    assert live.QuoteTopic.allowed(None, ["quote:1", "quote:x", "quote:"]) == {"quote:1"}
    assert live.FeedTopic.allowed(None, ["feed:clock", "feed:other"]) == {"feed:clock"}


def test_the_clock_shows_the_replayed_day(begun: object) -> None:
    html = live.FeedTopic.cells(["feed:clock"])["feed:clock"]["feed:clock"]
    assert "Replay of Thu 28 Feb 2013" in html
    assert "09:30 New York" in html


def test_without_a_feed_there_is_no_clock(market: None) -> None:
    Feed.objects.all().delete()
    assert live.FeedTopic.cells(["feed:clock"]) == {}


def test_ticks_reach_another_process() -> None:
    heard: list[tuple[Tick, ...]] = []
    batches = live.ticks()
    assert next(batches) == ()  # subscribed
    listener = Thread(target=lambda: heard.append(next(batches)))
    listener.start()
    live.push_ticks([TICK])
    listener.join(5)
    batches.close()  # type: ignore[attr-defined]
    assert heard == [(TICK,)]


def test_the_indicator_job_takes_ids(walk: Instrument) -> None:
    actors.settle_quotes([walk.pk])
    assert Quote.objects.get(pk=walk.pk).rsi14 is not None


def test_the_scoring_job_is_safe_to_repeat(walk: Instrument) -> None:
    actors.score_articles()
    actors.score_articles()
    assert Quote.objects.get(pk=walk.pk).sentiment_n == 3
