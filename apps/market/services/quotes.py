"""The latest price of every instrument: one statement for all ticks of a batch."""

import logging
import math
from collections.abc import Iterable, Mapping

from django.db import connection, transaction

from apps.market.models import Instrument, Quote
from apps.market.providers.base import Tick

logger = logging.getLogger(__name__)

FIELDS = Quote._meta.concrete_fields  # noqa: SLF001 - Django's documented Model._meta
COLUMNS = [field.column for field in FIELDS]
NAMES = [field.attname for field in FIELDS]
ABSURD = 100.0  # a price a hundred times the last one is an error of the feed

UPSERT = f"""
INSERT INTO market_quote AS q (instrument_id, price, previous_close, open, high, low, volume, as_of, session_on, source,
                               spark, signal, signal_reason, sentiment_n, updated_at)
SELECT t.*, ''::bytea, 'no_data', '', 0, now()
FROM unnest(%s::int[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::bigint[],
            %s::timestamptz[], %s::date[], %s::text[]) AS t
ORDER BY 1
ON CONFLICT (instrument_id) DO UPDATE SET
    price = excluded.price,
    previous_close = coalesce(excluded.previous_close,
                              CASE WHEN excluded.session_on = q.session_on THEN q.previous_close END),
    open = excluded.open, high = excluded.high, low = excluded.low, volume = excluded.volume,
    as_of = excluded.as_of, session_on = excluded.session_on, source = excluded.source, updated_at = now()
WHERE excluded.as_of >= q.as_of AND excluded.price < q.price * {ABSURD} AND excluded.price > q.price / {ABSURD}
  AND (q.price, q.previous_close, q.open, q.high, q.low, q.volume, q.as_of, q.session_on, q.source)
      IS DISTINCT FROM (excluded.price, excluded.previous_close, excluded.open, excluded.high, excluded.low,
                        excluded.volume, excluded.as_of, excluded.session_on, excluded.source)
RETURNING {", ".join(f'q."{column}"' for column in COLUMNS)}
"""  # noqa: S608 - column names of the model only


@transaction.atomic
def record_quotes(ticks: Iterable[Tick], instruments: Mapping[str, Instrument] | None = None) -> list[Quote]:
    """The quotes that changed, with their instruments. Of one symbol the last tick counts.

    Zero, negative, infinite and NaN prices, a hundredfold jump and a tick older than the row are refused.
    """
    latest = {tick.symbol: tick for tick in ticks if _is_possible(tick)}
    if instruments is None:
        instruments = {one.symbol: one for one in Instrument.objects.by_symbols(latest)}
    rows = [(instruments[symbol].pk, tick) for symbol, tick in latest.items() if symbol in instruments]
    if not rows:
        return []
    by_pk = {instrument.pk: instrument for instrument in instruments.values()}
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, _arrays(rows))
        quotes = [Quote.from_db(connection.alias, NAMES, row) for row in cursor.fetchall()]
    for quote in quotes:
        quote.instrument = by_pk[quote.pk]
        quote.market_at = quote.as_of
    return quotes


def _arrays(rows: list[tuple[int, Tick]]) -> list[list[object]]:
    fields = ("price", "previous_close", "open", "high", "low", "volume", "at", "session_on", "source")
    return [[pk for pk, _ in rows], *([getattr(tick, name) for _, tick in rows] for name in fields)]


def _is_possible(tick: Tick) -> bool:
    if math.isfinite(tick.price) and tick.price > 0:
        return True
    logger.warning("refused an impossible price: %s", tick)
    return False
