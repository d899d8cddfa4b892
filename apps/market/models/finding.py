"""Finding instruments: from this process's index of all of them where one was built, from the database else.

The index is built by a thread of its own; only the first search of a process waits for it, for a moment. Nothing of
an organization is in it.
"""

import logging
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django_tenants.utils import schema_context

from apps.market.models.instruments import UNIVERSE_PK, Instrument, Universe
from apps.market.models.prices import Quote
from apps.market.models.reading import FoundRow
from apps.market.search import MOST, SymbolIndex

logger = logging.getLogger(__name__)

CHECK_SECONDS = 3.0  # a change of the instruments is in the answers after so long, at the first search after it
FIRST_SECONDS = 3.0  # so long the first search of a process waits for its index, then the database answers
OVER_THE_COUNTER = ("PINX",)
ROWS = """
SELECT i.id, i.symbol, i.name, i.exchange_id, i.currency, i.asset_class, q.price, q.previous_close
FROM unnest(%s::int[]) WITH ORDINALITY AS k(id, place)
JOIN market_instrument i ON i.id = k.id LEFT JOIN market_quote q ON q.instrument_id = k.id
WHERE i.delisted_on IS NULL ORDER BY k.place
"""
ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")

type Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Built:
    """An index and the state of the instruments that it was made from."""

    stamp: Stamp
    index: SymbolIndex


_built: _Built | None = None
_made, _asked = threading.Event(), threading.Event()
_lock = threading.Lock()
_watcher: threading.Thread | None = None
_is_serving = False


def find_instruments(query: str, most: int = MOST) -> list[FoundRow]:
    """What is traded, best match first, with its last price; an ISIN that is stored finds its instrument."""
    keys = _keys(query.strip(), most)
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [keys])
        return [FoundRow(*row) for row in cursor.fetchall()]


def _keys(text: str, most: int) -> list[int]:
    listed = Instrument.objects.listed()
    if ISIN.fullmatch(text.upper()):
        return list(listed.filter(isin=text.upper()).values_list("pk", flat=True)[:most])
    built = _built or _first_index()
    if built is None:
        return [one.pk for one in listed.matching(text)[:most]]
    _asked.set()
    return built.index.find(text, most)


def refresh() -> bool:
    """Builds the index anew where the instruments are others than before; false where they are not."""
    global _built
    with schema_context("public"):
        stamp = _stamp()
        if _built is not None and _built.stamp == stamp:
            return False
        rows = list(index_rows())
    _built = _Built(stamp, SymbolIndex(rows))
    return True


def serve() -> None:
    """From the first search on this process keeps an index (a web process says so when it starts)."""
    global _is_serving
    _is_serving = True


def forget() -> None:
    """The database answers again, and no index is built."""
    global _built, _is_serving
    _built, _is_serving = None, False


def _first_index() -> _Built | None:
    """A process that serves waits a moment for its first index: the database knows no typing errors.

    One thread a process makes it; one that a fork left behind is not alive.
    """
    global _watcher
    if not _is_serving:
        return None
    with _lock:
        if _watcher is None or not _watcher.is_alive():
            _made.clear()
            _watcher = threading.Thread(target=_watch, name="symbols", daemon=True)
            _watcher.start()
    _made.wait(FIRST_SECONDS)
    return _built


def _watch() -> None:
    """Looks for a change after a search, and not more often than the answers may be old."""
    while _is_serving:
        try:
            refresh()
        except DatabaseError as error:
            logger.warning("symbols are searched as they were: %s", error)
        finally:
            connection.close()
            _made.set()
        time.sleep(CHECK_SECONDS)
        if _built is not None:
            _asked.wait()
            _asked.clear()


def _stamp() -> Stamp:
    """Versions go up with every change of the instruments; who has a quote ranks first, so quotes are counted."""
    version = Universe.objects.filter(pk=UNIVERSE_PK).values_list("version", flat=True).first()
    return version or 0, Quote.objects.aggregate(count=Count("pk"))["count"]


def index_rows() -> Iterator[tuple[int, str, str, int]]:
    """What somebody holds comes before its equals, what trades on an exchange before the rest."""
    rank = Case(
        When(quote__isnull=False, then=Value(0)),
        When(~Q(exchange__in=OVER_THE_COUNTER), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    listed = Instrument.objects.listed().annotate(rank=rank).order_by("pk")
    yield from listed.values_list("pk", "symbol", "name", "rank")
