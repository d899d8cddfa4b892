"""A change reaches every schema, once; who is blocked or fails stays behind alone and is named."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as plain
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from apps.tenants.backend import roles
from apps.tenants.backend.connections import connection
from apps.tenants.backend.logins import alone
from apps.tenants.models import TEMPLATE, FleetRun, Organization, ReadySchema
from apps.tenants.services import create_organization, is_behind, prepare_schemas
from apps.tenants.services.versions import target_version
from tests.tenants.fleet import (
    execute,
    facts,
    forget_later,
    held,
    later,
    logged_in,
    platform,
    rows,
    start,
    wait_for_blocked,
)

COLUMN = 'migrations.AddField("report", "later", models.CharField(max_length=9, default="at 5%", db_index=True))'
TABLE = """migrations.CreateModel("Later", [
    ("id", models.BigAutoField(primary_key=True)),
    ("word", models.CharField(max_length=9)),
    ("report", models.ForeignKey("reports.report", models.CASCADE)),
], options={"unique_together": {("word", "report")}})"""
UNTOGETHER = 'migrations.AlterUniqueTogether("later", set())'
PYTHON = """migrations.RunPython(
    lambda apps, editor: editor.execute("COMMENT ON TABLE reports_report IS 'seen in Python'")
)"""
NAMES = ("acme", "globex", "initech")


@pytest.fixture(scope="module")
def owned(django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """Three organizations and a schema that waits, on a database that we own."""
    with django_db_blocker.unblock(), platform("fleet") as env, logged_in(env["OWNER_DATABASE_URL"]):
        call_command("migrate_schemas", verbosity=0)
        for name in NAMES:
            create_organization(name=name.title(), subdomain=name, owner_email=f"one@{name}.test")
        prepare_schemas(1)
        yield env


@pytest.fixture
def fleet(owned: dict[str, str]) -> Iterator[dict[str, str]]:
    yield owned
    forget_later([TEMPLATE, *_schemas()])
    FleetRun.objects.all().delete()
    assert not is_behind()


def _schema(name: str) -> str:
    return str(Organization.objects.get(subdomain=name).schema_name)


def _schemas() -> list[str]:
    return [*map(_schema, NAMES), ReadySchema.objects.get().schema_name]


def _versions() -> list[str]:
    return [*Organization.objects.order_by("subdomain").values_list("schema_version", flat=True),
            *ReadySchema.objects.values_list("version", flat=True)]  # fmt: skip


def _behind() -> set[str]:
    return set(Organization.objects.exclude(schema_version=target_version()).values_list("subdomain", flat=True))


def _migrate(**options: Any) -> FleetRun | None:
    call_command("migrate_fleet", verbosity=0, **options)
    return FleetRun.objects.first()


def test_a_change_is_what_django_makes_of_it(fleet: dict[str, str], tmp_path: Path) -> None:
    """One schema goes in Django's own way first; the fleet then makes the others equal to it."""
    with later(tmp_path, COLUMN, TABLE, UNTOGETHER):
        call_command("migrate_schemas", schema_name=_schema("acme"), verbosity=0)
        assert _behind() == {"globex", "initech"}
        run = _migrate()
        one, *others = _schemas()
        assert [facts(other) ^ facts(one) for other in others] == [set(), set(), set()]
        assert {rows(name, "django_migrations", "app, name")[-1] for name in _schemas()} == {
            ("usersessions", "0001_initial")
        }
        assert (run and run.schemas, run and run.migrated, set(_versions())) == (3, 3, {target_version()})
        prepare_schemas(2)
        newest = ReadySchema.objects.latest("prepared_at")
        assert {name for kind, name, *_ in facts(newest.schema_name) if kind == "index"} >= {"reports_later_pkey"}
        newest.delete()


def test_the_role_works_in_a_new_table_and_the_log_stays_closed(fleet: dict[str, str], tmp_path: Path) -> None:
    acme = Organization.objects.get(subdomain="acme")
    with later(tmp_path, TABLE):
        _migrate()
    with logged_in(fleet["DATABASE_URL"], role_prefix="{database}_"), tenant_context(acme):
        assert rows(acme.schema_name, "reports_later", "word") == []
        assert rows(acme.schema_name, "accounts_auditentry", "act") is not None
        for text in (
            "UPDATE accounts_auditentry SET act = ''",
            "DELETE FROM accounts_auditentry",
            "TRUNCATE accounts_auditentry",
        ):
            with pytest.raises(Exception, match="permission denied for table accounts_auditentry"):
                execute(text)


def test_nothing_to_do_is_one_query(fleet: dict[str, str], tmp_path: Path) -> None:
    target_version()
    with CaptureQueriesContext(plain) as queries:
        call_command("migrate_fleet", check=True, stdout=StringIO())
    assert len([query for query in queries if not query["sql"].startswith("SET search_path")]) == 1
    with later(tmp_path, COLUMN), pytest.raises(CommandError, match="are behind"):
        call_command("migrate_fleet", check=True)


def test_a_repeated_run_touches_nothing(fleet: dict[str, str]) -> None:
    assert _migrate() is None


def test_who_is_blocked_stays_behind_alone_and_is_named(fleet: dict[str, str], tmp_path: Path) -> None:
    with later(tmp_path, COLUMN):
        with (
            held(fleet, f"{_schema('globex')}.reports_report", "ACCESS SHARE"),
            pytest.raises(CommandError, match=r"Globex: .*lock timeout"),
        ):
            _migrate(lock_timeout=100)
        assert _behind() == {"globex"}
        assert [str(one.organization) for one in FleetRun.objects.get().failures.all()] == ["Globex"]
        run = _migrate()
        assert (run and run.schemas, _behind()) == (1, set())


def test_who_fails_stays_as_it_was(fleet: dict[str, str], tmp_path: Path) -> None:
    execute(f"ALTER TABLE {_schema('initech')}.reports_report ADD COLUMN later text")
    before = facts(_schema("initech"))
    with later(tmp_path, TABLE, COLUMN):
        with pytest.raises(CommandError, match=r"Initech: .*already exists"):
            _migrate()
        assert (_behind(), facts(_schema("initech"))) == ({"initech"}, before)
        execute(f"ALTER TABLE {_schema('initech')}.reports_report DROP COLUMN later")
        _migrate()
        assert facts(_schema("initech")) == facts(_schema("acme"))


def test_a_chain_leads_from_each_version(fleet: dict[str, str], tmp_path: Path) -> None:
    with later(tmp_path, COLUMN):
        _migrate(only="acme")
        assert _behind() == {"globex", "initech"}
    with later(tmp_path, COLUMN, TABLE, UNTOGETHER):
        _migrate()
        one, *others = _schemas()
        assert [facts(other) ^ facts(one) for other in others] == [set(), set(), set()]
        assert (_behind(), set(_versions())) == (set(), {target_version()})


def test_python_runs_in_each_schema(fleet: dict[str, str], tmp_path: Path) -> None:
    with later(tmp_path, TABLE, PYTHON):
        _migrate()
        comments = {
            fact[-1] for name in _schemas() for fact in facts(name) if fact[:2] == ("relation", "reports_report")
        }
        assert comments == {"seen in Python"}
        assert _behind() == set()
    for name in [TEMPLATE, *_schemas()]:
        execute(f"COMMENT ON TABLE {name}.reports_report IS NULL")


def test_two_at_once_are_refused(fleet: dict[str, str]) -> None:
    with alone("migrate_fleet"), pytest.raises(CommandError, match="Another process holds migrate_fleet"):
        _migrate()


def test_an_organization_that_does_not_exist_is_told(fleet: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="No organization has the subdomain nobody"):
        _migrate(only="nobody")


def test_a_killed_run_is_taken_up_again(fleet: dict[str, str], tmp_path: Path) -> None:
    """It dies while it waits for one schema; each schema is whole on one side or the other."""
    with later(tmp_path, COLUMN) as settings:
        with held(fleet, f"{_schema('globex')}.reports_report", "ACCESS SHARE"):
            process = start(fleet | settings, "migrate_fleet", "--lock-timeout", "600000", "--workers", "2")
            wait_for_blocked(process)
            process.kill()
            process.communicate()
        run = _migrate()
        assert (_behind(), len({frozenset(facts(name)) for name in _schemas()})) == (set(), 1)
        assert run is not None


@pytest.mark.parametrize("command", ["migrate_schemas", "migrate"])
def test_the_commands_of_django_tenants_still_work(fleet: dict[str, str], tmp_path: Path, command: str) -> None:
    """To one application's migration and back, over every schema, the template and the waiting ones too."""
    with later(tmp_path, COLUMN):
        call_command(command, "reports", "0002", verbosity=0)
        assert (_behind(), is_behind()) == (set(), False)
        call_command(command, "reports", "0001", verbosity=0)
        assert _behind() == set(NAMES)
        assert not [
            fact for name in [TEMPLATE, *_schemas()] for fact in facts(name) if fact[1] == "reports_report.later"
        ]
        call_command(command, verbosity=0)
        assert _behind() == set()


def test_commands_run_in_one_organization_and_in_all(fleet: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("tenant_command", "showmigrations", "reports", schema_name=_schema("acme"))
    assert "[X] 0001_initial" in capsys.readouterr().out
    call_command("all_tenants_command", "check")
    assert capsys.readouterr().out.count("no issues") == len(NAMES)
    connection.set_schema_to_public()


def test_every_role_is_still_the_schemas_own(fleet: dict[str, str]) -> None:
    names = {row[0] for row in rows("pg_catalog", "pg_roles", "rolname::text")}
    assert {roles.role_name(schema) for schema in _schemas()} <= names
