"""Archives are asked for, claimed, built once, and deleted after a week; what a kill left behind is swept away."""

import logging
import shutil
import time
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from apps.tenants.models import Archive, ArchiveStatus, Organization
from apps.tenants.services.archives.manifest import Manifest
from apps.tenants.services.archives.writing import write_archive
from apps.tenants.services.audit import record_audit

logger = logging.getLogger(__name__)

KEPT = timedelta(days=7)
CLAIM = timedelta(minutes=30)  # longer than the actor may run
MOST_ATTEMPTS = 3
RESEND_AFTER = timedelta(seconds=30)
MOST_OPEN = 3
EXPORTED = "organization.exported"


class TooManyArchivesError(Exception):
    """So many are being made that another one would only wait."""


def request_archive(
    organization: Organization, *, by_id: uuid.UUID | None = None, by_operator: bool = False, address: str = ""
) -> Archive:
    """A pending row: the promise that the worker keeps. Audited in public and in the organization."""
    with schema_context("public"), transaction.atomic():
        Organization.objects.select_for_update().get(pk=organization.pk)  # else two requests count the same rows
        waiting = Archive.objects.of(organization).filter(status__in=(ArchiveStatus.PENDING, ArchiveStatus.BUILDING))
        if waiting.count() >= MOST_OPEN:
            raise TooManyArchivesError("An export is being made already; wait until it is ready.")
        archive = Archive.objects.create(
            organization=organization, subdomain=organization.subdomain, asked_by_id=by_id, by_operator=by_operator
        )
        record_export(archive, "asked", by_id=by_id, by_operator=by_operator, address=address)
        return archive


def record_export(
    archive: Archive, step: str, *, by_id: uuid.UUID | None, by_operator: bool, address: str = ""
) -> None:
    """What left, in both logs: an operator is known by key in `public` only, a member in the organization only."""
    details = {"archive": str(archive.pk), "step": step}
    with schema_context("public"), transaction.atomic():
        record_audit(EXPORTED, by_id=by_id if by_operator else None, subject_id=archive.organization_id, **details)
        if archive.organization is not None:
            with tenant_context(archive.organization):
                record_audit(
                    EXPORTED,
                    by_id=None if by_operator else by_id,
                    by_operator=by_operator,
                    subject_id=archive.pk,
                    address=address,
                    **details,
                )


def build_archive(archive: Archive) -> Archive:
    """Builds the file once; one that is ready, or that somebody else builds now, is returned as it is."""
    token = uuid.uuid4()
    with schema_context("public"):
        if not _claim(archive, token) or archive.organization is None:
            return _fresh(archive)
        path = Path(settings.ARCHIVE_DIR) / f"{archive.pk}-{token.hex}.zip"
    try:
        _finish_ready(archive, token, path, write_archive(archive.organization, path))
    except (DatabaseError, OSError):  # may pass: tried again, and the sweep gives up after the last attempt
        _finish(archive, token, status=ArchiveStatus.PENDING)
        raise
    except Exception as error:  # whatever broke, the one who asked is told
        logger.exception("archive %s failed", archive.pk)
        _finish(archive, token, status=ArchiveStatus.FAILED, failure=f"It could not be made ({type(error).__name__}).")
    return _fresh(archive)


def take_home(archive: Archive, to: Path) -> Path:
    """The file moves to a place of the operator's choice, also on another disk; from then on it is theirs to keep."""
    part = to.with_name(f"{to.name}.part")
    try:
        shutil.copyfile(archive.path, part)
        part.chmod(0o600)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    archive.path.unlink()
    with schema_context("public"), transaction.atomic():
        Archive.objects.filter(pk=archive.pk).update(status=ArchiveStatus.EXPIRED)
    return to


def give_up(archive: Archive) -> Archive:
    """After the last attempt died without a word, the one who asked is told."""
    with schema_context("public"), transaction.atomic():
        stuck = Archive.objects.filter(pk=archive.pk, status__in=(ArchiveStatus.PENDING, ArchiveStatus.BUILDING))
        stuck.update(status=ArchiveStatus.FAILED, failure="It could not be made.", claim=None)
    return _fresh(archive)


def unfinished_archives() -> list[Archive]:
    """What should be built by now and is not."""
    now = timezone.now()
    waiting = Q(status=ArchiveStatus.PENDING, requested_at__lt=now - RESEND_AFTER)
    lost = Q(status=ArchiveStatus.BUILDING, claimed_at__lt=now - CLAIM)
    with schema_context("public"):
        return list(Archive.objects.filter(waiting | lost).select_related("organization"))


def expire_archives() -> int:
    """Files go first, then their rows say so; and what nobody names any more goes too."""
    with schema_context("public"):
        old = list(Archive.objects.filter(status=ArchiveStatus.READY, expires_at__lte=timezone.now()))
        for archive in old:
            archive.path.unlink(missing_ok=True)
            with transaction.atomic():
                Archive.objects.filter(pk=archive.pk).update(status=ArchiveStatus.EXPIRED)
        _sweep_files(set(Archive.objects.filter(status=ArchiveStatus.READY).values_list("file_name", flat=True)))
        _sweep_folders()
    return len(old)


def _sweep_files(named: set[str]) -> None:
    """Files of builds that were killed. Those that a command was told to write are not ours to judge."""
    for file in Path(settings.ARCHIVE_DIR).glob("????????-????-????-????-????????????-*.zip*"):
        if file.name not in named and _is_old(file, CLAIM * 2):
            file.unlink(missing_ok=True)


def _sweep_folders() -> None:
    """Folders of restores that were killed, and those whose schema names another one since."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace")
        named = {schema: folder for schema, folder in cursor.fetchall() if folder}
    root = Path(settings.MEDIA_ROOT)
    for folder in root.glob("org_*") if root.is_dir() else ():
        schema = folder.name.partition(".")[0]
        is_shadowed = "." in folder.name or schema in named
        if is_shadowed and named.get(schema) != folder.name and _is_old(folder, timedelta(days=1)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_old(place: Path, age: timedelta) -> bool:
    try:
        return place.stat().st_mtime < time.time() - age.total_seconds()
    except OSError:
        return False


def _claim(archive: Archive, token: uuid.UUID) -> bool:
    """One conditional update decides who builds; attempts are counted before the start."""
    now = timezone.now()
    free = Q(status=ArchiveStatus.PENDING) | Q(status=ArchiveStatus.BUILDING, claimed_at__lt=now - CLAIM)
    with transaction.atomic():
        return bool(
            Archive.objects.filter(free, pk=archive.pk, attempts__lt=MOST_ATTEMPTS).update(
                status=ArchiveStatus.BUILDING, claim=token, claimed_at=now, attempts=F("attempts") + 1
            )
        )


def _finish_ready(archive: Archive, token: uuid.UUID, path: Path, manifest: Manifest) -> None:
    now = timezone.now()
    is_ours = _finish(
        archive, token, status=ArchiveStatus.READY, built_at=now, expires_at=now + KEPT, file_name=path.name,
        size=path.stat().st_size, rows=manifest.rows, failure="",
    )  # fmt: skip
    if is_ours:
        record_export(archive, "built", by_id=archive.asked_by_id, by_operator=archive.by_operator)
    else:
        path.unlink()


def _finish(archive: Archive, token: uuid.UUID, **fields: object) -> bool:
    """Writes only while the claim is still ours."""
    with schema_context("public"), transaction.atomic():
        return bool(Archive.objects.filter(pk=archive.pk, claim=token).update(**fields, claim=None))


def _fresh(archive: Archive) -> Archive:
    with schema_context("public"):
        return Archive.objects.select_related("organization").get(pk=archive.pk)
