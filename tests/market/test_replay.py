"""A folder played: paths touch the real corners, minutes play as recorded, everything is the same each time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.market.calendars import session_close, session_open
from apps.market.providers.base import Happening, ProviderError, Tick
from apps.market.providers.playback import DayBar, path_points
from apps.market.providers.replay import Replay
from tests.market.folder import DAYS, day, write_folder

OPEN, CLOSE = session_open("XNYS", DAYS[-1]), session_close("XNYS", DAYS[-1])
cents = st.integers(100, 100_000).map(lambda value: value / 100)


def ticks_of(replay: Replay, symbol: str) -> list[Tick]:
    """One loop of one symbol."""
    found: list[Tick] = []
    for batch in replay.stream(lambda: [symbol]):
        found += batch.ticks
        if batch.happening is Happening.REWIND:
            break
    return found


@given(st.tuples(cents, cents, cents, cents))
def test_a_path_touches_its_corners_exactly_and_stays_between(prices: tuple[float, ...]) -> None:
    low, high = min(prices), max(prices)
    bar = DayBar("WALK", DAYS[-1], prices[0], high, low, prices[1], 1000, "test")
    walked = [point.price for point in path_points(bar, OPEN, CLOSE)]
    assert (walked[0], walked[-1]) == (prices[0], prices[1])
    assert (min(walked), max(walked)) == (low, high)


def test_symbols_do_not_turn_together() -> None:
    def turn(symbol: str) -> int:
        bar = DayBar(symbol, DAYS[-1], 100.0, 110.0, 90.0, 105.0, 1000, "test")
        walked = [point.price for point in path_points(bar, OPEN, CLOSE)]
        return walked.index(90.0)

    assert len({turn(symbol) for symbol in ("AAPL", "MSFT", "IBM", "FB")}) == 4


def test_a_symbol_without_minutes_says_that_it_is_a_path(replay: Replay) -> None:
    assert {tick.source for tick in ticks_of(replay, "WALK")} == {"test, path through open, high, low, close"}


def test_a_symbol_with_minutes_plays_what_was_recorded(replay: Replay) -> None:
    ticks = ticks_of(replay, "MINS")
    recorded = {price for place in (-2, -1) for price in day("MINS", len(DAYS) + place)[2:6]}
    assert {tick.price for tick in ticks} <= recorded
    assert {tick.source for tick in ticks} == {"test"}


def test_a_days_range_is_real_at_its_close(replay: Replay) -> None:
    last = ticks_of(replay, "WALK")[-1]
    assert [last.open, last.high, last.low, last.price, last.volume] == [*day("WALK", len(DAYS) - 1)[2:6], 1_000_024]


def test_every_loop_is_the_same(replay: Replay, folder: Path) -> None:
    assert ticks_of(replay, "WALK") == ticks_of(Replay(folder, speed=3600), "WALK")


def test_with_minutes_the_window_is_their_sessions(replay: Replay) -> None:
    assert replay.channel().first_session == DAYS[-2]


def test_without_minutes_the_window_is_the_last_five_sessions(tmp_path: Path) -> None:
    replay = Replay(write_folder(tmp_path / "daily", minutes=False))
    assert replay.channel().first_session == DAYS[-5]


def test_a_split_day_compares_with_the_close_in_new_units(tmp_path: Path) -> None:
    replay = Replay(write_folder(tmp_path / "daily", minutes=False))
    quote = replay.quotes(["SPLT"])[0]
    assert quote.previous_close == pytest.approx(day("SPLT", len(DAYS) - 7)[5])


def test_other_bytes_are_another_series(folder: Path, tmp_path: Path) -> None:
    other = write_folder(tmp_path / "other", minutes=False)
    assert Replay(folder).series() != Replay(other).series()


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"holds no daily\.csv"):
        Replay(tmp_path).channel()


def test_news_come_with_the_clock(replay: Replay) -> None:
    window = datetime(2013, 2, 22, 22, tzinfo=UTC)
    found = list(replay.headlines(replay.listings(), window.replace(hour=21), window))
    assert [(one.title, one.symbols) for one in found] == [("Judge blocks the merger of Walk", ("WALK", "MINS"))]
