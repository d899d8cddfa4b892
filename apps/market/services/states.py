"""Where each instrument's indicators stand: gone on by one new session, or computed anew from the stored bars."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from itertools import batched

import numpy as np

from apps.market.columns import POSTGRES_EPOCH, Days, Floats
from apps.market.indicators import split_divisors
from apps.market.indicators.packing import WIDTH, packed, unpacked
from apps.market.indicators.running import State, replayed, step
from apps.market.models import ActionKind, CorporateAction
from apps.tenants.backend.connections import connection

WINDOW = 750  # after so many closes the seed of Wilder's mean weighs less than 1e-20
BAR = ("high", "low", "close", "volume")
AT_ONCE = 1_000  # instruments; their windows take 24 MB

LAST = """
SELECT i.id, b."on", b.open, b.high, b.low, b.close, b.volume, b.source, b.basis = 'raw', p."on", s."on", s.units,
       s.packed
FROM unnest(%b::int[]) AS i(id)
CROSS JOIN LATERAL (SELECT * FROM market_bar WHERE instrument_id = i.id ORDER BY "on" DESC LIMIT 1) b
LEFT JOIN LATERAL (SELECT "on" FROM market_bar WHERE instrument_id = i.id AND "on" < b."on"
                   ORDER BY "on" DESC LIMIT 1) p ON true
LEFT JOIN market_indicatorstate s ON s.instrument_id = i.id
ORDER BY i.id
"""
HISTORIES = """
SELECT i.id, b.is_raw, array_send(b.days), array_send(b.highs), array_send(b.lows), array_send(b.closes),
       array_send(b.volumes)
FROM unnest(%b::int[]) AS i(id)
CROSS JOIN LATERAL (
    SELECT bool_or(basis = 'raw') AS is_raw, array_agg("on" - date '2000-01-01') AS days, array_agg(high) AS highs,
           array_agg(low) AS lows, array_agg(close) AS closes, array_agg(volume::float8) AS volumes
    FROM (SELECT * FROM market_bar WHERE instrument_id = i.id ORDER BY "on" DESC LIMIT %s) newest_first
) b
WHERE b.days IS NOT NULL
"""
KEEP = """
INSERT INTO market_indicatorstate AS s (instrument_id, "on", units, packed)
SELECT * FROM unnest(%b::int[], %b::date[], %b::float8[], %b::bytea[]) ORDER BY 1
ON CONFLICT (instrument_id) DO UPDATE SET "on" = excluded."on", units = excluded.units, packed = excluded.packed
"""
# An array as the server writes it: five numbers about it, then each value after its length.
ARRAY_HEADER = 20
DAY, NUMBER = np.dtype([("_", ">i4"), ("value", ">i4")]), np.dtype([("_", ">i4"), ("value", ">f8")])

type Splits = dict[int, list[tuple[date, float]]]


@dataclass(frozen=True, slots=True)
class History:
    """The last sessions of one instrument, oldest first, prices in the units of its last day."""

    instrument: int
    days: Days
    highs: Floats
    lows: Floats
    closes: Floats
    volumes: Floats


@dataclass(slots=True)
class Last:
    """The last stored session of an instrument, the day of the one before it, and the state that is stored."""

    instrument: int
    on: date
    open: float
    high: float
    low: float
    close: float
    volume: int
    source: str
    is_raw: bool
    before: date | None
    stored_on: date | None
    units: float | None
    packed: bytes | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Instruments beside each other: their last sessions, and the state after those."""

    lasts: Sequence[Last]
    state: State


class _Way(Enum):
    AS_STORED = auto()
    STEP = auto()
    ANEW = auto()


def standings(instrument_ids: Sequence[int], *, anew: bool = False) -> Iterator[Standing]:
    """Of each instrument that has bars; what is new is stored. Inside the caller's transaction.

    A stored state goes on by exactly one new session. With more of them, another split, or none stored (record_bars
    deletes those whose history it changes) it is computed anew from the last WINDOW sessions.
    """
    with connection.prepared_cursor() as cursor:
        cursor.execute(LAST, [list(instrument_ids)])
        lasts = [Last(*row) for row in cursor.fetchall()]
    splits, ways = _splits(one.instrument for one in lasts), dict[_Way, list[Last]]()
    for last in lasts:
        units = _units(last, splits)
        way = _Way.ANEW if anew else _way(last, units)
        last.units = units
        ways.setdefault(way, []).append(last)
    for way, chosen in ways.items():
        for part in map(list, batched(chosen, AT_ONCE)):
            standing = Standing(part, _state(way, part))
            if way is not _Way.AS_STORED:
                _keep(standing)
            yield standing


def histories(instrument_ids: Iterable[int], limit: int = WINDOW) -> Iterator[History]:
    """The last sessions of each instrument that has any: one index scan an instrument, read as the server writes it."""
    ids = list(instrument_ids)
    splits = _splits(ids)
    with connection.prepared_cursor() as cursor:
        cursor.execute(HISTORIES, [ids, limit])
        for pk, is_raw, days, *columns in cursor.fetchall():
            on = POSTGRES_EPOCH + _values(days, DAY).astype("m8[D]")
            divisors = split_divisors(on, splits.get(pk, ()) if is_raw else ())
            high, low, close, volume = (_values(column, NUMBER).astype("f8") for column in columns)
            yield History(pk, on, high / divisors, low / divisors, close / divisors, volume * divisors)


def _values(sent: bytes, kind: np.dtype[np.void]) -> Floats:
    """Oldest first."""
    values: Floats = np.frombuffer(sent, dtype=kind, offset=ARRAY_HEADER)["value"][::-1]
    return values


def _splits(ids: Iterable[int]) -> Splits:
    found = CorporateAction.objects.filter(kind=ActionKind.SPLIT, instrument__in=list(ids))
    splits: Splits = {}
    for pk, on, numerator, denominator in found.values_list("instrument_id", "on", "numerator", "denominator"):
        splits.setdefault(pk, []).append((on, (numerator or 1) / (denominator or 1)))
    return splits


def _units(last: Last, splits: Splits) -> float:
    """Of prices as traded: every split up to the last session; another one than before changes all of the past."""
    units = 1.0
    for on, ratio in sorted(splits.get(last.instrument, ())) if last.is_raw else ():
        units *= ratio if on <= last.on else 1.0
    return units


def _way(last: Last, units: float) -> _Way:
    if last.packed is None or len(last.packed) != WIDTH or last.units != units:
        return _Way.ANEW
    if last.stored_on == last.on:
        return _Way.AS_STORED
    return _Way.STEP if last.stored_on == last.before else _Way.ANEW


def _state(way: _Way, lasts: Sequence[Last]) -> State:
    if way is _Way.ANEW:
        return _replayed(lasts)
    state = unpacked([last.packed for last in lasts if last.packed is not None])
    if way is _Way.STEP:
        step(state, *(np.array([getattr(last, name) for last in lasts], "f8") for name in BAR))
    return state


def _replayed(lasts: Sequence[Last]) -> State:
    """The younger ones begin later."""
    places = {last.instrument: place for place, last in enumerate(lasts)}
    found = list(histories(places))
    longest = max(len(one.days) for one in found)
    tables = [np.full((longest, len(lasts)), np.nan) for _ in range(4)]
    for one in found:
        for table, column in zip(tables, (one.highs, one.lows, one.closes, one.volumes), strict=True):
            table[longest - len(one.days) :, places[one.instrument]] = column
    return replayed(*tables)[0]


def _keep(standing: Standing) -> None:
    rows = [(one.instrument, one.on, one.units) for one in standing.lasts]
    with connection.prepared_cursor() as cursor:
        cursor.execute(KEEP, [*map(list, zip(*rows, strict=True)), packed(standing.state)])
