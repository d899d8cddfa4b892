"""What happens to reports: asked for, claimed, built, and never built twice."""

import logging
import uuid
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.accounts.models import User
from apps.portfolio.models import Portfolio
from apps.reports import documents, pdf
from apps.reports.models import Report, Status
from apps.tenants.backend.connections import connection
from apps.tenants.services.quotas import require_room
from apps.tenants.storage import TenantStorage

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=5)
MOST_ATTEMPTS = 3
RESEND_AFTER = timedelta(seconds=30)


@transaction.atomic
def request_report(*, portfolio: Portfolio, by: User) -> Report:
    """A pending row: the promise that the worker keeps. It shows what the member who asks may see; or QuotaError."""
    require_room(connection.tenant, "storage_mb", used=count_storage_mb)
    return Report.objects.create(portfolio=portfolio, requested_by=by, shows_amounts=by.sees_amounts)


def count_storage_mb() -> int:
    """Of all files of the organization in context, as its quota counts them."""
    return TenantStorage().used_mb()


def build_report(report: Report) -> Report:
    """Builds the file once; a report that is ready, or that somebody else builds now, is returned as it is.

    The claim carries a token: a worker that was frozen past its claim cannot overwrite its successor's file.
    """
    token = uuid.uuid4()
    if not _claim(report, token):
        return _fresh(report)
    try:
        report = _fresh(report)
        _store(report, token, pdf.statement(documents.statement(report)))
    except (DatabaseError, OSError):  # may pass: the job is tried again, and the sweep gives up after the last attempt
        _finish(report, token, status=Status.PENDING, failure="")
        raise
    except Exception as error:  # whatever broke, the member is told and the row does not wait for ever
        logger.exception("report %s failed", report.pk)
        _finish(report, token, status=Status.FAILED, failure=f"It could not be built ({type(error).__name__}).")
    return _fresh(report)


def give_up(report: Report) -> Report:
    """After the last attempt died without a word, the member is told."""
    stuck = Report.objects.filter(pk=report.pk).exclude(status__in=(Status.READY, Status.FAILED))
    with transaction.atomic():
        stuck.update(status=Status.FAILED, failure="It could not be built.", claim=None)
    return _fresh(report)


def unfinished() -> list[Report]:
    """What should be built by now and is not: to be sent again, or given up after the last attempt."""
    now = timezone.now()
    waiting = Q(status=Status.PENDING, requested_at__lt=now - RESEND_AFTER)
    lost = Q(status=Status.BUILDING, claimed_at__lt=now - CLAIM)
    return list(Report.objects.filter(waiting | lost).with_portfolio())


def _claim(report: Report, token: uuid.UUID) -> bool:
    """One conditional update decides who builds; attempts are counted before the start."""
    now = timezone.now()
    free = Q(status=Status.PENDING) | Q(status=Status.BUILDING, claimed_at__lt=now - CLAIM)
    with transaction.atomic():
        return bool(
            Report.objects.filter(free, pk=report.pk, attempts__lt=MOST_ATTEMPTS).update(
                status=Status.BUILDING, claim=token, claimed_at=now, attempts=F("attempts") + 1
            )
        )


def _store(report: Report, token: uuid.UUID, content: bytes) -> None:
    name = report.file.field.generate_filename(report, "statement.pdf")
    stored = report.file.storage.save(name, ContentFile(content))
    if not _finish(report, token, status=Status.READY, file=stored, built_at=timezone.now()):
        report.file.storage.delete(stored)


def _finish(report: Report, token: uuid.UUID, **fields: object) -> bool:
    """Writes only while the claim is still ours."""
    with transaction.atomic():
        return bool(Report.objects.filter(pk=report.pk, claim=token).update(**fields, claim=None))


def _fresh(report: Report) -> Report:
    return Report.objects.with_portfolio().get(pk=report.pk)
