"""What leads a schema from one version to another: taken from one schema that goes there in Django's own way."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import migrations, router
from django.db.migrations.operations.base import Operation
from django_tenants.utils import schema_context
from psycopg import sql

from apps.tenants.backend.connections import connection
from apps.tenants.backend.recording import recorded
from apps.tenants.services.template import migrate_in_place
from apps.tenants.services.versions import Key, applied_in, on_disk

# Rows that Django adds after migrations; nothing rests on them, so what the template lacks is nobody's loss.
_KINDS = """
INSERT INTO django_content_type (app_label, model)
SELECT app_label, model FROM org_template.django_content_type EXCEPT SELECT app_label, model FROM django_content_type;
INSERT INTO auth_permission (name, content_type_id, codename)
SELECT theirs.name, ours.id, theirs.codename
FROM org_template.auth_permission theirs
JOIN org_template.django_content_type kind ON kind.id = theirs.content_type_id
JOIN django_content_type ours ON (ours.app_label, ours.model) = (kind.app_label, kind.model)
WHERE NOT EXISTS (SELECT FROM auth_permission known
                  WHERE known.content_type_id = ours.id AND known.codename = theirs.codename);
"""
_TRANSACTION = sql.SQL("""
BEGIN;
SET LOCAL lock_timeout = {lock_timeout};
SET LOCAL search_path = {path}, public;
{body}
UPDATE public.tenants_readyschema SET version = {version} WHERE schema_name = {schema};
UPDATE public.tenants_organization SET schema_version = {version} WHERE schema_name = {schema};
COMMIT
""")


@dataclass(frozen=True, slots=True)
class Change:
    """The statements of some migrations, with the rows that say that they were applied."""

    body: str
    is_replayable: bool

    def text_for(self, schema: str, *, version: str, lock_timeout_ms: int) -> sql.Composed:
        """One transaction in one message: what a schema becomes, and what is known of it, change together.

        The waiting schema's row comes before the organization's: a claim that commits meanwhile moves from one to
        the other.
        """
        return _TRANSACTION.format(
            lock_timeout=sql.Literal(lock_timeout_ms),
            path=sql.Identifier(schema),
            body=sql.SQL(self.body),
            schema=sql.Literal(schema),
            version=sql.Literal(version),
        )


def change_of(schema: str, lock_timeout_ms: int) -> Change:
    """Migrate one schema in Django's own way, and what that took."""
    before = applied_in(schema)
    plan = [on_disk()[key] for key in on_disk().keys() - before]
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {int(lock_timeout_ms)}")  # until django-tenants closes the connection
    with recorded() as statements:
        migrate_in_place(schema)
    body = "\n;\n".join([*statements, _rows(applied_in(schema) - before), _KINDS if _makes_models(plan) else ""])
    return Change(body, is_replayable=bool(before) and schema not in body and all(map(_is_replayable, plan)))


def _rows(keys: Iterable[Key]) -> str:
    values = sql.SQL(", ").join(sql.SQL("({}, {}, now())").format(*key) for key in sorted(keys))
    if not keys:
        return ""
    return sql.SQL("INSERT INTO django_migrations (app, name, applied) VALUES {}").format(values).as_string(None)


def _makes_models(plan: Iterable[migrations.Migration]) -> bool:
    return any(isinstance(operation, migrations.CreateModel) for one in plan for operation in one.operations)


def _is_replayable(migration: migrations.Migration) -> bool:
    """Python reads each schema's own rows, and what may not run in a transaction cannot be sent in one."""
    return migration.atomic and all(_is_sql(operation, migration.app_label) for operation in migration.operations)


def _is_sql(operation: Operation, application: str) -> bool:
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return all(_is_sql(one, application) for one in operation.database_operations)
    hints = getattr(operation, "hints", {})
    runs = router.allow_migrate(connection.alias, application, **hints)
    return operation.reduces_to_sql or not runs
