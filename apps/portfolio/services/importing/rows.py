"""The rows of a file as the preview shows them."""

from collections import Counter
from collections.abc import Iterable, Sequence

from apps.portfolio.models import Import, ImportRow
from apps.portfolio.models.imports import Status
from apps.portfolio.services.importing.judging import Judged, digest_of

A_BATCH = 5_000
MOST_CELLS, LONGEST_CELL = 12, 60


def keep_rows(imported: Import, judged: Sequence[Judged]) -> None:
    """In place of those of an earlier reading; counts them. Part of the caller's transaction."""
    ImportRow.objects.filter(imported=imported).delete()
    ImportRow.objects.bulk_create((_row(imported, one) for one in judged), batch_size=A_BATCH)
    counted = Counter(one.status for one in judged)
    imported.counts = {status.value: counted[status] for status in Status} | {"digest": digest_of(judged)}


def forget_rows(imported: Import) -> None:
    """What is recorded stands in the ledger; rows that were not are kept for whoever asks why."""
    ImportRow.objects.filter(imported=imported, status__in=(Status.NEW, Status.TWIN)).delete()


def _row(imported: Import, one: Judged) -> ImportRow:
    return ImportRow(
        imported=imported,
        number=one.read.number,
        status=one.status,
        shown=_shown(one),
        problem=one.problem,
        about=one.about,
        key=one.key[:200],
    )


def _shown(one: Judged) -> list[str]:
    """What the ledger would say (day, kind, thing, quantity, price, amount, costs, currency), else the file's cells."""
    entry = one.entry
    if entry is None:
        return [_clean(cell) for cell in one.read.cells[:MOST_CELLS]]
    thing = entry.instrument.symbol if entry.instrument else ""
    numbers = (entry.quantity, entry.price, entry.amount, entry.fee, entry.tax)
    return [entry.traded_on.isoformat(), str(entry.kind), thing, *_plain(numbers), entry.currency]


def _plain(numbers: Iterable[object]) -> Iterable[str]:
    return ("" if number is None else f"{number:f}" for number in numbers)


def _clean(cell: str) -> str:
    """Fit for the database and the page."""
    return "".join(letter for letter in cell[:LONGEST_CELL] if letter.isprintable())
