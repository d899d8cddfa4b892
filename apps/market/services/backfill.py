"""Years of bars for many instruments: a long job that says how far it is and goes on where it was killed."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import batched

from apps.market.models import Instrument, Progress
from apps.market.providers.base import ProviderError
from apps.market.services.bars import MixedSourcesError, record_bars
from apps.market.services.fetching import BATCH, fetch_history
from apps.market.services.progress import advance_progress, begin_progress, finish_progress

KIND = "backfill"


def backfill_bars(
    instruments: Iterable[Instrument], start: date, end: date
) -> Iterator[tuple[Progress, tuple[int, ...]]]:
    """Both days included, batch by batch: how far it is, and whose bars changed. A transaction an instrument.

    The same instruments and days again go on after the last whole batch of a run that was killed or failed.
    Raises ProviderError when no source answers; the run stays open.
    """
    ordered = sorted(instruments, key=lambda one: (one.symbol, one.pk))
    task = {"instruments": [one.pk for one in ordered], "from": str(start), "to": str(end)}
    progress = begin_progress(KIND, len(ordered), task=task)
    for batch in batched(ordered[progress.done :], BATCH):
        try:
            rows, touched = _record(batch, start, end)
        except ProviderError as error:
            advance_progress(progress, 0, note=f"stopped at {batch[0].symbol}: {error}")
            raise
        note = f"{batch[0].symbol} to {batch[-1].symbol}: {rows} bars written"
        progress = advance_progress(progress, len(batch), reached=batch[-1].symbol, note=note)
        yield progress, touched
    yield finish_progress(progress), ()


def _record(batch: Iterable[Instrument], start: date, end: date) -> tuple[int, tuple[int, ...]]:
    """A series of another source stays as it is."""
    rows, touched = 0, list[int]()
    for _, bars in fetch_history(batch, start, end):
        try:
            recorded = record_bars(bars)
        except MixedSourcesError:
            continue
        rows += recorded.rows
        touched += recorded.instruments
    return rows, tuple(touched)
