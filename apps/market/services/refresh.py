"""What is asked of a source by batches of instruments, once whoever needs them: last prices, and the last year."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from apps.market.calendars import is_open, last_closed
from apps.market.models import Demand, Errand, Instrument, Quote
from apps.market.providers.base import ProviderError
from apps.market.services.bars import MixedSourcesError, record_bars
from apps.market.services.demand import claim_errands, release_errands
from apps.market.services.fetching import fetch_history, fetch_quotes
from apps.market.services.quotes import record_quotes

LATE = timedelta(minutes=5)  # within a session
REST = timedelta(seconds=50)  # between two questions about one instrument; a killed job's claim lapses with it
YEAR = timedelta(days=366)


def due_quotes() -> list[int]:
    """Needed instruments whose price is older than it should be on a real market, in turn; each has one already."""
    now = timezone.now()
    ids = [pk for pk, _ in Demand.objects.in_turn()]
    known = Quote.objects.filter(pk__in=ids).values_list("pk", "as_of", "session_on", "instrument__exchange__calendar")
    due = {
        pk
        for pk, as_of, session_on, calendar in known
        if session_on < last_closed(calendar, now) or (is_open(calendar, now) and now - as_of > LATE)
    }
    return [pk for pk in ids if pk in due]


def fetch_due_quotes(instrument_ids: Iterable[int]) -> list[Quote]:
    """The quotes that changed. Raises ProviderError when no source answered: then the next one may ask at once."""
    mine = claim_errands(Errand.Kind.QUOTES, instrument_ids, rest=REST)
    instruments = Instrument.objects.select_related("exchange").in_bulk(mine)
    asked = [instruments[pk] for pk in mine if pk in instruments]
    if not asked:
        return []
    try:
        ticks = fetch_quotes(asked)
    except ProviderError:
        release_errands(Errand.Kind.QUOTES, mine)
        raise
    return record_quotes(ticks, {one.symbol: one for one in asked})


def refresh_history(instrument_ids: Iterable[int]) -> list[int]:
    """The last year up to yesterday; whose bars changed. A transaction an instrument: a kill leaves each day whole."""
    instruments = Instrument.objects.select_related("exchange").filter(pk__in=list(instrument_ids)).order_by("pk")
    yesterday = timezone.now().date() - timedelta(days=1)
    touched: list[int] = []
    for _, bars in fetch_history(instruments, yesterday - YEAR, yesterday):
        try:
            touched += record_bars(bars).instruments
        except MixedSourcesError:
            continue
    return touched
