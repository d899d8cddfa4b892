"""Bars enter by binary COPY: what is newer than the last stored session goes straight in, the rest through a MERGE."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from django.db import connection, transaction

from apps.market.columns import COLUMNS, Bars, Mask
from apps.market.models import ActionKind, CorporateAction, IndicatorState, Restatement
from apps.market.services.jumps import bar_suspect, believed_bars
from apps.market.services.quarantine import IMPOSSIBLE, put_aside

LOCK = 7_201  # MERGE can raise under concurrent writers: one at a time
SAME = 1e-6  # ratios of a restated history that lie so close are one ratio
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
_VALUES = COLUMNS[2:]
_OLD, _NEW = (", ".join(f'{side}."{name}"' for name in _VALUES) for side in "ts")

LAST = """
SELECT i.id, last."on", last.basis, last.source
FROM unnest(%s::int[]) AS i(id)
CROSS JOIN LATERAL (SELECT "on", basis, source FROM market_bar
                    WHERE instrument_id = i.id ORDER BY "on" DESC LIMIT 1) last
"""
RESTATED = f"""
SELECT t.instrument_id, min(t."on"), max(t."on"), count(*), min(s.close / t.close), max(s.close / t.close)
FROM bar_stage s JOIN market_bar t USING (instrument_id, "on")
WHERE ({_OLD}) IS DISTINCT FROM ({_NEW})
GROUP BY t.instrument_id ORDER BY t.instrument_id
"""  # noqa: S608 - names of this module only
MERGE = f"""
MERGE INTO market_bar t USING bar_stage s ON t.instrument_id = s.instrument_id AND t."on" = s."on"
WHEN MATCHED AND ({_OLD}) IS DISTINCT FROM ({_NEW})
    THEN UPDATE SET {", ".join(f'"{name}" = s."{name}"' for name in _VALUES)}
WHEN NOT MATCHED THEN INSERT ({NAMES}) VALUES ({", ".join(f's."{name}"' for name in COLUMNS)})
"""  # noqa: S608


class MixedSourcesError(Exception):
    """A series holds bars of one source and one basis; these are of another."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch of bars did: sessions added or changed, of which instruments, and how many were refused."""

    rows: int
    instruments: tuple[int, ...]
    refused: int
    restatements: tuple[Restatement, ...]


def hold_bars() -> None:
    """Until the transaction ends no bar changes but by its own hand; others may hold them too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


@transaction.atomic
def record_bars(bars: Bars, *, believed: bool = False) -> Recorded:
    """Stores closed sessions with their splits and dividends; what is known already writes nothing.

    Impossible bars, and jumps that no split explains, are put aside one by one (`believed`: an operator looked at
    them, so that only the impossible ones are). A stored session that is now told otherwise is changed, and a
    Restatement says so. Raises MixedSourcesError where a series would go on from another source or basis.
    """
    possible = bars.possible()
    if refused := int((~possible).sum()):
        put_aside(bar_suspect(bars, place, None, IMPOSSIBLE) for place in np.flatnonzero(~possible).tolist())
    known = (bars.where(possible) if refused else bars).in_order()
    if not len(known):
        return Recorded(0, (), refused, ())
    record_actions(known)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = _last_sessions(cursor, known)
        if not believed:
            known, doubted = _believed(known, list(last))
            refused += doubted
        if not len(known):
            return Recorded(0, (), refused, ())
        newer = _newer(known, last)
        rows, restated, changed = _merge(cursor, known.where(~newer)) if not newer.all() else (0, (), ())
        fresh = known if newer.all() else known.where(newer)
        if len(fresh):
            _copy(cursor, "market_bar", fresh)
    touched = {*_instruments(fresh), *changed}
    return Recorded(rows + len(fresh), tuple(sorted(touched)), refused, restated)


def _believed(bars: Bars, stored: Sequence[int]) -> tuple[Bars, int]:
    """What may enter, and how many may not."""
    mask, suspects = believed_bars(bars, stored)
    if not suspects:
        return bars, 0
    put_aside(suspects)
    return bars.where(mask), int((~mask).sum())


def _instruments(bars: Bars) -> list[int]:
    """Their keys, of bars in order."""
    keys: list[int] = bars.instrument[bars.starts()].tolist()
    return keys


def _last_sessions(cursor: Any, bars: Bars) -> dict[int, date]:
    """The last stored day of each instrument, after making sure that these bars continue the same series."""
    cursor.execute(LAST, [_instruments(bars)])
    last: dict[int, date] = {}
    for instrument, on, basis, source in cursor.fetchall():
        if (basis, source) != (bars.basis, bars.source):
            text = f"{bars.source} {bars.basis} does not continue {source} {basis}"
            raise MixedSourcesError(f"instrument {instrument}: {text}")
        last[instrument] = on
    return last


def _newer(bars: Bars, last: Mapping[int, date]) -> Mask:
    """True where a bar is later than what is stored of its instrument; nothing there can collide."""
    if not last:
        return np.ones(len(bars), dtype=bool)
    ends = np.array([last.get(key, date.min) for key in _instruments(bars)], dtype="datetime64[D]")
    return np.asarray(bars.on > np.repeat(ends, np.diff(bars.starts(), append=len(bars))))


def _merge(cursor: Any, bars: Bars) -> tuple[int, tuple[Restatement, ...], tuple[int, ...]]:
    cursor.execute("CREATE TEMP TABLE bar_stage (LIKE market_bar) ON COMMIT DROP")
    _copy(cursor, "bar_stage", bars)
    cursor.execute("ANALYZE bar_stage")
    cursor.execute(RESTATED)
    restatements = [_restatement(row, bars.source) for row in cursor.fetchall()]
    cursor.execute(MERGE)
    rows = int(cursor.rowcount)
    cursor.execute("DROP TABLE bar_stage")
    Restatement.objects.bulk_create(restatements)
    changed = tuple(_instruments(bars)) if rows else ()
    IndicatorState.objects.filter(instrument__in=changed).delete()  # what they go on from is not what it was
    return rows, tuple(restatements), changed


def _restatement(row: Sequence[Any], source: str) -> Restatement:
    instrument, first, last, count, least, most = row
    ratio = least if abs(most - least) <= SAME * abs(most) else None
    return Restatement(
        instrument_id=instrument, first_on=first, last_on=last, sessions=count, ratio=ratio, source=source
    )


def _copy(cursor: Any, table: str, bars: Bars) -> None:
    with cursor.copy(f'COPY "{table}" ({NAMES}) FROM STDIN (FORMAT BINARY)') as copy:
        for part in bars.encoded():
            copy.write(part)


def record_actions(bars: Bars) -> None:
    """Their splits and dividends, without the bars."""
    actions = [*_dividends(bars), *_splits(bars)]
    if actions:
        CorporateAction.objects.bulk_create(
            actions,
            update_conflicts=True,
            unique_fields=["instrument", "on", "kind"],
            update_fields=["numerator", "denominator", "amount", "source"],
        )


def _dividends(bars: Bars) -> Iterable[CorporateAction]:
    for place in np.flatnonzero(bars.dividend > 0):
        yield CorporateAction(**_where(bars, place), kind=ActionKind.DIVIDEND, amount=float(bars.dividend[place]))


def _splits(bars: Bars) -> Iterable[CorporateAction]:
    for place in np.flatnonzero((bars.split_factor > 0) & (bars.split_factor != 1)):
        ratio = Fraction(float(bars.split_factor[place])).limit_denominator(1000)
        yield CorporateAction(
            **_where(bars, place), kind=ActionKind.SPLIT, numerator=ratio.numerator, denominator=ratio.denominator
        )


def _where(bars: Bars, place: Any) -> dict[str, Any]:
    return {"instrument_id": int(bars.instrument[place]), "on": bars.on[place].item(), "source": bars.source}
