"""What follows from closed sessions, stored on the quote row: spark, RSI and signal."""

import struct
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection, transaction

from apps.market.indicators import rsi, split_adjusted
from apps.market.models import ActionKind, Basis, CorporateAction, Quote, SignalState
from apps.market.signals import signal

SPARK = 90
WINDOW = 750  # after so many closes the seed of Wilder's mean weighs less than 1e-20

CLOSES = """
SELECT i.id, b."on", b.close, b.basis
FROM unnest(%s::int[]) AS i(id)
CROSS JOIN LATERAL (SELECT "on", close, basis FROM market_bar WHERE instrument_id = i.id ORDER BY "on" DESC LIMIT %s) b
ORDER BY i.id, b."on"
"""
SETTLE = """
UPDATE market_quote q
SET spark = t.spark, updated_at = now(),
    -- Until the worker has read the new close the last reading stands.
    rsi14 = CASE WHEN s.state IS NULL THEN q.rsi14 ELSE s.rsi14 END,
    signal = coalesce(s.state, q.signal), signal_reason = coalesce(s.reason, q.signal_reason)
FROM unnest(%s::int[], %s::date[], %s::bytea[]) AS t(id, closed_on, spark)
LEFT JOIN market_signalstate s ON s.instrument_id = t.id AND s."on" = t.closed_on
WHERE q.instrument_id = t.id
"""

type Series = dict[int, tuple[list[date], list[float]]]


@transaction.atomic
def compute_indicators(instrument_ids: Iterable[int]) -> list[Quote]:
    """RSI(14) and signal after the last closed session of each; the quotes as they are now. Imports pandas-ta."""
    ids = sorted(set(instrument_ids))
    states = []
    for pk, (days, closes) in adjusted_closes(ids, WINDOW).items():
        value = rsi(closes)
        found = signal(closes, value)
        states.append(
            SignalState(instrument_id=pk, on=days[-1], rsi14=value, state=found.state.value, reason=found.reason)
        )
    SignalState.objects.bulk_create(
        states,
        update_conflicts=True,
        unique_fields=["instrument", "on"],
        update_fields=["rsi14", "state", "reason"],
    )
    return settle_quotes(ids)


@transaction.atomic
def settle_quotes(instrument_ids: Iterable[int]) -> list[Quote]:
    """Brings spark, RSI and signal of the quote rows to the last closed session; needs no pandas."""
    ids = sorted(set(instrument_ids))
    Quote.objects.lock(ids)
    rows = adjusted_closes(ids, SPARK)
    packed = [struct.pack(f"<{len(closes)}f", *closes) for _, closes in rows.values()]
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [list(rows), [days[-1] for days, _ in rows.values()], packed])
    return list(Quote.objects.of(ids))


def adjusted_closes(instrument_ids: Sequence[int], limit: int) -> Series:
    """The last closes of each instrument, oldest first, in the units of its last day."""
    splits: dict[int, list[tuple[date, float]]] = {}
    found = CorporateAction.objects.filter(kind=ActionKind.SPLIT, instrument__in=instrument_ids)
    for pk, on, numerator, denominator in found.values_list("instrument_id", "on", "numerator", "denominator"):
        splits.setdefault(pk, []).append((on, (numerator or 1) / (denominator or 1)))
    series: Series = {}
    raw: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(CLOSES, [list(instrument_ids), limit])
        for pk, on, close, basis in cursor.fetchall():
            days, closes = series.setdefault(pk, ([], []))
            days.append(on)
            closes.append(close)
            if basis == Basis.RAW:
                raw.add(pk)
    return {
        pk: (days, split_adjusted(days, closes, splits.get(pk, [])) if pk in raw else closes)
        for pk, (days, closes) in series.items()
    }
