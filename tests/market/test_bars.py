"""Bars in the real database: what is known writes nothing, what is impossible or of another source is refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from apps.market import services
from apps.market.models import Bar, CorporateAction, Instrument, MinuteBar
from apps.market.providers.base import BarData, MinuteData
from apps.market.providers.replay import Replay
from tests.market.folder import DAYS, SPLIT_ON

pytestmark = pytest.mark.usefixtures("begun")


def bar(**changes: object) -> BarData:
    """The session after the history."""
    plain = BarData("WALK", DAYS[-2], 10.0, 11.0, 9.0, 10.5, 100, "test", "raw")
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_new_bar_is_stored(walk: Instrument) -> None:
    assert services.record_bars([bar()], {"WALK": walk.pk}) == 1
    assert Bar.objects.get(instrument=walk, on=DAYS[-2]).close == 10.5


def test_the_same_bar_again_writes_nothing(walk: Instrument) -> None:
    services.record_bars([bar()], {"WALK": walk.pk})
    assert services.record_bars([bar()], {"WALK": walk.pk}) == 0


def test_a_corrected_bar_replaces(walk: Instrument) -> None:
    services.record_bars([bar()], {"WALK": walk.pk})
    assert services.record_bars([bar(close=10.6)], {"WALK": walk.pk}) == 1
    assert Bar.objects.get(instrument=walk, on=DAYS[-2]).close == 10.6


@pytest.mark.parametrize(
    "changes",
    [{"close": 0.0}, {"low": -1.0}, {"high": float("nan")}, {"high": 9.5}, {"low": 10.2}, {"volume": -1}],
)
def test_an_impossible_bar_is_refused(walk: Instrument, changes: dict[str, float]) -> None:
    assert services.record_bars([bar(**changes)], {"WALK": walk.pk}) == 0


@pytest.mark.parametrize("changes", [{"source": "other"}, {"basis": "split"}])
def test_a_series_takes_no_bar_of_another_kind(walk: Instrument, changes: dict[str, str]) -> None:
    with pytest.raises(services.MixedSourcesError, match="WALK"):
        services.record_bars([bar(**changes)], {"WALK": walk.pk})


def test_two_kinds_in_one_batch_are_refused(walk: Instrument) -> None:
    with pytest.raises(services.MixedSourcesError):
        services.record_bars([bar(), bar(on=DAYS[-1], source="other")], {"WALK": walk.pk})


def test_an_unknown_symbol_is_passed_over() -> None:
    assert services.record_bars([bar()], {}) == 0


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
