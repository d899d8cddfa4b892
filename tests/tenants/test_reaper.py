"""Whatever dies half-way leaves one organization or none, and what is left over goes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils.timezone import now
from django_tenants.utils import tenant_context

from apps.accounts.models import User
from apps.tenants.backend import roles
from apps.tenants.backend.logins import alone
from apps.tenants.models import Organization, ReadySchema, Remnant, new_schema_name
from apps.tenants.services import (
    OrganizationExistsError,
    create_organization,
    drop_schema,
    prepare_schemas,
    reap,
)
from apps.tenants.services.schemas import copy_template
from apps.tenants.services.template import newest_text
from tests.tenants.fleet import execute, facts, held, logged_in, platform, rows, start, wait_for_blocked

NOW = timedelta(0)


@pytest.fixture(scope="module")
def owned(django_db_blocker: Any) -> Iterator[dict[str, str]]:
    with django_db_blocker.unblock(), platform("reaper") as env, logged_in(env["OWNER_DATABASE_URL"]):
        call_command("migrate_schemas", verbosity=0)
        yield env


@pytest.fixture
def owner(owned: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """Two schemas wait, and files lie in a folder of the test's own."""
    before, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path
    prepare_schemas(2)
    yield owned
    for organization in Organization.objects.all():
        organization.delete()
        drop_schema(organization.schema_name)
    reap(NOW)
    settings.MEDIA_ROOT = before
    assert (reap(NOW), Remnant.objects.count()) == ([], 0)


def _names() -> set[str]:
    """Every schema and role with the name of an organization's schema."""
    schemas = rows("pg_catalog", "pg_namespace", "nspname::text")
    owners = rows("pg_catalog", "pg_roles", "rolname::text")
    prefix = roles.role_name("")
    return {name.removeprefix(prefix) for (name,) in schemas + owners if name.removeprefix(prefix).startswith("org_")}


def _left_over() -> str:
    schema = new_schema_name()
    copy_template(schema, newest_text())
    return schema


def test_those_that_wait_are_counted_as_they_are(owner: dict[str, str]) -> None:
    out = StringIO()
    call_command("prepare_schemas", "--count", "1", stdout=out)
    assert out.getvalue() == "0 made, 2 ready.\n"


def test_what_nobody_owns_goes_after_its_grace(owner: dict[str, str]) -> None:
    schema, before = _left_over(), _names()
    assert (reap(), reap(timedelta(minutes=5))) == ([], [])
    Remnant.objects.update(seen_at=now() - timedelta(hours=2))
    assert reap() == [schema]
    assert _names() == before - {schema}


def test_what_somebody_owns_stays(owner: dict[str, str]) -> None:
    organization = create_organization(name="Initech", subdomain="initech", owner_email="bill@initech.test")
    before = _names()
    assert {organization.schema_name, "org_template", ReadySchema.objects.get().schema_name} <= before
    assert reap(NOW) == []
    assert _names() == before


def test_a_schema_that_found_its_owner_is_forgiven(owner: dict[str, str]) -> None:
    schema = _left_over()
    reap()
    ReadySchema.objects.create(schema_name=schema, version="")
    assert (reap(NOW), Remnant.objects.count()) == ([], 0)
    drop_schema(schema)
    reap(NOW)


def test_a_schema_that_is_being_made_is_left_alone(owner: dict[str, str]) -> None:
    schema = _left_over()
    with alone(schema):
        assert reap(NOW) == []
        assert facts(schema)
    assert reap(NOW) == [schema]


@pytest.mark.parametrize("what", ["role", "schema"])
def test_a_part_alone_goes_too(owner: dict[str, str], what: str) -> None:
    schema = new_schema_name()
    if what == "role":
        roles.make_role(roles.role_name(schema))
    else:
        execute(f"CREATE SCHEMA {schema}")
    assert reap(NOW) == [schema]
    assert schema not in _names()


def test_files_go_with_the_schema_that_was_dropped(owner: dict[str, str], tmp_path: Path) -> None:
    """A folder that this database knows nothing of may belong to another one."""
    organization = create_organization(name="Initech", subdomain="initech", owner_email="bill@initech.test")
    schema, foreign = organization.schema_name, new_schema_name()
    for name in (schema, f"{schema}.0a1b2c3d", foreign, f"{foreign}.0a1b2c3d"):
        (tmp_path / name / "reports").mkdir(parents=True)
    assert (reap(NOW), (tmp_path / schema).exists()) == ([], True)
    organization.delete()
    drop_schema(schema)
    assert (reap(), reap(NOW)) == ([], [schema])
    assert {path.name for path in tmp_path.iterdir()} == {foreign, f"{foreign}.0a1b2c3d"}


def test_a_killed_preparation_leaves_nothing(owner: dict[str, str]) -> None:
    """It dies after the schema and its role were made, before the row that makes them takeable."""
    before = _names()
    with held(owner, "tenants_readyschema", "SHARE"):
        process = start(owner, "prepare_schemas", "--count", "3")
        wait_for_blocked(process)
        process.kill()
        process.communicate()
    assert (_names(), ReadySchema.objects.count(), reap(NOW)) == (before, 2, [])


@pytest.mark.parametrize("table", ["tenants_organization", "tenants_domain", "tenants_quota", "accounts_user"])
def test_a_killed_provisioning_leaves_nothing_and_can_be_repeated(owner: dict[str, str], table: str) -> None:
    command = ("create_organization", "Initech", "--subdomain", "initech", "--owner", "bill@initech.test")
    schema = "public" if table.startswith("tenants_") else ReadySchema.objects.earliest("prepared_at").schema_name
    before = _names()
    with held(owner, f"{schema}.{table}", "SHARE"):
        process = start(owner, *command)
        wait_for_blocked(process)
        process.kill()
        process.communicate()
    assert (_names(), Organization.objects.count(), ReadySchema.objects.count()) == (before, 0, 2)
    call_command(*command, verbosity=0)
    with tenant_context(Organization.objects.get()):
        assert User.objects.get().email == "bill@initech.test"


def test_twenty_at_once_in_any_writing_make_exactly_one(owner: dict[str, str]) -> None:
    prepare_schemas(5)
    names = ["ACME", "acme", "Acme", " aCmE "] * 5
    with ThreadPoolExecutor(20) as threads:
        outcomes = list(threads.map(_attempt, names))
    assert len([one for one in outcomes if isinstance(one, Organization)]) == 1
    assert len([one for one in outcomes if isinstance(one, OrganizationExistsError)]) == 19, outcomes
    assert (Organization.objects.count(), reap(NOW)) == (1, [])


def _attempt(name: str) -> object:
    try:
        return create_organization(name=name, subdomain="acme", owner_email="ann@acme.test")
    except Exception as error:
        return error
    finally:
        connections.close_all()
