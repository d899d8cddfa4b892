"""Bars in the real database: what is known writes nothing, what is impossible or of another source is refused."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection

from apps.market import services
from apps.market.columns import Bars, bars_of, joined, no_bars
from apps.market.models import Bar, CorporateAction, Instrument, MinuteBar, Restatement
from apps.market.providers.base import MinuteData
from apps.market.providers.replay import Replay
from tests.market.folder import DAYS, SPLIT_ON

pytestmark = pytest.mark.usefixtures("begun")


def bars(*closes: float, walk: Instrument, start: int = -2, source: str = "test", basis: str = "raw") -> Bars:
    """Sessions from the one after the history on, each a unit wide around its close."""
    days = DAYS[start:][: len(closes)]
    prices = [(close - 0.5, close + 0.5, close - 1.0, close) for close in closes]
    return bars_of(days, prices, basis=basis, source=source, volume=[100] * len(days)).of(walk.pk)


def closes_of(walk: Instrument, *places: int) -> list[float]:
    found = dict(Bar.objects.filter(instrument=walk).values_list("on", "close"))
    return [found[DAYS[place]] for place in places]


def test_new_bars_are_stored(walk: Instrument) -> None:
    recorded = services.record_bars(bars(105.0, 115.0, walk=walk))
    assert (recorded.rows, recorded.instruments) == (2, (walk.pk,))
    assert closes_of(walk, -2, -1) == [105.0, 115.0]


def test_the_same_bars_again_write_nothing(walk: Instrument) -> None:
    services.record_bars(bars(105.0, 115.0, walk=walk))
    before = versions(walk)
    again = services.record_bars(bars(105.0, 115.0, walk=walk))
    assert (again.rows, again.instruments, again.restatements) == (0, (), ())
    assert versions(walk) == before


def versions(walk: Instrument) -> list[tuple[object, ...]]:
    """Where and by which transaction the server wrote each row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text, xmin::text FROM market_bar WHERE instrument_id = %s ORDER BY 1", [walk.pk])
        return list(cursor.fetchall())


def test_a_corrected_bar_replaces_and_is_written_down(walk: Instrument) -> None:
    services.record_bars(bars(100.0, 115.0, walk=walk))
    recorded = services.record_bars(bars(105.0, 115.0, walk=walk))
    assert recorded.rows == 1
    assert closes_of(walk, -2, -1) == [105.0, 115.0]
    told = Restatement.objects.get(instrument=walk)
    assert (told.first_on, told.last_on, told.sessions) == (DAYS[-2], DAYS[-2], 1)
    assert told.ratio == pytest.approx(1.05)


def test_a_split_restates_all_of_the_past_in_one_line(walk: Instrument) -> None:
    services.record_bars(bars(100.0, 120.0, walk=walk))
    halved = bars(50.0, 60.0, walk=walk)
    halved = replace(halved, open=halved.close, high=halved.close, low=halved.close)
    services.record_bars(halved)
    told = Restatement.objects.get(instrument=walk)
    assert told.sessions == 2
    assert told.ratio == pytest.approx(0.5)


def test_a_gap_is_filled_between_stored_days(walk: Instrument) -> None:
    services.record_bars(bars(115.0, walk=walk, start=-1))
    assert services.record_bars(bars(105.0, 115.0, walk=walk)).rows == 1
    assert not Restatement.objects.exists()
    assert closes_of(walk, -2, -1) == [105.0, 115.0]


def test_of_one_session_told_twice_the_later_counts(walk: Instrument) -> None:
    twice = joined([bars(105.0, walk=walk), bars(107.5, walk=walk)])
    assert services.record_bars(twice).rows == 1
    assert closes_of(walk, -2) == [107.5]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("close", 0.0),
        ("low", -1.0),
        ("high", math.nan),
        ("high", 9.0),
        ("low", 104.9),
        ("volume", -1),
        ("open", math.inf),
    ],
)
def test_an_impossible_bar_is_refused_alone(walk: Instrument, column: str, value: float) -> None:
    batch = bars(105.0, 115.0, walk=walk)
    getattr(batch, column)[0] = value
    recorded = services.record_bars(batch)
    assert (recorded.rows, recorded.refused) == (1, 1)
    assert closes_of(walk, -1) == [115.0]


@pytest.mark.parametrize("changes", [{"source": "other"}, {"basis": "split"}])
def test_a_series_takes_no_bar_of_another_kind(walk: Instrument, changes: dict[str, str]) -> None:
    with pytest.raises(services.MixedSourcesError, match="does not continue"):
        services.record_bars(bars(105.0, walk=walk, **changes))  # type: ignore[arg-type]


def test_nothing_is_nothing() -> None:
    assert services.record_bars(no_bars("raw", "test")).rows == 0


def test_dividends_and_splits_are_kept_beside_the_bars() -> None:
    found = CorporateAction.objects.order_by("kind").values_list("instrument__symbol", "on", "amount", "numerator")
    assert ("WALK", DAYS[5], 0.25, None) in found
    assert ("SPLT", SPLIT_ON, None, 2) in found


def test_minutes_are_stored_once(walk: Instrument) -> None:
    minute = MinuteData("WALK", datetime(2013, 2, 28, 14, 30, tzinfo=UTC), 10, 11, 9, 10, 5, "test")
    assert services.record_minutes([minute], {"WALK": walk.pk}) == 1
    assert services.record_minutes([minute], {"WALK": walk.pk}) == 0
    assert MinuteBar.objects.get(instrument=walk).high == 11


def test_loading_again_writes_nothing(begun: Replay) -> None:
    assert sum(rows for _, rows in services.load_history(begun)) == 0


def test_history_ends_before_the_window() -> None:
    latest = Bar.objects.filter(instrument__symbol="WALK").latest("on")
    assert latest.on == DAYS[-3]
