"""Reading, recording and undoing an import: asked for by a member, done by a job, found again when the job dies."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import User
from apps.portfolio.errors import LedgerError
from apps.portfolio.imports.encodings import UnreadableFileError
from apps.portfolio.imports.layouts import Layout
from apps.portfolio.lots import InsufficientPositionError
from apps.portfolio.models import Import
from apps.portfolio.models.imports import State
from apps.portfolio.services.importing.judging import judge
from apps.portfolio.services.importing.recording import LedgerMovedError, record, stamp_of, take_back
from apps.portfolio.services.importing.rows import keep_rows
from apps.tenants.backend.keys import schema_in_context
from apps.tenants.backend.logins import BusyError, alone
from apps.tenants.services.quotas import QuotaError

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
RESEND_AFTER = timedelta(seconds=30)
FALLS_BACK = {State.READING: State.MAPPING, State.RECORDING: State.READY, State.UNDOING: State.DONE}


def start_reading(imported: Import, layout: Layout, symbols: dict[str, str | None] | None = None) -> bool:
    """By a layout, with members' answers about symbols; false where it is past being read."""
    fields = {"layout": layout.as_json(), "counts": {}, "symbols": imported.symbols if symbols is None else symbols}
    return _start(imported, (State.MAPPING, State.READY), State.READING, **fields)


def start_recording(imported: Import, *, by: User) -> bool:
    """What was shown as new; false where it is not ready to be."""
    return _start(imported, (State.READY,), State.RECORDING, by=by)


def start_undoing(imported: Import) -> bool:
    """False where nothing of it is recorded."""
    return _start(imported, (State.DONE,), State.UNDOING)


def _start(imported: Import, states: tuple[State, ...], state: State, **fields: object) -> bool:
    now = timezone.now()
    with transaction.atomic():
        free = Import.objects.filter(pk=imported.pk, state__in=states)
        return bool(free.update(state=state, attempts=0, rows_done=0, failure="", worked_at=now, **fields))


def due_imports() -> list[Import]:
    """Work that should be done by now: to be sent again, or given up after the last attempt."""
    return list(Import.objects.at_work().filter(worked_at__lt=timezone.now() - RESEND_AFTER))


def work_on_import(imported: Import) -> Import:
    """Safe to repeat and to kill: one process at a time, and what it does to the ledger is one transaction."""
    try:
        with alone(f"import {schema_in_context()} {imported.pk}"):
            imported = _counted(imported)
            if imported.is_working:
                _WORK[State(imported.state)](imported)
    except BusyError:
        pass
    return _fresh(imported)


def give_up_import(imported: Import) -> Import:
    """After the last attempt died without a word the member is told; the ledger is as it was before."""
    for working, before in FALLS_BACK.items():
        _settle(imported, working, state=before, failure="It could not be finished; nothing was changed. Try again.")
    return _fresh(imported)


def _counted(imported: Import) -> Import:
    """Attempts are counted before the start."""
    with transaction.atomic():
        Import.objects.at_work().filter(pk=imported.pk).update(attempts=F("attempts") + 1, worked_at=timezone.now())
    return _fresh(imported)


def _tell(imported: Import) -> Callable[[int], object]:
    def told(done: int) -> None:
        with transaction.atomic():
            Import.objects.filter(pk=imported.pk).update(rows_done=done, worked_at=timezone.now())

    return told


def _read(imported: Import) -> None:
    try:
        judged = judge(imported, _tell(imported))
    except UnreadableFileError as error:
        _settle(imported, State.READING, state=State.MAPPING, failure=str(error)[:280])
        return
    with transaction.atomic():
        keep_rows(imported, judged)
        _settle(imported, State.READING, state=State.READY, counts=imported.counts)


def _record(imported: Import) -> None:
    try:
        stamp = stamp_of(imported.portfolio)  # before the ledger is read
        record(imported, judge(imported, _tell(imported)), stamp)
    except LedgerMovedError as error:
        with transaction.atomic():
            keep_rows(imported, error.judged)
            _settle(imported, State.RECORDING, state=State.READY, counts=imported.counts, failure=str(error))
    except (LedgerError, InsufficientPositionError, QuotaError, UnreadableFileError) as error:
        _settle(imported, State.RECORDING, state=State.READY, failure=str(error)[:280])


def _undo(imported: Import) -> None:
    try:
        take_back(imported)
    except InsufficientPositionError as error:
        words = f"Later entries need what it brought in ({error})."
        _settle(imported, State.UNDOING, state=State.DONE, failure=words[:280])


_WORK: dict[State, Callable[[Import], None]] = {
    State.READING: _read,
    State.RECORDING: _record,
    State.UNDOING: _undo,
}


def _settle(imported: Import, working: State, **fields: object) -> None:
    """Only what is still at that work."""
    with transaction.atomic():
        Import.objects.filter(pk=imported.pk, state=working).update(worked_at=timezone.now(), **fields)


def _fresh(imported: Import) -> Import:
    return Import.objects.select_related("portfolio", "by").get(pk=imported.pk)
