"""Prices that nobody believes are put aside: what is stored stays and grows old until an operator decides."""

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import accumulate
from operator import mul

from django.db import connection

from apps.market.models import ActionKind, CorporateAction

logger = logging.getLogger(__name__)

LEAST, MOST = (
    0.4,
    1.6,
)  # of the price before: a move of more than 60 % needs a split, or a second session that bears it out
ABSURD = 100.0  # a hundred times or a hundredth is borne out by nothing but a split
IMPOSSIBLE = "not a positive price, or outside of its own range"
AT_ONCE = 1_000  # rows of one call; a whole history of nonsense is told by its first thousand

STORE = """
INSERT INTO market_quarantine AS q (instrument_id, kind, "on", at, price, previous_close, open, high, low, volume,
                                    basis, source, reference, reason, times, status, seen_at)
SELECT t.*, 1, 'waiting', now()
FROM unnest(%s::int[], %s::text[], %s::date[], %s::timestamptz[], %s::float8[], %s::float8[], %s::float8[],
            %s::float8[], %s::float8[], %s::bigint[], %s::text[], %s::text[], %s::float8[], %s::text[]) AS t
ORDER BY 1, 2, 3
ON CONFLICT (instrument_id, kind, "on") DO UPDATE SET
    at = excluded.at, price = excluded.price, previous_close = excluded.previous_close, open = excluded.open,
    high = excluded.high, low = excluded.low, volume = excluded.volume, basis = excluded.basis,
    source = excluded.source, reference = excluded.reference, reason = excluded.reason, times = q.times + 1,
    status = 'waiting', decided_at = NULL
WHERE q.status = 'waiting' OR NOT (q.price = excluded.price OR excluded.price BETWEEN q.price * 0.4 AND q.price * 1.6)
"""
"""What was decided of a session holds for prices of the same size."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A price as it was offered; field by field the columns of a Quarantine."""

    instrument_id: int
    kind: str
    on: date
    at: datetime | None
    price: float
    previous_close: float | None
    open: float | None
    high: float | None
    low: float | None
    volume: int | None
    basis: str
    source: str
    reference: float | None
    reason: str


def is_believable(price: float, reference: float, split: float = 1.0) -> bool:
    """Whether a price may follow the reference; `split` is new shares for one old since then. NaN compares as false."""
    return any(LEAST * reference <= value <= MOST * reference for value in (price, price * split))


def put_aside(suspects: Iterable[Suspect]) -> int:
    """Inside the caller's transaction. A session's row counts how often; one that was decided stays decided."""
    rows = list(suspects)
    for one in rows[:3]:
        logger.warning("put aside: instrument %s on %s at %s: %s", one.instrument_id, one.on, one.price, one.reason)
    if not rows:
        return 0
    latest = {(one.instrument_id, one.kind, one.on): one for one in rows[-AT_ONCE:]}
    names = [field.name for field in fields(Suspect)]
    columns = [[getattr(one, name) for one in latest.values()] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(STORE, columns)
    return len(rows)


def jump_words(price: float, reference: float) -> str:
    """Why it is not believed."""
    if not (math.isfinite(price) and price > 0):
        return IMPOSSIBLE
    return f"{price / reference:.4g} times the price before, and no split is known"


class Splits:
    """Known splits of some instruments: whether one of them, or several in a row, explain a jump."""

    def __init__(self, instrument_ids: Sequence[int]) -> None:
        found = CorporateAction.objects.filter(kind=ActionKind.SPLIT, instrument__in=instrument_ids).order_by("-on")
        self._of: dict[int, list[tuple[date, float]]] = {}
        for pk, on, new, old in found.values_list("instrument_id", "on", "numerator", "denominator"):
            self._of.setdefault(pk, []).append((on, (new or 1) / (old or 1)))

    def explain(self, instrument_id: int, price: float, reference: float, after: date, until: date | None) -> bool:
        """Those after a day, up to another (without one: all later), the newest first."""
        ratios = [r for on, r in self._of.get(instrument_id, ()) if on > after and (until is None or on <= until)]
        return any(is_believable(price, reference, product) for product in accumulate(ratios, mul))
