"""Which migrations a schema has, as one short text that can be compared."""

from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django_tenants.utils import quote_schema_name, schema_context
from psycopg import sql

from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization, ReadySchema

type Key = tuple[str, str]  # application and name of a migration


def on_disk() -> Mapping[Key, Migration]:
    """The migrations of this code; reads no database, and the files only once."""
    return _on_disk(tuple(sorted(settings.MIGRATION_MODULES.items())))


@cache
def _on_disk(modules: tuple[tuple[str, str], ...]) -> Mapping[Key, Migration]:
    loaded: Mapping[Key, Migration] = MigrationLoader(None).disk_migrations
    return loaded


def target_version() -> str:
    """Of a schema that has every migration of this code."""
    return version_of(on_disk())


def version_of(migrations: Iterable[Key]) -> str:
    """The same migrations give the same text; none give an empty one."""
    names = sorted(f"{application}.{name}" for application, name in migrations)
    return sha256("\n".join(names).encode()).hexdigest()[:16] if names else ""


def applied_in(schema: str) -> set[Key]:
    """What is recorded in the schema and is still known to this code."""
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"{quote_schema_name(schema)}.django_migrations"])
        if cursor.fetchone() == (None,):
            return set()
        cursor.execute(sql.SQL("SELECT app, name FROM {}.django_migrations").format(sql.Identifier(schema)))
        return set(cursor.fetchall()) & on_disk().keys()


def learn_version(schema: str) -> str:
    """Write down what a schema really has: after Django's own commands, and for those that nobody asked yet."""
    version = version_of(applied_in(schema))
    with schema_context("public"):
        Organization.objects.filter(schema_name=schema).update(schema_version=version)
        ReadySchema.objects.filter(schema_name=schema).update(version=version)
    return version
