"""What of the market the kept days of a portfolio rest on, and from which day on it is told otherwise now."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count

from apps.market.models import Bar, FxRate, Restatement
from apps.portfolio.models import Portfolio, Reckoning
from apps.portfolio.services.books import own_splits
from apps.portfolio.services.series import splits_of
from apps.portfolio.splits import Split

LATELY = timedelta(days=14)  # so long after its day a close or a rate may come and be noticed at once
DOUBT = timedelta(days=1)  # a restatement is dated when it is written, and seen when that is committed

type Splits = dict[str, list[list[Any]]]


def splits_up_to(portfolio: Portfolio, instruments: Iterable[int], through: date) -> Splits:
    """Of each instrument the splits that its kept days have applied."""
    keys = list(instruments)
    return written(splits_of(keys, own_splits(portfolio)), keys, through)


def written(splits: Mapping[int, Sequence[Split]], instruments: Iterable[int], through: date) -> Splits:
    """Those of the instruments up to a day, as they are stored."""
    return {
        str(key): [
            [split.on.isoformat(), split.numerator, split.denominator]
            for split in splits.get(key, ())
            if split.on <= through
        ]
        for key in sorted(instruments)
    }


def known_of(instruments: Iterable[int], through: date) -> dict[str, Any]:
    """How many bars and rates of the last days, and how many restatements, there are."""
    keys, start = list(instruments), through - LATELY
    bars = Bar.objects.filter(instrument__in=keys).between(start, through).order_by().values_list("instrument")
    counted = {str(key): count for key, count in bars.annotate(count=Count("on"))}
    return {
        "bars": counted,
        "rates": FxRate.objects.filter(on__gt=start, on__lte=through).count(),
        "restated": Restatement.objects.filter(instrument__in=keys).count(),
    }


def changed_since(reckoning: Reckoning) -> date | None:
    """The first day whose kept figures rest on what is told otherwise now; None where all is as it was.

    Splits whenever they were, restated sessions, and closes and rates of the last days that came late. What came later
    than that the nightly verification finds.
    """
    keys, through = list(map(int, reckoning.splits)), reckoning.through
    splits = splits_up_to(reckoning.portfolio, keys, through)
    changed = [date.fromisoformat(on) for on in _differing(splits, reckoning.splits)]
    known, before = known_of(keys, through), reckoning.known
    if known["restated"] != before["restated"]:
        told = Restatement.objects.filter(instrument__in=keys, seen_at__gt=reckoning.seen_at - DOUBT)
        changed += told.values_list("first_on", flat=True)
    if known["rates"] != before["rates"] or known["bars"] != before["bars"]:
        is_new = known["bars"].keys() - before["bars"].keys()  # its whole history may have come
        changed.append(date.min if is_new else through - LATELY)
    return min(changed, default=None)


def _differing(now: Splits, before: Splits) -> list[str]:
    """The days of splits that only one of the two knows."""
    return [
        on
        for key in now
        for on, *ratio in (*now[key], *before[key])
        if ([on, *ratio] in now[key]) != ([on, *ratio] in before[key])
    ]
