"""A schema beside the living ones, made and filled in the transaction of a restore: killed, it never was."""

from collections.abc import Iterable, Sequence

from django.apps import apps
from django.conf import settings
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import DatabaseError
from psycopg import sql

from apps.tenants.backend.connections import connection
from apps.tenants.models import SchemaText
from apps.tenants.services.archives.manifest import DamagedArchiveError, Manifest, TableEntry, sealing_mark
from apps.tenants.services.archives.reading import SoundArchive
from apps.tenants.services.archives.rules import NoRuleError, Rule, rule_of
from apps.tenants.services.archives.tables import (
    PLAIN_VALUES,
    Table,
    UnknownReferenceError,
    copy_in,
    set_sequences,
    tables_of,
)
from apps.tenants.services.schemas import copy_tables
from apps.tenants.services.versions import on_disk, target_version

type Target = tuple[str, str]


class NewerArchiveError(Exception):
    """The archive was made by a later version of the product."""


def require_loadable(manifest: Manifest) -> None:
    """What can be said before anything is made: the version is known, and no table comes that never leaves."""
    _targets(manifest)
    for entry in manifest.tables:
        try:
            stays = rule_of(entry.table).rule == Rule.STAYS
        except NoRuleError as error:
            raise DamagedArchiveError(f"{entry.table} is no table of an organization.") from error
        if stays:
            raise DamagedArchiveError(f"{entry.table} never leaves an installation, so no archive brings it.")


def fill_stage(stage: str, archive: SoundArchive, *, as_schema: str) -> list[str]:
    """Makes a schema at the archive's version, loads every row, migrates it forward; returns what stays out.

    It will be `as_schema`, which decides whether what was sealed can be read.

    Raises DamagedArchiveError, UnknownReferenceError or NewerArchiveError; the caller's transaction then ends.
    """
    targets = _targets(archive.manifest)
    is_copied = _copied(stage, archive.manifest)
    if not is_copied:
        _run(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(stage)))
        _migrate(stage, targets)
    try:
        notes = _load(stage, archive, can_unseal=archive.manifest.sealed_by == sealing_mark(as_schema))
        # Every key is checked now, not at the commit; and nothing may wait when tables are altered next.
        _run(sql.SQL("SET CONSTRAINTS ALL IMMEDIATE"))
    except DatabaseError as error:
        raise DamagedArchiveError(f"Its rows do not fit together: {str(error).splitlines()[0]}") from error
    set_sequences(stage)
    if not is_copied:
        _migrate(stage, None)
    return notes


def _copied(stage: str, manifest: Manifest) -> bool:
    """An archive of today's version begins as a copy of the template; any other one is migrated, step by step."""
    ours = {f"{app}.{name}" for app, name in on_disk() if apps.get_app_config(app).name in settings.TENANT_APPS}
    text = SchemaText.objects.filter(version=target_version()).first()
    if text is None or set(manifest.migrations) != ours:
        return False
    copy_tables(stage, text)
    return True


def _targets(manifest: Manifest) -> list[Target]:
    """The last migration of each application that the archive's schema had."""
    graph = MigrationLoader(None).graph
    applied = {(app, name) for app, _, name in (text.partition(".") for text in manifest.migrations)}
    known = {node for node in graph.nodes if apps.get_app_config(node[0]).name in settings.TENANT_APPS}
    if newer := sorted(applied - known):
        raise NewerArchiveError(
            f"The archive was made by a later version of the product (it knows {newer[0][0]}.{newer[0][1]});"
            " bring this installation to that version first."
        )
    return [node for node in sorted(applied) if not {child.key for child in graph.node_map[node].children} & applied]


def _migrate(schema: str, targets: Sequence[Target] | None) -> None:
    """To those migrations, or to the newest; in the transaction that is open."""
    try:
        connection.set_schema(schema, include_public=False)
        MigrationRecorder(connection).ensure_schema()  # else the one of `public` would be taken for it
        connection.set_schema(schema)
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes() if targets is None else list(targets))
    finally:
        connection.set_schema_to_public()


def _load(stage: str, archive: SoundArchive, *, can_unseal: bool) -> list[str]:
    _run(PLAIN_VALUES)
    tables, notes = tables_of(stage), []
    _empty(tables[entry.table] for entry in archive.manifest.tables if entry.table in tables)
    for entry in archive.manifest.tables:
        table = _fitting(tables, entry)
        if rule_of(entry.table).rule == Rule.SEALED and not can_unseal:
            notes += [f"{entry.table}: {rule_of(entry.table).reason}"] if entry.rows else []
        elif (loaded := copy_in(table, entry.columns, archive.blocks(entry))) != entry.rows:
            raise DamagedArchiveError(f"{entry.table} has {loaded} rows, and {entry.rows} by the manifest.")
    return notes


def _empty(tables: Iterable[Table]) -> None:
    """Rows that a migration added come with the archive too."""
    if listed := [table.identifier for table in tables]:
        _run(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(listed)))


def _fitting(tables: dict[str, Table], entry: TableEntry) -> Table:
    table = tables.get(entry.table)
    if table is None or not set(entry.columns) <= set(table.columns):
        raise DamagedArchiveError(f"{entry.table} is not a table of the version that the manifest names.")
    return table


def _run(statement: sql.Composable | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


__all__ = ["NewerArchiveError", "UnknownReferenceError", "fill_stage", "require_loadable"]
