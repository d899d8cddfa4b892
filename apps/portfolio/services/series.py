"""Prices, splits and rates as the arithmetic reads them: from shared market data, as columns."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db import connection

from apps.market.currencies import Rates, needed_pairs
from apps.market.models import Basis, CorporateAction, FxRate, Quote
from apps.portfolio.replay import Series, as_traded
from apps.portfolio.splits import Split, splits_without_twins

# The closes of a period, and of each instrument the last one before it.
CLOSES = """
SELECT instrument_id, "on", close, basis FROM market_bar
WHERE instrument_id = ANY(%(keys)s::int[]) AND "on" BETWEEN %(since)s AND %(until)s
UNION ALL
SELECT i.id, last."on", last.close, last.basis FROM unnest(%(keys)s::int[]) AS i(id)
CROSS JOIN LATERAL (SELECT "on", close, basis FROM market_bar
                    WHERE instrument_id = i.id AND "on" < %(since)s ORDER BY "on" DESC LIMIT 1) last
ORDER BY 1, 2
"""


def price_of(number: float) -> Decimal:
    """The door from market data to money."""
    return Decimal(repr(number))


def splits_of(instruments: Iterable[int], own: Mapping[int, Sequence[Split]] | None = None) -> dict[int, list[Split]]:
    """Splits of each instrument; two records of one split count once, and one's `own` beat the market's."""
    wanted = set(instruments)
    told: dict[int, list[Split]] = defaultdict(list)
    actions = CorporateAction.objects.filter(instrument__in=wanted, kind="split").order_by()
    for pk, on, numerator, denominator in actions.values_list("instrument_id", "on", "numerator", "denominator"):
        if numerator and denominator:
            told[pk].append(Split(on, numerator, denominator))
    mine = {pk: found for pk, found in (own or {}).items() if pk in wanted}
    return {pk: splits_without_twins(told[pk], mine.get(pk, ())) for pk in {*told, *mine}}


def series_of(
    currencies: Mapping[int, str],
    since: date,
    until: date,
    splits: Mapping[int, Sequence[Split]],
) -> dict[Hashable, Series]:
    """Closes as traded of the instruments named with their currencies, up to the quote of a session that runs.

    The last close before `since` is the first of them, however old it is.

    Two queries, or one where the period ended before the sessions that the quotes are of.
    """
    days: dict[int, list[date]] = {key: [] for key in currencies}
    closes: dict[int, list[Decimal]] = {key: [] for key in currencies}
    adjusted = set()
    with connection.cursor() as cursor:
        cursor.execute(CLOSES, {"keys": list(currencies), "since": since, "until": until})
        bars = cursor.fetchall()
    for key, on, close, basis in bars:
        days[key].append(on)
        closes[key].append(Decimal(repr(close)))
        if basis == Basis.SPLIT:
            adjusted.add(key)
    for key in adjusted:
        closes[key] = as_traded(days[key], closes[key], splits.get(key, ()))
    quotes = Quote.objects.filter(pk__in=list(currencies), session_on__gte=since, session_on__lte=until)
    for key, on, price in quotes.values_list("pk", "session_on", "price"):
        if not days[key] or on > days[key][-1]:
            days[key].append(on)
            closes[key].append(price_of(price))
    return {key: Series(currencies[key], days[key], closes[key], splits.get(key, ())) for key in currencies}


def rates_of(base: str, currencies: Iterable[str], since: date, until: date) -> Rates:
    """Rates into the base currency on every day between two; a book of one currency asks for none."""
    foreign = set(currencies) - {base}
    if not foreign:
        return Rates(base)
    return Rates(base, FxRate.objects.history(needed_pairs([(one, base) for one in foreign]), since, until))
