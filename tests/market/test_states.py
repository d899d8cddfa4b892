"""Stored states of indicators: they go on by one session, and never from a past that is no longer what it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from django.test.utils import CaptureQueriesContext

from apps.market import services
from apps.market.columns import Bars
from apps.market.models import ActionKind, CorporateAction, IndicatorState, Instrument, Quote, SignalState
from apps.market.providers.replay import Replay
from apps.tenants.backend.connections import connection
from tests.market.folder import DAYS

NEW, LATER = DAYS[-2], DAYS[-1]


@pytest.fixture
def instruments(begun: Replay) -> list[int]:
    """All three, settled at the close before NEW."""
    return [quote.pk for quote in services.settle_quotes(Quote.objects.values_list("pk", flat=True))]


def told(replay: Replay, start: date, end: date, pk: int) -> Bars:
    """The sessions of one instrument as the source tells them."""
    symbol = Instrument.objects.get(pk=pk).symbol
    return replay.histories([symbol], start, end)[symbol].of(pk)


def record(replay: Replay, pks: list[int], start: date = NEW, end: date = NEW) -> None:
    for pk in pks:
        services.record_bars(told(replay, start, end, pk))


def readings() -> list[tuple[object, ...]]:
    """All that follows from closes, and the bars that it rests on."""
    quotes = Quote.objects.order_by("pk").values_list("pk", "spark", "rsi14", "signal", "signal_reason")
    states = IndicatorState.objects.order_by("pk").values_list("pk", "on", "units")
    return [(pk, bytes(spark), rsi and round(rsi, 9), *rest) for pk, spark, rsi, *rest in quotes] + list(states)


@contextmanager
def histories_read() -> Iterator[list[bool]]:
    """Whether whole windows of bars were read meanwhile."""
    found: list[bool] = []
    with CaptureQueriesContext(connection) as queries:
        yield found
    found.append(any("array_agg" in query["sql"] for query in queries))


def anew() -> list[tuple[object, ...]]:
    """What a computation from all bars gives."""
    services.settle_quotes(Quote.objects.values_list("pk", flat=True), anew=True)
    return readings()


def test_one_new_session_reads_no_history_and_gives_the_same(begun: Replay, instruments: list[int]) -> None:
    record(begun, instruments)
    with histories_read() as read:
        services.settle_quotes(instruments)
    assert read == [False]
    assert SignalState.objects.filter(on=NEW).count() == len(instruments)
    assert readings() == anew()


def test_two_new_sessions_are_computed_anew(begun: Replay, instruments: list[int]) -> None:
    record(begun, instruments, NEW, LATER)
    with histories_read() as read:
        services.settle_quotes(instruments)
    assert read == [True]
    assert readings() == anew()


def test_nothing_new_reads_no_history(instruments: list[int]) -> None:
    before = readings()
    with histories_read() as read:
        services.settle_quotes(instruments)
    assert read == [False]
    assert readings() == before


def test_a_restated_session_is_computed_anew(begun: Replay, instruments: list[int]) -> None:
    pk, before = instruments[0], readings()
    bars = told(begun, DAYS[4], DAYS[4], pk)
    services.record_bars(replace(bars, close=np.round(bars.close - 0.2, 2)))
    services.settle_quotes([pk])
    assert readings() == anew() != before


def test_a_restated_session_together_with_a_new_one(begun: Replay, instruments: list[int]) -> None:
    pk = instruments[0]
    bars = told(begun, DAYS[-4], NEW, pk)
    services.record_bars(replace(bars, close=np.round(bars.close - 0.2, 2)))
    services.settle_quotes([pk])
    assert readings() == anew()


@pytest.mark.parametrize("on", [DAYS[7], NEW])
def test_a_split_that_becomes_known_is_computed_anew(begun: Replay, instruments: list[int], on: date) -> None:
    """In the past of the state, or with the session that it goes on by."""
    pk, split = instruments[0], {"numerator": 3, "denominator": 2, "source": "test"}
    CorporateAction.objects.create(instrument_id=pk, on=on, kind=ActionKind.SPLIT, **split)
    record(begun, instruments)
    services.settle_quotes(instruments)
    assert readings() == anew()


def test_a_state_of_another_shape_is_computed_anew(begun: Replay, instruments: list[int]) -> None:
    before = readings()
    IndicatorState.objects.update(packed=b"of an older version")
    services.settle_quotes(instruments)
    assert readings() == before


def test_a_rewind_forgets_what_came_since(begun: Replay, instruments: list[int]) -> None:
    before = readings()
    services.close_session(begun, NEW)
    assert set(IndicatorState.objects.values_list("on", flat=True)) == {NEW}
    services.rewind(begun)
    assert readings() == before


def test_a_reading_that_was_wrong_is_computed_anew(begun: Replay, instruments: list[int]) -> None:
    before, pk = readings(), instruments[0]
    other = IndicatorState.objects.get(pk=instruments[1]).packed
    IndicatorState.objects.filter(pk=pk).update(packed=other)
    services.settle_quotes([pk])
    assert services.disagreeing_indicators(instruments) == [pk]
    services.settle_quotes([pk], anew=True)
    assert readings() == before
