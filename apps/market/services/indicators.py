"""What follows from closed sessions, stored on the quote row in one pass: price, spark, RSI and signal."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from apps.market import calendars
from apps.market.columns import POSTGRES_EPOCH, Days, Floats
from apps.market.indicators import rsi, split_adjusted
from apps.market.models import ActionKind, CorporateAction, Instrument, Quote, SignalState
from apps.market.signals import Signal, signal

SPARK = 90
WINDOW = 750  # after so many closes the seed of Wilder's mean weighs less than 1e-20

CLOSES = """
COPY (SELECT i.id::int4, b."on", b.close, b.basis = 'raw'
      FROM unnest('{ids}'::int[]) AS i(id)
      CROSS JOIN LATERAL (SELECT "on", close, basis FROM market_bar
                          WHERE instrument_id = i.id ORDER BY "on" DESC LIMIT {limit}) b
      ORDER BY i.id, b."on") TO STDOUT (FORMAT BINARY)
"""
# One row of that answer as the server writes it: a count of fields, then each field after its length.
ROW = np.dtype([
    ("fields", ">i2"), ("", ">i4"), ("id", ">i4"), ("_on", ">i4"), ("on", ">i4"), ("_close", ">i4"), ("close", ">f8"),
    ("_raw", ">i4"), ("raw", "?"),
])  # fmt: skip
HEADER = 19

LAST = """
SELECT i.id, b."on", b.close, b.open, b.high, b.low, b.volume, b.source
FROM unnest(%s::int[]) AS i(id)
CROSS JOIN LATERAL (SELECT * FROM market_bar WHERE instrument_id = i.id ORDER BY "on" DESC LIMIT 1) b
"""
"""The last stored session; the close before it comes with the closes, in the units of that day."""
PRICED = """
INSERT INTO market_quote AS q (instrument_id, price, previous_close, open, high, low, volume, as_of, session_on, source,
                               spark, signal, signal_reason, sentiment_n, updated_at)
SELECT t.*, ''::bytea, 'no_data', '', 0, now()
FROM unnest(%s::int[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::bigint[],
            %s::timestamptz[], %s::date[], %s::text[]) AS t
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
FROM unnest(%s::int[], %s::bytea[], %s::float8[], %s::text[], %s::text[]) AS t(id, spark, rsi14, state, reason)
WHERE q.instrument_id = t.id
  AND (q.spark, q.rsi14, q.signal, q.signal_reason) IS DISTINCT FROM (t.spark, t.rsi14, t.state, t.reason)
"""


@dataclass(frozen=True, slots=True)
class Series:
    """The last closes of one instrument, oldest first, in the units of its last day."""

    instrument: int
    days: Days
    closes: Floats


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules see after the last closed session of one instrument."""

    series: Series
    rsi14: float | None
    signal: Signal


@transaction.atomic
def settle_quotes(instrument_ids: Iterable[int]) -> list[Quote]:
    """Brings the quotes to the last closed session: its price where none is newer, spark, RSI(14) and signal.

    Returns the quotes of these instruments as they are now.
    """
    ids = sorted(set(instrument_ids))
    series = list(adjusted_closes(ids, WINDOW))
    readings = [_reading(one) for one in series]
    Quote.objects.lock(ids)
    with connection.cursor() as cursor:
        _price_unpriced(cursor, series)
        cursor.execute(READINGS, _columns([_reading_row(reading) for reading in readings], 5))
    _store_states(readings)
    return list(Quote.objects.of(ids))


def adjusted_closes(instrument_ids: Sequence[int], limit: int) -> Iterator[Series]:
    """The last closes of each instrument that has any; one index scan an instrument, read in the server's format."""
    ids = [int(pk) for pk in instrument_ids]
    if not ids:
        return
    query = CLOSES.format(ids="{" + ",".join(map(str, ids)) + "}", limit=int(limit))
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        data = b"".join(map(bytes, copy))
    rows = np.frombuffer(data, dtype=ROW, count=(len(data) - HEADER - 2) // ROW.itemsize, offset=HEADER)
    splits = _splits(ids)
    starts = np.flatnonzero(np.diff(rows["id"], prepend=-1))
    for part in np.split(rows, starts[1:]) if len(rows) else []:
        yield _series(part, splits)


def _series(rows: NDArray[Any], splits: dict[int, list[tuple[date, float]]]) -> Series:
    instrument = int(rows["id"][0])
    days, closes = POSTGRES_EPOCH + rows["on"].astype("m8[D]"), rows["close"].astype("f8")
    if splits.get(instrument) and rows["raw"][0]:
        closes = np.array(split_adjusted(days.tolist(), closes.tolist(), splits[instrument]))
    return Series(instrument, days, closes)


def _splits(ids: Sequence[int]) -> dict[int, list[tuple[date, float]]]:
    found = CorporateAction.objects.filter(kind=ActionKind.SPLIT, instrument__in=ids)
    splits: dict[int, list[tuple[date, float]]] = {}
    for pk, on, numerator, denominator in found.values_list("instrument_id", "on", "numerator", "denominator"):
        splits.setdefault(pk, []).append((on, (numerator or 1) / (denominator or 1)))
    return splits


def _reading(series: Series) -> Reading:
    value = rsi(series.closes)
    return Reading(series, value, signal(series.closes.tolist(), value))


def _reading_row(reading: Reading) -> tuple[Any, ...]:
    closes = reading.series.closes[-SPARK:]
    spark = struct.pack(f"<{len(closes)}f", *closes)
    return reading.series.instrument, spark, reading.rsi14, reading.signal.state.value, reading.signal.reason


def _price_unpriced(cursor: Any, series: Sequence[Series]) -> None:
    """A quote that no tick has moved past the last session's close takes that session's prices."""
    before = {one.instrument: float(one.closes[-2]) for one in series if len(one.closes) > 1}
    calendar_of = dict(
        Instrument.objects.filter(pk__in=[one.instrument for one in series]).values_list("pk", "exchange__calendar")
    )
    cursor.execute(LAST, [list(calendar_of)])
    rows = []
    for pk, on, close, opened, high, low, volume, source in cursor.fetchall():
        as_of = _closed_at(calendar_of[pk], on)
        rows.append((pk, close, before.get(pk), opened, high, low, volume, as_of, on, source))
    cursor.execute(PRICED, _columns(rows, 10))


def _closed_at(calendar: str, on: date) -> datetime:
    """A provider may name a day on which the calendar knows no session: then its prices are as of that day's end."""
    try:
        return calendars.session_close(calendar, on)
    except ValueError:
        return datetime(on.year, on.month, on.day, 23, 59, tzinfo=UTC)


def _store_states(readings: Sequence[Reading]) -> None:
    SignalState.objects.bulk_create(
        [
            SignalState(
                instrument_id=one.series.instrument,
                on=one.series.days[-1].item(),
                rsi14=one.rsi14,
                state=one.signal.state.value,
                reason=one.signal.reason,
            )
            for one in readings
        ],
        update_conflicts=True,
        unique_fields=["instrument", "on"],
        update_fields=["rsi14", "state", "reason"],
    )


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(count)]
