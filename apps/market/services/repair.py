"""Sessions that are missing: found by the exchanges' calendars, fetched, and remembered where no source has them."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction

from apps.market.calendars import last_closed, sessions_between
from apps.market.columns import Bars
from apps.market.models import Exchange, Feed, Hole, Instrument
from apps.market.services.bars import MixedSourcesError, record_bars
from apps.market.services.fetching import fetch_history

logger = logging.getLogger(__name__)

LOOKBACK = timedelta(days=5 * 366)
MARGIN = timedelta(days=7)  # asked for around a gap: an answer that brings the neighbours is one about the gap too
BATCH = 50  # instruments a job

MISSING = """
WITH sessions(calendar, "on") AS (SELECT * FROM unnest(%(calendars)s::text[], %(days)s::date[])),
kept AS (
    SELECT i.id, e.calendar, i.delisted_on, first."on" AS first_on
    FROM market_instrument i JOIN market_exchange e ON e.mic = i.exchange_id
    CROSS JOIN LATERAL (SELECT "on" FROM market_bar WHERE instrument_id = i.id ORDER BY "on" LIMIT 1) first
    WHERE %(ids)s::int[] IS NULL OR i.id = ANY(%(ids)s)
)
SELECT k.id, array_agg(s."on" ORDER BY s."on")
FROM kept k JOIN sessions s ON s.calendar = k.calendar AND s."on" > k.first_on
WHERE (k.delisted_on IS NULL OR s."on" < k.delisted_on)
  AND NOT EXISTS (SELECT FROM market_bar b WHERE b.instrument_id = k.id AND b."on" = s."on")
  AND NOT EXISTS (SELECT FROM market_hole h WHERE h.instrument_id = k.id AND h."on" = s."on")
GROUP BY k.id ORDER BY k.id
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """Instruments with missing sessions, all within these days."""

    instrument_ids: tuple[int, ...]
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of a gap: sessions stored, of which instruments, and sessions that the source does not have."""

    rows: int
    instruments: tuple[int, ...]
    holes: int


def missing_sessions(
    instrument_ids: Iterable[int] | None = None, *, within: timedelta = LOOKBACK
) -> dict[int, list[date]]:
    """Closed sessions after an instrument's first stored one that are neither stored nor known as holes. One statement.

    `within` so long before the market clock; of all instruments that have bars, or of these.
    """
    clock = Feed.objects.market_at()
    calendars, days = [], []
    for calendar in Exchange.objects.order_by().values_list("calendar", flat=True).distinct():
        closed = sessions_between(calendar, (clock - within).date(), last_closed(calendar, clock))
        calendars += [calendar] * len(closed)
        days += closed
    ids = None if instrument_ids is None else list(instrument_ids)
    with connection.cursor() as cursor:
        cursor.execute(MISSING, {"calendars": calendars, "days": days, "ids": ids})
        return dict(cursor.fetchall())


def gaps(missing: Mapping[int, Sequence[date]]) -> Iterator[Gap]:
    """Missing sessions as jobs: neighbours in time together."""
    ordered = sorted(missing, key=lambda pk: (missing[pk][0], pk))
    for place in range(0, len(ordered), BATCH):
        batch = ordered[place : place + BATCH]
        yield Gap(tuple(batch), min(missing[pk][0] for pk in batch), max(missing[pk][-1] for pk in batch))


def fill_gap(gap: Gap) -> Filled:
    """Asks for the days of a gap; a transaction an instrument, so that a kill leaves each whole or as it was.

    What an answer leaves out between sessions that it brings is a hole. Raises ProviderError when nobody answered:
    then nothing is remembered.
    """
    missing = missing_sessions(gap.instrument_ids)
    end = max(gap.end, min(gap.end + MARGIN, Feed.objects.market_at().date() - timedelta(days=1)))
    instruments = Instrument.objects.select_related("exchange").filter(pk__in=missing)
    rows, holes, touched = 0, 0, []
    for instrument, bars in fetch_history(instruments, gap.start - MARGIN, end):
        stored, empty = _fill(bars, missing[instrument.pk])
        rows, holes = rows + stored, holes + empty
        if stored:
            touched.append(instrument.pk)
    return Filled(rows, tuple(touched), holes)


@transaction.atomic
def _fill(bars: Bars, missing: Sequence[date]) -> tuple[int, int]:
    """Sessions stored, and sessions known as holes from now on."""
    if not len(bars):
        return 0, 0
    try:
        rows = record_bars(bars).rows
    except MixedSourcesError as error:
        logger.warning("%s", error)
        return 0, 0
    answered = set(bars.on.tolist())
    absent = [on for on in missing if min(answered) < on < max(answered) and on not in answered]
    pk = int(bars.instrument[0])
    Hole.objects.bulk_create((Hole(instrument_id=pk, on=on) for on in absent), ignore_conflicts=True)
    return rows, len(absent)
