"""An organization leaves: one snapshot of its rows, the files that they name and a manifest, as one sealed zip file.

The file appears under its name when it is whole; a run that is killed leaves a `.part` at most.
"""

import hashlib
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.utils import schema_context, tenant_context
from psycopg import sql

from apps.tenants.models import Domain, Organization, Quota
from apps.tenants.services.archives.manifest import (
    MANIFEST,
    FileEntry,
    Manifest,
    TableEntry,
    as_json,
    file_path,
    is_safe_name,
    sealing_mark,
    table_path,
)
from apps.tenants.services.archives.rules import Rule, file_columns, rule_of
from apps.tenants.services.archives.tables import PLAIN_VALUES, Table, copy_out, tables_of
from apps.tenants.storage import media_folder

BLOCK = 256 * 1024
SEAL = b"manifest sha256 %s\narchive sha256 %s\n"
SEAL_SIZE = len(SEAL % (b"0" * 64, b"0" * 64))
_UNSEALED = b"0" * 64


def write_archive(organization: Organization, to: Path) -> Manifest:
    """Everything that `organization` owns, into the file `to`; in no transaction of the caller's."""
    part = to.with_name(f"{to.name}.part")
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with schema_context("public"):
        facts = _facts(organization)
    try:
        with _private_file(part) as raw:
            with zipfile.ZipFile(raw, "w") as archive, tenant_context(organization), _snapshot():
                manifest = _write_entries(archive, organization, facts)
                digest = _write_manifest(archive, manifest)
                archive.comment = SEAL % (digest, _UNSEALED)
            seal(raw, digest)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def seal(raw: IO[bytes], manifest_digest: bytes) -> None:
    """Writes the checksum of the whole file into its last line, so that not one byte of it changes unseen."""
    raw.flush()
    end = raw.seek(0, os.SEEK_END) - SEAL_SIZE
    raw.seek(end)
    raw.write(SEAL % (manifest_digest, _UNSEALED))
    raw.seek(0)
    digest = whole_digest(raw)
    raw.seek(end)
    raw.write(SEAL % (manifest_digest, digest))
    raw.flush()
    os.fsync(raw.fileno())


def whole_digest(raw: IO[bytes]) -> bytes:
    """Of everything before the digest itself."""
    left, digest = os.fstat(raw.fileno()).st_size - len(_UNSEALED) - 1, hashlib.sha256()
    while left > 0 and (block := raw.read(min(BLOCK, left))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode()


@contextmanager
def _private_file(path: Path) -> Iterator[IO[bytes]]:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "r+b") as raw:
        yield raw


@contextmanager
def _snapshot() -> Iterator[None]:
    """Every table as it was at one moment; nothing can be written by mistake."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(PLAIN_VALUES)
        yield


def _facts(organization: Organization) -> dict[str, Any]:
    quota = Quota.objects.filter(organization=organization).values("members", "symbols", "alerts", "storage_mb").first()
    hosts = Domain.objects.filter(tenant=organization).exclude(domain=organization.host).exclude(redirects=True)
    return {
        "id": str(organization.pk),
        "name": organization.name,
        "subdomain": organization.subdomain,
        "schema": organization.schema_name,
        "timezone": organization.timezone,
        "created_at": organization.created_at.astimezone(UTC).isoformat(),
        "quota": quota or {},
        "custom_domains": sorted(hosts.values_list("domain", flat=True)),
    }


def _write_entries(archive: zipfile.ZipFile, organization: Organization, facts: dict[str, Any]) -> Manifest:
    tables = tables_of(organization.schema_name)
    leaving = [table for table in tables.values() if table.rule != Rule.STAYS]
    rows = tuple(_write_table(archive, table) for table in leaving)
    files, missing = _write_files(archive, leaving, media_folder(organization.schema_name))
    return Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        schema_version=organization.schema_version,
        migrations=applied_migrations(),
        organization=facts,
        tables=rows,
        files=tuple(files),
        missing_files=tuple(missing),
        left_behind={name: rule_of(name).reason for name, table in tables.items() if table.rule == Rule.STAYS},
        sealed_by=sealing_mark(organization.schema_name),
    )


def applied_migrations() -> tuple[str, ...]:
    """Of the schema in context, for the applications whose tables an organization has."""
    from django.apps import apps

    labels = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    applied = MigrationRecorder(connection).applied_migrations()
    return tuple(sorted(f"{app}.{name}" for app, name in applied if app in labels))


def _write_table(archive: zipfile.ZipFile, table: Table) -> TableEntry:
    with _entry(archive, table_path(table.name), zipfile.ZIP_DEFLATED) as out:
        rows = copy_out(table, out.write)
    return TableEntry(
        table=table.name, path=table_path(table.name), columns=table.columns, rule=table.rule, rows=rows,
        size=out.size, sha256=out.digest.hexdigest(), references=table.references,
    )  # fmt: skip


def _write_files(archive: zipfile.ZipFile, tables: list[Table], folder: Path) -> tuple[list[FileEntry], list[str]]:
    """The files that rows name; what is not there is told."""
    files, missing = [], []
    for name in sorted(_named_files(tables)):
        place = folder / name
        if not is_safe_name(name) or not stat.S_ISREG(_mode(place)):
            missing.append(name)
            continue
        with _entry(archive, file_path(name), zipfile.ZIP_STORED) as out, place.open("rb") as file:
            while block := file.read(BLOCK):
                out.write(block)
        files.append(FileEntry(name=name, path=file_path(name), size=out.size, sha256=out.digest.hexdigest()))
    return files, missing


def _mode(place: Path) -> int:
    try:
        return place.lstat().st_mode
    except OSError:
        return 0


def _named_files(tables: list[Table]) -> set[str]:
    known, names = file_columns(), set[str]()
    for table in tables:
        for column in known.get(table.name, ()):
            statement = sql.SQL("SELECT DISTINCT {c} FROM {t} WHERE {c} <> ''")
            with connection.cursor() as cursor:
                cursor.execute(statement.format(c=sql.Identifier(column), t=table.identifier))
                names.update(name for (name,) in cursor.fetchall())
    return names


class _Counted:
    """What is written into one entry, with its size and checksum."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self.size, self.digest = out, 0, hashlib.sha256()

    def write(self, block: bytes) -> None:
        self.size += len(block)
        self.digest.update(block)
        self._out.write(block)


@contextmanager
def _entry(archive: zipfile.ZipFile, path: str, method: int) -> Iterator[_Counted]:
    info = zipfile.ZipInfo(path, date_time=datetime.now(UTC).timetuple()[:6])
    info.compress_type, info.external_attr = method, (stat.S_IFREG | 0o600) << 16
    with archive.open(info, "w", force_zip64=True) as out:
        yield _Counted(out)


def _write_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> bytes:
    with _entry(archive, MANIFEST, zipfile.ZIP_DEFLATED) as out:
        out.write(as_json(manifest))
    return out.digest.hexdigest().encode()
