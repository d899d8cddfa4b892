"""The latest price of every instrument: one statement for all ticks of a batch."""

import math
from collections.abc import Iterable, Mapping

from django.db import connection, transaction

from apps.market.models import Instrument, Quarantine, Quote
from apps.market.providers.base import Tick
from apps.market.services.quarantine import (
    IMPOSSIBLE,
    LEAST,
    MOST,
    Suspect,
    is_believable,
    jump_words,
    put_aside,
)

FIELDS = Quote._meta.concrete_fields  # noqa: SLF001 - Django's documented Model._meta
COLUMNS = [field.column for field in FIELDS]
NAMES = [field.attname for field in FIELDS]
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
WHERE excluded.as_of >= q.as_of
  AND (%s OR excluded.price BETWEEN q.price * {LEAST} AND q.price * {MOST}
       OR (SELECT excluded.price * exp(sum(ln(a.numerator::float8 / a.denominator)))
                  BETWEEN q.price * {LEAST} AND q.price * {MOST}
           FROM market_corporateaction a
           WHERE a.instrument_id = q.instrument_id AND a.kind = 'split'
             AND a."on" > q.session_on AND a."on" <= excluded.session_on))
  AND (q.price, q.previous_close, q.open, q.high, q.low, q.volume, q.as_of, q.session_on, q.source)
      IS DISTINCT FROM (excluded.price, excluded.previous_close, excluded.open, excluded.high, excluded.low,
                        excluded.volume, excluded.as_of, excluded.session_on, excluded.source)
RETURNING {", ".join(f'q."{column}"' for column in COLUMNS)}
"""  # noqa: S608 - column names of the model only


@transaction.atomic
def record_quotes(
    ticks: Iterable[Tick], instruments: Mapping[str, Instrument] | None = None, *, believed: bool = False
) -> list[Quote]:
    """The quotes that changed, with their instruments. Of one symbol the last tick counts.

    A tick older than the row is refused; zero, negative, infinite and NaN prices, and a jump of more than 60 % that no
    known split explains, are put aside (`believed`: an operator looked at it, so that a jump may pass).
    """
    latest: dict[str, Tick] = {}
    impossible: dict[str, Tick] = {}
    for tick in ticks:
        (latest if math.isfinite(tick.price) and tick.price > 0 else impossible)[tick.symbol] = tick
    if instruments is None:
        instruments = {one.symbol: one for one in Instrument.objects.by_symbols([*latest, *impossible])}
    if impossible:
        put_aside(_suspect(pk, tick, None, IMPOSSIBLE) for pk, tick in _known(impossible, instruments))
    rows = _known(latest, instruments)
    if not rows:
        return []
    by_pk = {instrument.pk: instrument for instrument in instruments.values()}
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [*_arrays(rows), believed])
        quotes = [Quote.from_db(connection.alias, NAMES, row) for row in cursor.fetchall()]
    if len(quotes) < len(rows):
        changed = {quote.pk for quote in quotes}
        _put_jumps_aside([(pk, tick) for pk, tick in rows if pk not in changed])
    for quote in quotes:
        quote.instrument = by_pk[quote.pk]
        quote.market_at = quote.as_of
    return quotes


def _known(ticks: Mapping[str, Tick], instruments: Mapping[str, Instrument]) -> list[tuple[int, Tick]]:
    return [(instruments[symbol].pk, tick) for symbol, tick in ticks.items() if symbol in instruments]


def _arrays(rows: list[tuple[int, Tick]]) -> list[list[object]]:
    fields = ("price", "previous_close", "open", "high", "low", "volume", "at", "session_on", "source")
    return [[pk for pk, _ in rows], *([getattr(tick, name) for _, tick in rows] for name in fields)]


def _put_jumps_aside(rows: list[tuple[int, Tick]]) -> None:
    """Of ticks that changed nothing: those that are no older than their row, and of another size."""
    stored = Quote.objects.in_bulk([pk for pk, _ in rows])
    jumps = [
        (pk, tick, stored[pk].price)
        for pk, tick in rows
        if pk in stored and tick.at >= stored[pk].as_of and not is_believable(tick.price, stored[pk].price)
    ]
    put_aside(_suspect(pk, tick, price, jump_words(tick.price, price)) for pk, tick, price in jumps)


def _suspect(instrument_id: int, tick: Tick, reference: float | None, reason: str) -> Suspect:
    return Suspect(
        instrument_id=instrument_id, kind=Quarantine.Kind.TICK, on=tick.session_on, at=tick.at, price=tick.price,
        previous_close=tick.previous_close, open=tick.open, high=tick.high, low=tick.low, volume=tick.volume,
        basis="", source=tick.source, reference=reference, reason=reason,
    )  # fmt: skip
