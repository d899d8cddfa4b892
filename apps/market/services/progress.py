"""How far a long job is: written down as it goes, read on the terminal and on the operator's page."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.market.models import Progress


@transaction.atomic
def begin_progress(kind: str, total: int, *, task: dict[str, Any] | None = None) -> Progress:
    """A run of a long job. One of the same kind and task that never ended is gone on with: see `reached` and `done`."""
    same = Progress.objects.select_for_update().running().filter(kind=kind, task=task or {})
    if task and (found := same.latest_first().first()):
        Progress.objects.filter(pk=found.pk).update(total=total, updated_at=timezone.now())
        found.total = total
        return found
    return Progress.objects.create(kind=kind, total=total, task=task or {})


def advance_progress(progress: Progress, by: int = 1, *, reached: str = "", note: str = "") -> Progress:
    """So many more are done, the last of them `reached`. Safe beside others that advance the same run."""
    said = {key: value[:length] for key, value, length in (("reached", reached, 80), ("note", note, 200)) if value}
    Progress.objects.filter(pk=progress.pk).update(done=F("done") + by, updated_at=timezone.now(), **said)
    progress.refresh_from_db()
    return progress


def finish_progress(progress: Progress, *, failure: str = "") -> Progress:
    """It ended, or could not go on: then `failure` says why."""
    now = timezone.now()
    Progress.objects.filter(pk=progress.pk).update(finished_at=now, updated_at=now, failure=failure[:200])
    progress.refresh_from_db()
    return progress
