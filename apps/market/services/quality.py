"""What does not add up in the stored market."""

from collections.abc import Sequence

from apps.market import catalogue
from apps.market.models import Quote
from apps.market.services.states import histories

TOLERANCE = 1e-9


def disagreeing_indicators(instrument_ids: Sequence[int]) -> list[int]:
    """Instruments whose stored RSI(14) is not what the catalogue computes from the stored bars. Imports pandas-ta.

    A flat series is left out: the house says 50, the catalogue has no answer.
    """
    stored = dict(Quote.objects.filter(pk__in=instrument_ids).values_list("pk", "rsi14"))
    found = []
    for series in histories(instrument_ids):
        ours, theirs = stored.get(series.instrument), catalogue.rsi(series.closes)
        flat = bool((series.closes == series.closes[0]).all())
        if not flat and (ours is None or theirs is None or abs(ours - theirs) > TOLERANCE) and ours != theirs:
            found.append(series.instrument)
    return found
