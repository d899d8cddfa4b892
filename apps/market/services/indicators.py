"""What follows from closed sessions, stored on the quote row in one pass: price, spark, RSI and signal."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from django.db import transaction

from apps.market import calendars
from apps.market.indicators.running import KEPT
from apps.market.models import Instrument, Quote
from apps.market.services.bars import hold_bars
from apps.market.services.states import Last, Standing, standings
from apps.market.signals import Signal, signal
from apps.tenants.backend.connections import connection

SPARK = 90

PRICED = """
INSERT INTO market_quote AS q (instrument_id, price, previous_close, open, high, low, volume, as_of, session_on, source,
                               spark, signal, signal_reason, sentiment_n, updated_at)
SELECT t.*, ''::bytea, 'no_data', '', 0, now()
FROM unnest(%b::int[], %b::float8[], %b::float8[], %b::float8[], %b::float8[], %b::float8[], %b::bigint[],
            %b::timestamptz[], %b::date[], %b::text[]) AS t
ORDER BY 1
ON CONFLICT (instrument_id) DO UPDATE SET
    price = excluded.price, previous_close = coalesce(excluded.previous_close, q.previous_close), open = excluded.open,
    high = excluded.high, low = excluded.low, volume = excluded.volume, as_of = excluded.as_of,
    session_on = excluded.session_on, source = excluded.source, updated_at = now()
WHERE excluded.as_of > q.as_of
"""
READINGS = """
UPDATE market_quote q
SET spark = t.spark, rsi14 = t.rsi14, signal = t.state, signal_reason = t.reason, updated_at = now()
FROM unnest(%b::int[], %b::bytea[], %b::float8[], %b::text[], %b::text[]) AS t(id, spark, rsi14, state, reason)
WHERE q.instrument_id = t.id
  AND (q.spark, q.rsi14, q.signal, q.signal_reason) IS DISTINCT FROM (t.spark, t.rsi14, t.state, t.reason)
"""
RECORD = """
INSERT INTO market_signalstate AS s (instrument_id, "on", rsi14, state, reason)
SELECT * FROM unnest(%b::int[], %b::date[], %b::float8[], %b::text[], %b::text[]) ORDER BY 1
ON CONFLICT (instrument_id, "on") DO UPDATE SET rsi14 = excluded.rsi14, state = excluded.state, reason = excluded.reason
WHERE (s.rsi14, s.state, s.reason) IS DISTINCT FROM (excluded.rsi14, excluded.state, excluded.reason)
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules see after the last closed session of one instrument; `before` is the close before it."""

    last: Last
    before: float | None
    spark: bytes
    rsi14: float | None
    signal: Signal


@transaction.atomic
def settle_quotes(instrument_ids: Iterable[int], *, anew: bool = False) -> list[Quote]:
    """Brings the quotes to the last closed session: its price where none is newer, spark, RSI(14) and signal.

    Returns the quotes of these instruments as they are now. `anew`: whatever state the indicators are stored in.
    """
    ids = sorted(set(instrument_ids))
    hold_bars()
    readings = [reading for standing in standings(ids, anew=anew) for reading in _readings(standing)]
    Quote.objects.lock(ids)
    with connection.prepared_cursor() as cursor:
        cursor.execute(PRICED, _columns(_priced(readings), 10))
        rows = [(one.last.instrument, one.spark, *_judged(one)) for one in readings]
        cursor.execute(READINGS, _columns(rows, 5))
        cursor.execute(RECORD, _columns([(one.last.instrument, one.last.on, *_judged(one)) for one in readings], 5))
    return list(Quote.objects.of(ids))


def _readings(standing: Standing) -> Iterator[Reading]:
    """The last closes are in the units of the last session."""
    state, values = standing.state, standing.state.rsi()
    windows, counts = state.last(KEPT).T, np.minimum(state.count, KEPT).tolist()
    for last, window, count, value in zip(standing.lasts, windows, counts, values.tolist(), strict=True):
        closes, rsi = window[KEPT - count :], None if np.isnan(value) else value
        before = float(closes[-2]) if count > 1 else None
        yield Reading(last, before, closes[-SPARK:].astype("<f4").tobytes(), rsi, signal(closes.tolist(), rsi))


def _judged(one: Reading) -> tuple[float | None, str, str]:
    return one.rsi14, one.signal.state.value, one.signal.reason


def _priced(readings: Sequence[Reading]) -> list[tuple[Any, ...]]:
    """What a quote that no tick has moved past the last session's close takes."""
    keys = [one.last.instrument for one in readings]
    calendar_of = dict(Instrument.objects.filter(pk__in=keys).values_list("pk", "exchange__calendar"))
    return [
        (
            last.instrument, last.close, one.before, last.open, last.high, last.low, last.volume,
            _closed_at(calendar_of[last.instrument], last.on), last.on, last.source,
        )
        for one in readings for last in (one.last,)
    ]  # fmt: skip


def _closed_at(calendar: str, on: date) -> datetime:
    """A provider may name a day on which the calendar knows no session: then its prices are as of that day's end."""
    try:
        return calendars.session_close(calendar, on)
    except ValueError:
        return datetime(on.year, on.month, on.day, 23, 59, tzinfo=UTC)


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(count)]
