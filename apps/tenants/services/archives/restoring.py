"""An organization comes back: as a new one, or in place of what it has become (docs/decisions/0009).

Everything happens in one transaction: the schema is made and filled beside the living ones, and takes its place in the
same commit that says which folder holds its files. Whenever it ends before that, nothing has changed.
"""

import logging
import os
import secrets
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context, tenant_context
from psycopg import sql

from apps.tenants.backend import roles
from apps.tenants.backend.connections import connection
from apps.tenants.models import Domain, Organization, Quota, new_schema_name
from apps.tenants.services.archives.manifest import Manifest, sealing_mark
from apps.tenants.services.archives.reading import SoundArchive, sound_archive
from apps.tenants.services.archives.requests import build_archive, request_archive
from apps.tenants.services.archives.rules import Rule
from apps.tenants.services.archives.stages import fill_stage, require_loadable
from apps.tenants.services.archives.tables import tables_of
from apps.tenants.services.audit import record_audit
from apps.tenants.services.versions import target_version
from apps.tenants.storage import media_folder

logger = logging.getLogger(__name__)
RESTORED = "organization.restored"
QUOTAS = ("members", "symbols", "alerts", "storage_mb")


class RestoreRefusedError(Exception):
    """What was asked for cannot be, and why; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The organization as it lives now, what was loaded, and what the operator should know."""

    organization: Organization
    rows: int
    files: int
    notes: tuple[str, ...]
    kept: Path | None = None  # the archive of what was replaced


def restore_as_new(path: Path, *, subdomain: str = "", name: str = "") -> Restored:
    """A new organization from an archive, under the archive's subdomain and name or others."""
    _require_owner()
    with (
        sound_archive(path) as archive,
        schema_context("public"),
        _folder_for(_free_schema(archive), archive) as folder,
    ):
        require_loadable(archive.manifest)
        organization = _wanted(archive.manifest, subdomain=subdomain, name=name, schema=folder.name.partition(".")[0])
        with _one_transaction(organization.subdomain):
            notes = fill_stage(organization.schema_name, archive, as_schema=organization.schema_name)
            _save(organization, archive.manifest)
            _move_in(organization, folder, archive.manifest)
    return Restored(organization, archive.manifest.rows, len(archive.manifest.files), (*notes, *_notes(archive)))


def restore_in_place(path: Path, *, subdomain: str = "") -> Restored:
    """The archive's rows and files instead of those of now, which are first exported themselves: the way back.

    Sessions end, the audit log keeps every entry, name, hosts, quota and standing stay the operator's.
    """
    _require_owner()
    stage = new_schema_name()
    with sound_archive(path) as archive, schema_context("public"):
        organization = _same(archive.manifest, subdomain)
        require_loadable(archive.manifest)
        kept = build_archive(request_archive(organization, by_operator=True))
        if not kept.is_ready:
            raise RestoreRefusedError(f"What is there now could not be exported first. {kept.failure}")
        before = media_folder(organization.schema_name)
        with _folder_for(organization.schema_name, archive) as folder, _one_transaction(organization.subdomain):
            notes = fill_stage(stage, archive, as_schema=organization.schema_name)
            _take_the_place(organization, stage)
            _move_in(organization, folder, archive.manifest)
    shutil.rmtree(before, ignore_errors=True)
    return Restored(organization, archive.manifest.rows, len(archive.manifest.files), tuple(notes), kept.path)


def _require_owner() -> None:
    if connection.settings_dict["ROLE_PREFIX"]:
        raise RestoreRefusedError("A restore makes tables and roles: run it with DB_LOGIN=owner.")


def _same(manifest: Manifest, subdomain: str) -> Organization:
    organization = Organization.objects.filter(subdomain=subdomain or manifest.organization["subdomain"]).first()
    if organization is None:
        raise RestoreRefusedError("There is no organization to replace; leave --replace out.")
    if manifest.organization["id"] != str(organization.pk):
        raise RestoreRefusedError(
            f"This archive is of another organization ({manifest.organization['subdomain']}, made {manifest.made_at}):"
            f" it does not replace {organization.subdomain}."
        )
    return organization


def _free_schema(archive: SoundArchive) -> str:
    """The one that it had, when it was dropped from this installation: what was sealed there can be read again."""
    schema = str(archive.manifest.organization["schema"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        is_ours = archive.manifest.sealed_by == sealing_mark(schema) and cursor.fetchone() is None
    return schema if is_ours else new_schema_name()


def _wanted(manifest: Manifest, *, subdomain: str, name: str, schema: str) -> Organization:
    said = manifest.organization
    organization = Organization(
        name=name or said["name"],
        subdomain=subdomain or said["subdomain"],
        timezone=said["timezone"] if said["timezone"] in available_timezones() else settings.TIME_ZONE,
        schema_name=schema,
    )
    if not Organization.objects.filter(pk=said["id"]).exists():
        organization.pk = uuid.UUID(said["id"])  # the same customer, on another installation
    try:
        organization.full_clean()
    except ValidationError as error:
        raise RestoreRefusedError(" ".join(error.messages) + " Choose with --subdomain and --name.") from error
    return organization


def _save(organization: Organization, manifest: Manifest) -> None:
    try:
        organization.save(force_insert=True)
        Domain.objects.create(domain=organization.host, tenant=organization, is_primary=True)
    except IntegrityError as error:
        raise RestoreRefusedError(f"{organization.subdomain} was taken in the meantime.") from error
    quota = {key: number for key, number in manifest.organization["quota"].items() if key in QUOTAS}
    Quota.objects.create(organization=organization, **quota)


@contextmanager
def _one_transaction(subdomain: str) -> Iterator[None]:
    """One restore of an organization at a time; the second is told, not queued."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('restore:' || %s, 0))", [subdomain])
        if not cursor.fetchone()[0]:
            raise RestoreRefusedError(f"Another restore of {subdomain} is running.")
        yield


def _take_the_place(organization: Organization, stage: str) -> None:
    """Waits for whoever writes now, adds what only grows, and renames: names, role and hosts stay what they were."""
    if not Organization.objects.select_for_update().filter(pk=organization.pk).exists():
        raise RestoreRefusedError("The organization was dropped meanwhile: restore it without --replace.")
    living, filled = tables_of(organization.schema_name), tables_of(stage)
    old, new = sql.Identifier(organization.schema_name), sql.Identifier(stage)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '15s'")
        listed = sql.SQL(", ").join(table.identifier for table in living.values())
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(listed))
        for name in (name for name, table in filled.items() if table.rule == Rule.GROWS and name in living):
            columns = [column for column in filled[name].columns if column in living[name].columns]
            cursor.execute(
                sql.SQL("INSERT INTO {} ({columns}) SELECT {columns} FROM {} ON CONFLICT DO NOTHING").format(
                    filled[name].identifier, living[name].identifier,
                    columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                )
            )  # fmt: skip
        cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(old))
        cursor.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(new, old))


def _move_in(organization: Organization, folder: Path, manifest: Manifest) -> None:
    """The role's rights, the folder of its files, what must not be open any more, and the two audit logs."""
    schema = organization.schema_name
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(schema), sql.Literal(folder.name)))
    roles.grant_organization(schema)
    Organization.objects.filter(pk=organization.pk).update(schema_version=target_version())
    details = {"made_at": manifest.made_at, "rows": manifest.rows, "files": len(manifest.files)}
    record_audit(RESTORED, subject_id=organization.pk, **details)
    with tenant_context(organization):
        for step in settings.RESTORING_STEPS:
            import_string(step)(organization=organization)
        record_audit(RESTORED, by_operator=True, subject_id=organization.pk, **details)


@contextmanager
def _folder_for(schema: str, archive: SoundArchive) -> Iterator[Path]:
    """The archive's files in a folder that nothing names yet; gone again when the restore fails.

    When the answer to the commit was lost nobody knows which folder counts: then the sweep decides.
    """
    folder = Path(settings.MEDIA_ROOT).absolute() / f"{schema}.{secrets.token_hex(4)}"
    try:
        _write_files(folder, archive)
        yield folder
    except DatabaseError:
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_files(folder: Path, archive: SoundArchive) -> None:
    try:
        folder.mkdir(mode=0o750, parents=True)
        for entry in archive.manifest.files:
            place = folder / entry.name
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                file.writelines(archive.blocks(entry))
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise RestoreRefusedError(f"Its files cannot be written: {error.strerror}.") from error


def _notes(archive: SoundArchive) -> Iterator[str]:
    for domain in archive.manifest.organization.get("custom_domains", []):
        yield f"custom domain {domain}: add it again when its DNS leads here"
    for name in archive.manifest.missing_files:
        yield f"file {name}: was missing when the archive was made"
