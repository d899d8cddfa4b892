"""Everything traded: imported as a whole; instruments are moved and delisted, never deleted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.market.models import UNIVERSE_PK, Instrument, Progress, Universe
from apps.market.providers.base import Listing
from apps.market.providers.universe import UniverseError, read_universe
from apps.market.services.progress import advance_progress, begin_progress, finish_progress
from apps.market.services.reference import import_exchanges, note_instruments

LOCK = 7_210  # two imports at once would each delist what the other brings
LEAST = 0.8  # of what was listed before: a list that is shorter was cut
COLUMNS = ("symbol", "mic", "name", "currency", "asset_class", "sector", "country")

MOVE = """
UPDATE market_instrument t SET exchange_id = s.mic FROM universe_stage s
WHERE t.symbol = s.symbol AND t.exchange_id <> s.mic AND t.delisted_on IS NULL
  AND (t.in_universe OR t.country IN ('US', ''))
  AND NOT EXISTS (SELECT FROM market_instrument o WHERE o.symbol = s.symbol AND o.exchange_id = s.mic)
  AND (SELECT count(*) FROM market_instrument o WHERE o.symbol = s.symbol AND o.delisted_on IS NULL) = 1
"""
MERGE = """
MERGE INTO market_instrument t USING universe_stage s ON t.exchange_id = s.mic AND t.symbol = s.symbol
WHEN MATCHED AND (t.name, t.currency, t.asset_class, t.in_universe, t.is_awaited, t.delisted_on)
     IS DISTINCT FROM (s.name, s.currency, s.asset_class, true, false, NULL)
    THEN UPDATE SET name = s.name, currency = s.currency, asset_class = s.asset_class,
                    country = coalesce(nullif(t.country, ''), s.country),
                    sector = coalesce(nullif(s.sector, ''), t.sector),
                    in_universe = true, is_awaited = false, delisted_on = NULL
WHEN NOT MATCHED THEN
    INSERT (symbol, exchange_id, name, currency, asset_class, sector, industry, country, isin, price_decimals,
            in_universe, is_awaited)
    VALUES (s.symbol, s.mic, s.name, s.currency, s.asset_class, s.sector, '', s.country, '', 2, true, false)
"""
DELIST = """
UPDATE market_instrument t SET delisted_on = %s
WHERE t.in_universe AND t.delisted_on IS NULL AND t.symbol <> ALL(%s)
  AND NOT EXISTS (SELECT FROM universe_stage s WHERE s.symbol = t.symbol AND s.mic = t.exchange_id)
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: how many are listed now, how many rows it wrote, how many it delisted."""

    listed: int
    written: int
    delisted: int


@transaction.atomic
def import_universe(listings: Iterable[Listing], *, source: str, except_for: Sequence[str] = ()) -> Imported:
    """Brings the instruments to this list in one MERGE; the same list again writes nothing.

    What is no longer listed gets `delisted_on`; what changed its market keeps its row, so that everybody who holds
    it still does. `except_for` are symbols that the feed names itself. Raises UniverseError for a list that is much
    shorter than the last one: an answer that was cut must not delist the market.
    """
    own = frozenset(except_for)
    rows = {one.symbol: one for one in listings if one.symbol not in own}
    _require_whole(len(rows))
    import_exchanges()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        _stage(cursor, rows.values())
        cursor.execute(MOVE)
        moved = cursor.rowcount
        cursor.execute(MERGE)
        written = moved + cursor.rowcount
        cursor.execute(DELIST, [timezone.now().date(), sorted(own)])
        delisted = cursor.rowcount
        cursor.execute("DROP TABLE universe_stage")
    told = {"listed": len(rows), "source": source[:400], "imported_at": timezone.now()}
    Universe.objects.update_or_create(pk=UNIVERSE_PK, defaults=told)
    if written or delisted:
        note_instruments()
    return Imported(len(rows), written, delisted)


def fetch_universe(sources: Sequence[str], *, except_for: Sequence[str] = ()) -> Iterator[Progress]:
    """Reads each list and imports them as one; after every step how far it is, with what came of it in `note`.

    Raises UniverseError; then nothing has changed.
    """
    progress = begin_progress("import_universe", len(sources) + 1)
    listings: list[Listing] = []
    try:
        for source, found in read_universe(sources):
            listings += found
            yield advance_progress(progress, reached=source, note=f"{source}: {len(found):,} instruments")
        done = import_universe(listings, source=" ".join(sources), except_for=except_for)
        text = f"{done.listed:,} listed: {done.written:,} new or changed, {done.delisted:,} delisted"
        yield advance_progress(progress, note=text)
    except UniverseError as error:
        finish_progress(progress, failure=str(error))
        raise
    finish_progress(progress)


def _require_whole(count: int) -> None:
    before = Instrument.objects.listed().filter(in_universe=True).count()
    if count < max(1, before * LEAST):
        raise UniverseError(f"The list has {count} instruments and had {before}: nothing was changed.")


def _stage(cursor: Any, listings: Iterable[Listing]) -> None:
    columns = ", ".join(f"{name} text NOT NULL" for name in COLUMNS)
    cursor.execute(f"CREATE TEMP TABLE universe_stage ({columns}) ON COMMIT DROP")
    with cursor.copy(f"COPY universe_stage ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for one in listings:
            copy.write_row([getattr(one, name) for name in COLUMNS])
    cursor.execute("ANALYZE universe_stage")
