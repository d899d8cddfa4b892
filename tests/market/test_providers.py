"""What every provider promises, held by one suite for the replay and for Yahoo on a server that speaks its format."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
import time_machine

from apps.market.columns import PRICES, Bars
from apps.market.providers.base import Batch, Happening, Listing
from apps.market.providers.base import MarketProvider as Provider
from tests.market.folder import DAYS, day

AFTER = datetime(2013, 3, 1, 22, tzinfo=UTC)
SYMBOLS = ["WALK", "MINS"]
LISTINGS = [Listing(symbol, "XNAS", symbol.title()) for symbol in SYMBOLS]

type Open = Callable[[], Provider]


@pytest.fixture(params=["replay", "yahoo"])
def provider(request: pytest.FixtureRequest) -> Any:
    """Both hold the same made-up sessions; the clock stands after the last close."""
    with time_machine.travel(AFTER, tick=False):
        yield request.getfixturevalue(request.param)


def history(provider: Provider, start: date, end: date) -> Bars:
    """The sessions of WALK."""
    return provider.histories(["WALK"], start, end)["WALK"]


def loop(provider: Provider) -> list[Batch]:
    """The stream up to and with its first rewind."""
    found = []
    for batch in islice(provider.stream(lambda: SYMBOLS), 5000):
        found.append(batch)
        if batch.happening is Happening.REWIND:
            return found
    raise AssertionError("no end of the loop")


def test_bars_are_the_closed_sessions_in_order(provider: Provider) -> None:
    assert history(provider, DAYS[3], DAYS[8]).on.tolist() == DAYS[3:9]


def test_bars_carry_the_prices_to_the_cent(provider: Provider) -> None:
    bars = history(provider, DAYS[4], DAYS[4])
    assert [getattr(bars, name).tolist() for name in PRICES] == [[price] for price in day("WALK", 4)[2:6]]
    assert bars.volume.tolist() == [1_000_004]


def test_every_record_names_its_source(provider: Provider) -> None:
    assert history(provider, DAYS[0], DAYS[-1]).source
    assert all(tick.source for tick in provider.quotes(SYMBOLS))


def test_bars_say_in_which_units_they_are(provider: Provider) -> None:
    assert history(provider, DAYS[0], DAYS[-1]).basis in {"raw", "split"}


def test_a_day_without_a_session_has_no_bar(provider: Provider) -> None:
    assert len(history(provider, date(2013, 2, 16), date(2013, 2, 18))) == 0


def test_quotes_are_aware_positive_and_ours(provider: Provider) -> None:
    ticks = provider.quotes(SYMBOLS)
    assert {tick.symbol for tick in ticks} == set(SYMBOLS)
    assert all(tick.price > 0 and tick.at.tzinfo and tick.session_on in DAYS for tick in ticks)


def test_the_channel_tells_where_the_stream_begins(provider: Provider) -> None:
    channel = provider.channel()
    assert channel.mode == "replay"
    assert channel.first_session in DAYS
    assert channel.note


def test_a_loop_opens_ticks_closes_and_rewinds(provider: Provider) -> None:
    batches = loop(provider)
    assert batches[0].happening is Happening.OPEN
    assert batches[0].session_on == provider.channel().first_session
    assert [batch.happening for batch in batches[-2:]] == [Happening.CLOSE, Happening.REWIND]


def test_the_clock_of_a_loop_never_turns_back(provider: Provider) -> None:
    moments = [batch.at for batch in loop(provider)[:-1]]
    assert moments == sorted(moments)


def test_ticks_are_of_their_batch_and_within_the_running_range(provider: Provider) -> None:
    for batch in loop(provider):
        for tick in batch.ticks:
            assert tick.session_on == batch.session_on
            assert tick.at <= batch.at
            assert (tick.low or 0) <= tick.price <= (tick.high or 0)


def test_a_session_ends_at_its_real_close(provider: Provider) -> None:
    last = [tick for batch in loop(provider) for tick in batch.ticks if tick.symbol == "MINS"][-1]
    assert last.session_on == DAYS[-1]
    assert last.price == day("MINS", len(DAYS) - 1)[5]


def test_a_stream_resumes_where_the_clock_stands(provider: Provider) -> None:
    since = AFTER.replace(hour=14, minute=32)
    first = next(provider.stream(lambda: SYMBOLS, since=since))
    assert (first.happening, first.at) == (Happening.OPEN, since)


def test_a_change_carries_the_close_before(provider: Provider) -> None:
    tick = loop(provider)[0].ticks[0]
    assert tick.previous_close == day(tick.symbol, DAYS.index(tick.session_on) - 1)[5]


def test_headlines_lie_in_their_window(provider: Provider) -> None:
    start = AFTER - timedelta(days=20)
    assert all(start < one.published_at <= AFTER for one in provider.headlines(LISTINGS, start, AFTER))


def test_a_series_has_a_name(provider: Provider) -> None:
    assert provider.series() == provider.series() != ""
