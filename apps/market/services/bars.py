"""Bars enter through a stage and a MERGE, so that what is already known writes nothing."""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.db import connection, transaction

from apps.market.models import ActionKind, CorporateAction
from apps.market.providers.base import BarData, MinuteData

logger = logging.getLogger(__name__)

LOCK = 7_201  # MERGE can raise under concurrent writers: one at a time
PRICES = ("open", "high", "low", "close", "volume")
DAY = ("on", *PRICES, "basis", "source")
MINUTE = ("at", *PRICES, "source")
DAY_TYPES = ("int4", "date", "float8", "float8", "float8", "float8", "int8", "varchar", "varchar")
MINUTE_TYPES = ("int4", "timestamptz", "float8", "float8", "float8", "float8", "int8", "varchar")


class MixedSourcesError(Exception):
    """A series holds bars of one source and one basis; these are of another."""


@transaction.atomic
def record_bars(bars: Iterable[BarData], ids: Mapping[str, int]) -> int:
    """Stores closed sessions with their splits and dividends; the number of rows that are new or changed.

    `ids` maps symbols to instruments. Impossible bars are refused one by one, with a line in the log.
    """
    known = [bar for bar in bars if bar.symbol in ids and _is_possible(bar)]
    _record_actions(known, ids)
    rows = sorted(
        (ids[bar.symbol], bar.on, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.basis, bar.source)
        for bar in known
    )
    return _merge("market_bar", DAY, DAY_TYPES, rows)


@transaction.atomic
def record_minutes(minutes: Iterable[MinuteData], ids: Mapping[str, int]) -> int:
    """Stores minutes of a session; the number of rows that are new or changed."""
    rows = sorted(
        (ids[bar.symbol], bar.at, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.source)
        for bar in minutes
        if bar.symbol in ids and _is_possible(bar)
    )
    return _merge("market_minutebar", MINUTE, MINUTE_TYPES, rows)


def _is_possible(bar: BarData | MinuteData) -> bool:
    prices = (bar.open, bar.high, bar.low, bar.close)
    finite = all(math.isfinite(price) and price > 0 for price in prices)
    if finite and bar.low <= min(prices) and bar.high >= max(prices) and bar.volume >= 0:
        return True
    logger.warning("refused an impossible bar: %s", bar)
    return False


def _merge(table: str, columns: tuple[str, ...], types: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> int:
    if not rows:
        return 0
    names = ", ".join(f'"{name}"' for name in ("instrument_id", *columns))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(f'CREATE TEMP TABLE "stage" (LIKE "{table}") ON COMMIT DROP')
        with cursor.copy(f'COPY "stage" ({names}) FROM STDIN (FORMAT BINARY)') as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
        _refuse_mixed(cursor, table, columns)
        key, values = columns[0], columns[1:]
        old, new = ([f'{side}."{name}"' for name in values] for side in ("t", "s"))
        cursor.execute(
            f'MERGE INTO "{table}" t USING "stage" s'  # noqa: S608 - names of this module only
            f' ON t."instrument_id" = s."instrument_id" AND t."{key}" = s."{key}"'
            f" WHEN MATCHED AND ({', '.join(old)}) IS DISTINCT FROM ({', '.join(new)})"
            f" THEN UPDATE SET {', '.join(f'"{name}" = s."{name}"' for name in values)}"
            f" WHEN NOT MATCHED THEN INSERT ({names})"
            f' VALUES (s."instrument_id", {", ".join(f's."{name}"' for name in columns)})'
        )
        changed = int(cursor.rowcount)
        cursor.execute('DROP TABLE "stage"')
    return changed


def _refuse_mixed(cursor: Any, table: str, columns: tuple[str, ...]) -> None:
    """One source (and basis) an instrument, within the stage and against the last stored row."""
    kind = "source || ' ' || basis" if "basis" in columns else "source"
    cursor.execute(
        f"SELECT i.symbol, s.kinds, k.kind FROM (SELECT instrument_id, array_agg(DISTINCT {kind}) kinds"  # noqa: S608
        f' FROM "stage" GROUP BY instrument_id) s JOIN market_instrument i ON i.id = s.instrument_id'
        f' LEFT JOIN LATERAL (SELECT {kind} kind FROM "{table}" t WHERE t.instrument_id = s.instrument_id'
        f' ORDER BY "{columns[0]}" DESC LIMIT 1) k ON true'
        " WHERE cardinality(s.kinds) > 1 OR k.kind <> s.kinds[1] LIMIT 1"
    )
    if row := cursor.fetchone():
        raise MixedSourcesError(f"{row[0]}: {', '.join(row[1])} does not continue {row[2] or 'one series'}")


def _record_actions(bars: list[BarData], ids: Mapping[str, int]) -> None:
    actions = []
    for bar in bars:
        where = {"instrument_id": ids[bar.symbol], "on": bar.on, "source": bar.source}
        if bar.dividend > 0:
            actions.append(CorporateAction(**where, kind=ActionKind.DIVIDEND, amount=bar.dividend))
        if bar.split_factor not in (0.0, 1.0):
            ratio = Fraction(bar.split_factor).limit_denominator(1000)
            actions.append(
                CorporateAction(
                    **where, kind=ActionKind.SPLIT, numerator=ratio.numerator, denominator=ratio.denominator
                )
            )
    CorporateAction.objects.bulk_create(
        actions,
        update_conflicts=True,
        unique_fields=["instrument", "on", "kind"],
        update_fields=["numerator", "denominator", "amount", "source"],
    )
