"""What organizations and open pages need of the market, and who asks a source for it: one, whoever needs it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import connection, transaction
from django.db.models.functions import Now

from apps.market.models import CurrencyDemand, Demand, Errand, Priority

LOCK = 7_203  # with the holder's hash: one holder's needs are written by one at a time

CHANGED = """
INSERT INTO market_demand (holder, instrument_id, priority)
SELECT %(holder)s, t.* FROM unnest(%(ids)s::int[], %(priorities)s::int2[]) AS t ORDER BY 2
ON CONFLICT (holder, instrument_id) DO UPDATE SET priority = excluded.priority
WHERE market_demand.priority <> excluded.priority
"""
UNMET = """
SELECT i FROM unnest(%s::int[]) AS i WHERE NOT EXISTS (SELECT FROM market_demand d WHERE d.instrument_id = i)
"""
CLAIM = """
INSERT INTO market_errand (instrument_id, kind, asked_at)
SELECT i, %(kind)s, now() FROM unnest(%(ids)s::int[]) AS i ORDER BY i
ON CONFLICT (instrument_id, kind) DO UPDATE SET asked_at = excluded.asked_at
WHERE market_errand.asked_at <= now() - make_interval(secs => %(rest)s)
RETURNING instrument_id
"""


@transaction.atomic
def record_demand(holder: str, wants: Mapping[int, Priority]) -> list[int]:
    """All that the holder (an organization's schema, or PAGES) needs now; what it no longer needs is forgotten.

    Returns the instruments that nobody needed before.
    """
    ids = sorted(wants)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, holder])
        cursor.execute(UNMET, [ids])
        unmet = [pk for (pk,) in cursor.fetchall()]
        Demand.objects.filter(holder=holder).exclude(instrument__in=ids).delete()
        cursor.execute(CHANGED, {"holder": holder, "ids": ids, "priorities": [int(wants[pk]) for pk in ids]})
    return sorted(unmet)


@transaction.atomic
def record_currencies(holder: str, currencies: Iterable[str]) -> None:
    """All that the holder counts in; the nightly rates go by it."""
    wanted = set(currencies)
    held = CurrencyDemand.objects.filter(holder=holder)
    held.exclude(currency__in=wanted).delete()
    rows = [CurrencyDemand(holder=holder, currency=code) for code in sorted(wanted)]
    CurrencyDemand.objects.bulk_create(rows, ignore_conflicts=True)


def forget_demand(*, keep: Iterable[str]) -> int:
    """Holders other than these need nothing any more: suspended, closing or dropped. How many rows went."""
    kept = list(keep)
    CurrencyDemand.objects.exclude(holder__in=kept).delete()
    return Demand.objects.exclude(holder__in=kept).delete()[0]


def claim_errands(kind: Errand.Kind, instrument_ids: Iterable[int], *, rest: timedelta) -> list[int]:
    """Those that nobody asked about within `rest`, in the order given: the caller asks now, and nobody else does.

    A claim whose owner was killed lapses with `rest`.
    """
    ids = list(dict.fromkeys(instrument_ids))
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"kind": kind, "ids": ids, "rest": rest.total_seconds()})
        mine = {pk for (pk,) in cursor.fetchall()}
    return [pk for pk in ids if pk in mine]


def resting_errands(kind: Errand.Kind, instrument_ids: Iterable[int]) -> set[int]:
    """Those of whom it is settled that nobody asks now: see `postpone_errands`."""
    later = Errand.objects.of(kind, instrument_ids).filter(asked_at__gt=Now())
    return set(later.values_list("instrument_id", flat=True))


def postpone_errands(kind: Errand.Kind, instrument_ids: Iterable[int], *, by: timedelta) -> None:
    """There was an answer, and it was none: nobody asks again before `by` has passed."""
    Errand.objects.of(kind, instrument_ids).update(asked_at=Now() + by)


def release_errands(kind: Errand.Kind, instrument_ids: Iterable[int]) -> None:
    """The source did not answer: whoever comes next may ask at once."""
    Errand.objects.of(kind, instrument_ids).delete()
