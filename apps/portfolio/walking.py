"""A book replayed weekday by weekday, so that a later day can go on from an earlier one."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import localcontext

from apps.portfolio.lots import LEDGER
from apps.portfolio.movements import Row
from apps.portfolio.replay import EVE, SATURDAY, Day, Rate, Series, Standing, Terms, Walker


@dataclass(frozen=True, slots=True)
class Walked:
    """Days, the standings at the first of them in each month and at the last (None: an empty ledger), and whose prices
    were looked at."""

    days: list[Day]
    firsts: dict[date, Standing]
    last: Standing | None
    seen: frozenset[Hashable] = frozenset()


def walk(
    rows: Iterable[Row],
    series: Mapping[Hashable, Series],
    rate: Rate,
    *,
    until: date,
    standing: Standing | None = None,
    terms: Terms,
) -> Walked:
    """As `replay`, with every weekday among the days, and without `until` unless it is one of them.

    It goes on from a standing, `rows` being those after it, or begins with them. To go on from any standing that it
    returns gives the same days again.
    """
    dated = sorted((row for row in rows if row.on <= until), key=lambda row: row.moment)
    if standing is None and not dated:
        return Walked([], {}, None)
    start = standing.on if standing else dated[0].on - EVE
    with localcontext(LEDGER):
        walker = Walker(dated, series, rate, terms)
        days = [] if standing else [walker.begin(start)]
        if standing:
            walker.stand(standing)
        firsts, last = {}, start
        for day in walker.days(start, _weekdays(start, until), until):
            days.append(day)
            if (last.year, last.month) != (day.on.year, day.on.month):
                firsts[day.on] = walker.standing(day.on)
            last = day.on
        return Walked(days, firsts, walker.standing(last), frozenset(series))


def _weekdays(start: date, until: date) -> set[date]:
    days = (start + timedelta(days=after) for after in range(1, (until - start).days + 1))
    return {day for day in days if day.weekday() < SATURDAY}
