"""Minutes of a session enter through a stage and a MERGE; there are hundreds at a time, not millions."""

import math
from collections.abc import Iterable, Mapping

from django.db import connection, transaction

from apps.market.providers.base import MinuteData

LOCK = 7_202  # MERGE can raise under concurrent writers: one at a time
COLUMNS = ("instrument_id", "at", "open", "high", "low", "close", "volume", "source")
TYPES = ("int4", "timestamptz", "float8", "float8", "float8", "float8", "int8", "varchar")
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
_OLD, _NEW = (", ".join(f'{side}."{name}"' for name in COLUMNS[2:]) for side in "ts")

MERGE = f"""
MERGE INTO market_minutebar t USING minute_stage s ON t.instrument_id = s.instrument_id AND t.at = s.at
WHEN MATCHED AND ({_OLD}) IS DISTINCT FROM ({_NEW})
    THEN UPDATE SET {", ".join(f'"{name}" = s."{name}"' for name in COLUMNS[2:])}
WHEN NOT MATCHED THEN INSERT ({NAMES}) VALUES ({", ".join(f's."{name}"' for name in COLUMNS)})
"""  # noqa: S608 - names of this module only


@transaction.atomic
def record_minutes(minutes: Iterable[MinuteData], ids: Mapping[str, int]) -> int:
    """Stores minutes of a session; the number of rows that are new or changed. Of one minute the last one counts."""
    rows = {
        (ids[bar.symbol], bar.at): (bar.open, bar.high, bar.low, bar.close, bar.volume, bar.source)
        for bar in minutes
        if bar.symbol in ids and _is_possible(bar)
    }
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("CREATE TEMP TABLE minute_stage (LIKE market_minutebar) ON COMMIT DROP")
        with cursor.copy(f"COPY minute_stage ({NAMES}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(TYPES)
            for key in sorted(rows):
                copy.write_row((*key, *rows[key]))
        cursor.execute(MERGE)
        changed = int(cursor.rowcount)
        cursor.execute("DROP TABLE minute_stage")
    return changed


def _is_possible(bar: MinuteData) -> bool:
    prices = (bar.open, bar.high, bar.low, bar.close)
    finite = all(math.isfinite(price) and price > 0 for price in prices)
    return finite and bar.low <= min(prices) and bar.high >= max(prices) and bar.volume >= 0
