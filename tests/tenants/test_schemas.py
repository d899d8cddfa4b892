"""A schema that is copied is the schema that migrations make, and one that is dropped leaves nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.tenants.backend import roles
from apps.tenants.models import TEMPLATE, Organization, ReadySchema, SchemaText, new_schema_name
from apps.tenants.services import create_organization, drop_schema, prepare_schemas
from apps.tenants.services.schemas import prepare_schema
from apps.tenants.services.template import DumpError, keep_text, make_schema, migrate_in_place, newest_text
from tests.tenants.fleet import execute, facts, logged_in, platform, rows


@pytest.fixture(scope="module")
def owner(django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """This module works as the owner of a database with a template and nothing else."""
    with django_db_blocker.unblock(), platform("schemas") as env, logged_in(env["OWNER_DATABASE_URL"]):
        call_command("migrate_schemas", verbosity=0)
        yield env


@pytest.fixture
def copy(owner: dict[str, str]) -> Iterator[str]:
    schema = prepare_schema(newest_text()).schema_name
    yield schema
    drop_schema(schema)


@pytest.fixture(scope="module")
def migrated(owner: dict[str, str]) -> Iterator[str]:
    schema = new_schema_name()
    make_schema(schema)
    migrate_in_place(schema)
    roles.grant_organization(schema)
    yield schema
    drop_schema(schema)


def test_a_copy_is_what_migrations_make(copy: str, migrated: str) -> None:
    """Names of constraints too: a later migration drops them by name."""
    assert facts(copy) ^ facts(migrated) == set()
    assert len(facts(copy)) > 500


def test_its_rows_are_those_that_migrations_write(copy: str, migrated: str) -> None:
    for table, columns in {
        "django_migrations": "id, app, name",
        "django_content_type": "app_label, model",
        "auth_permission": "codename, name",
    }.items():
        assert rows(copy, table, columns) == rows(migrated, table, columns) != []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE {schema}.portfolio_watchlist RENAME CONSTRAINT portfolio_watchlist_pkey TO watchlist_key",
        "ALTER TABLE {schema}.accounts_user ALTER COLUMN name SET DEFAULT ''",
        "ALTER TABLE {schema}.accounts_user ALTER COLUMN name DROP NOT NULL",
        "CREATE INDEX extra ON {schema}.accounts_user (name)",
        "SELECT setval('{schema}.django_migrations_id_seq', 999)",
        "ALTER SEQUENCE {schema}.django_migrations_id_seq INCREMENT 2",
        "COMMENT ON COLUMN {schema}.accounts_user.name IS 'planted'",
        "GRANT TRUNCATE ON {schema}.accounts_user TO {role}",
        "GRANT UPDATE ON {schema}.accounts_auditentry TO {role}",
        "ALTER TABLE {schema}.accounts_user DISABLE TRIGGER ALL",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT TRUNCATE ON TABLES TO {role}",
    ],
)
def test_a_planted_difference_is_found(copy: str, migrated: str, change: str) -> None:
    """The comparison above could not pass by seeing nothing."""
    execute(change.format(schema=copy, role=roles.role_name(copy)))
    assert facts(copy) ^ facts(migrated) != set()


def test_the_template_is_no_organization(owner: dict[str, str]) -> None:
    prepare_schemas(1)
    assert not Organization.objects.filter(schema_name=TEMPLATE).exists()
    assert not ReadySchema.objects.filter(schema_name=TEMPLATE).exists()
    assert roles.role_name(TEMPLATE) not in {row[0] for row in rows("pg_catalog", "pg_roles", "rolname::text")}


def test_only_schemas_of_the_newest_version_are_taken(owner: dict[str, str]) -> None:
    prepare_schemas(2)
    old = ReadySchema.objects.earliest("prepared_at")
    ReadySchema.objects.filter(pk=old.pk).update(version="older")
    organization = create_organization(name="Initech", subdomain="initech", owner_email="bill@initech.test")
    assert organization.schema_name != old.schema_name
    assert organization.schema_version == newest_text().version
    organization.delete()
    drop_schema(organization.schema_name)
    drop_schema(old.schema_name)


def test_what_is_dropped_leaves_no_schema_and_no_role(owner: dict[str, str]) -> None:
    schema = prepare_schema(newest_text()).schema_name
    assert facts(schema)  # positive control
    drop_schema(schema)
    drop_schema(schema)
    assert facts(schema) == set()
    assert not ReadySchema.objects.filter(pk=schema).exists()


@pytest.mark.parametrize("name", ["public", "org_template", "pg_catalog", 'org_"; DROP SCHEMA public; --', "org_short"])
def test_nothing_else_is_dropped(owner: dict[str, str], name: str) -> None:
    with pytest.raises(ValueError, match="no schema of an organization"):
        drop_schema(name)


def test_a_text_is_written_once_a_version(owner: dict[str, str]) -> None:
    before = newest_text().made_at
    keep_text()
    assert (SchemaText.objects.count(), newest_text().made_at) == (1, before)


def test_without_a_dump_program_the_operator_is_told(owner: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    version = newest_text().version
    SchemaText.objects.all().delete()
    with pytest.raises(CommandError, match="No template to copy yet"):
        call_command("prepare_schemas", count=50)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(DumpError, match=r"pg_dump is not on the PATH: .*\d+ or newer"):
        keep_text()
    monkeypatch.undo()
    keep_text()
    assert newest_text().version == version
