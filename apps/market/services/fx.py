"""Rates of currencies: which are needed, fetched once for everybody, and never overwritten by nonsense."""

import logging
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection, transaction

from apps.market.currencies import MAJORS, Pair, major_unit
from apps.market.models import CurrencyDemand, FxRate, Instrument
from apps.market.providers.base import Rate
from apps.market.services.fetching import fetch_rates

logger = logging.getLogger(__name__)

HUB = "USD"  # every needed currency against this one: any two are then two hops apart at most
HISTORY = timedelta(days=366 * 20)
AGAIN = timedelta(days=7)  # asked for again, for a rate may be corrected
JUMP = 3.0  # a rate that is more than three times, or less than a third of, the one before is not believed
_CODE = re.compile(r"[A-Z]{3}")

UPSERT = """
INSERT INTO market_fxrate AS t (base, quote, "on", rate, source)
SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::float8[], %s::text[])
ON CONFLICT (base, quote, "on") DO UPDATE SET rate = excluded.rate, source = excluded.source
WHERE (t.rate, t.source) IS DISTINCT FROM (excluded.rate, excluded.source)
"""


@transaction.atomic
def record_rates(rates: Iterable[Rate], *, today: date) -> int:
    """The number of rates that are new or changed; what is impossible, of tomorrow, or a leap is refused."""
    usable = {(one.base, one.quote, one.on): one for one in rates if _possible(one, today)}
    kept = list(_believed(usable))
    if not kept:
        return 0
    columns = zip(*((one.base, one.quote, one.on, one.rate, one.source[:40]) for one in kept), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [list(column) for column in columns])
        return int(cursor.rowcount)


def _possible(one: Rate, today: date) -> bool:
    codes = one.base != one.quote and all(_CODE.fullmatch(code) for code in (one.base, one.quote))
    if codes and one.on <= today and math.isfinite(one.rate) and one.rate > 0:
        return True
    logger.warning("refused the rate %s", one)
    return False


def _believed(rates: dict[tuple[str, str, date], Rate]) -> Iterable[Rate]:
    """Each pair in the order of its days, beginning at what is stored before; a leap is left out."""
    series: dict[Pair, list[Rate]] = defaultdict(list)
    for key in sorted(rates):
        series[key[:2]].append(rates[key])
    if not series:
        return
    firsts = {found[0].on - timedelta(days=1) for found in series.values()}
    stored = FxRate.objects.observed(series, firsts)
    for pair, found in series.items():
        before = stored[found[0].on - timedelta(days=1)].get(pair)
        last = before.rate if before else None
        for one in found:
            if last and not 1 / JUMP < one.rate / last < JUMP:
                logger.warning("refused the rate %s: the one before was %s", one, last)
                continue
            last = one.rate
            yield one


def needed_rates() -> set[Pair]:
    """What priced instruments trade in, what organizations count in, and the majors, each against the dollar."""
    traded = Instrument.objects.filter(quote__isnull=False).values_list("currency", flat=True).distinct()
    counted = CurrencyDemand.objects.values_list("currency", flat=True).distinct()
    codes = {*map(major_unit, traded), *counted, *MAJORS}
    return {(code, HUB) for code in codes if code != HUB and _CODE.fullmatch(code)}


def refresh_rates(*, today: date) -> int:
    """Fetches what is needed since the last observation, of new pairs twenty years; the number of rates written.

    Raises ProviderError when no source answers; what is stored stays.
    """
    known = {(one.base, one.quote): one.on for one in FxRate.objects.newest()}
    since: dict[date, list[Pair]] = defaultdict(list)
    for pair in sorted(needed_rates()):
        since[known[pair] - AGAIN if pair in known else today - HISTORY].append(pair)
    return sum(record_rates(fetch_rates(pairs, start, today), today=today) for start, pairs in since.items())
