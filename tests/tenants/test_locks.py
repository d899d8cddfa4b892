"""The two locks, each tried alone: a connection shows one organization's rows, whatever is done to it."""

import pytest
from django.db import DatabaseError, ProgrammingError, transaction
from django_tenants.utils import schema_context, tenant_context
from psycopg import connect

from apps.accounts.models import AuditEntry, User
from apps.accounts.services import record_audit
from apps.tenants.backend.base import NoOrganization, NoOrganizationError, PreparedCursor
from apps.tenants.backend.connections import connection
from apps.tenants.backend.pool import reset_connection
from apps.tenants.backend.roles import role_name
from apps.tenants.models import Organization

pytestmark = pytest.mark.django_db


def _one(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return row and row[0]


def test_each_organization_reads_its_own_people(acme: Organization, globex: Organization) -> None:
    with tenant_context(acme):
        assert {"ann@acme.test"} <= set(User.objects.values_list("email", flat=True))
    with tenant_context(globex):
        emails = list(User.objects.values_list("email", flat=True))
    assert "eve@globex.test" in emails
    assert not [email for email in emails if email.endswith("@acme.test")]


PEOPLE = "SELECT email FROM accounts_user WHERE email <> %s"


def _people(organization: Organization) -> set[str]:
    with tenant_context(organization), connection.prepared_cursor() as cursor:
        cursor.execute(PEOPLE, ["nobody"])
        return {email for (email,) in cursor.fetchall()}


def test_a_statement_that_is_prepared_reads_each_organizations_own(acme: Organization, globex: Organization) -> None:
    """On one connection, past the fifth time, from which on the server may keep one plan."""
    expected = {one.pk: _people(one) for one in (acme, globex)}
    assert "ann@acme.test" in expected[acme.pk] - expected[globex.pk]
    for organization in [acme, globex] * 8 + [acme] * 8 + [globex] * 8:
        assert _people(organization) == expected[organization.pk]
    with connection.prepared_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%accounts_user%'")
        assert cursor.fetchone()[0] >= 1  # it was prepared


def test_a_statement_that_is_prepared_outlives_a_changed_type() -> None:
    """On a connection of its own in autocommit, as a web process has it: the tests' own is in a transaction."""
    with connect(**connection.get_connection_params()) as apart:
        apart.autocommit, apart.prepare_threshold = True, 9
        apart.execute("CREATE TEMP TABLE t (name varchar(5)); INSERT INTO t VALUES ('a')")
        cursor = PreparedCursor(apart)
        assert cursor.execute("SELECT name FROM t").fetchall() == [("a",)]
        apart.pgconn.exec_(b"ALTER TABLE t ALTER name TYPE varchar(9)")  # as if somebody else did
        assert cursor.execute("SELECT name FROM t").fetchall() == [("a",)]


def test_path_and_role_are_set_together(acme: Organization) -> None:
    assert _one("SELECT current_user") == role_name(acme.schema_name)
    assert str(_one("SHOW search_path")).startswith(acme.schema_name)


def test_public_context_gives_the_role_back() -> None:
    with schema_context("public"):
        assert _one("SELECT current_user") == connection.settings_dict["USER"]


def test_a_wrong_search_path_reads_no_row(acme: Organization, globex: Organization) -> None:
    assert _one("SELECT count(*) FROM accounts_user") == 3  # positive control: acme reads acme
    with pytest.raises(ProgrammingError, match="permission denied for schema"):
        _one(f'SELECT count(*) FROM "{globex.schema_name}".accounts_user')


def test_a_changed_search_path_falls_through_to_nothing(globex: Organization) -> None:
    """The role has no right on the other schema, so its tables are not even found."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET search_path = "{globex.schema_name}"')
        with pytest.raises(ProgrammingError, match="does not exist"):
            cursor.execute("SELECT * FROM accounts_user")


@pytest.mark.parametrize("table", ["tenants_readyschema", "accounts_user", "django_session"])
def test_public_tables_that_are_not_market_data_are_closed(table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied for table"):
        _one(f"SELECT count(*) FROM public.{table}")


def test_market_data_are_read_only() -> None:
    assert _one("SELECT count(*) FROM market_instrument")
    with pytest.raises(ProgrammingError, match="permission denied for table"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_instrument")


def test_the_login_alone_reads_no_organization(acme: Organization) -> None:
    with schema_context("public"), pytest.raises(ProgrammingError, match="permission denied for schema"):
        _one(f'SELECT count(*) FROM "{acme.schema_name}".accounts_user')


def test_an_injected_select_cannot_change_the_role() -> None:
    with pytest.raises(ProgrammingError, match="permission denied for function set_config"):
        _one("SELECT set_config('role', 'none', false)")


def test_without_an_organization_every_query_raises() -> None:
    connection.set_no_organization()
    with pytest.raises(NoOrganizationError):
        User.objects.count()


def test_a_transaction_outside_a_context_raises() -> None:
    connection.set_no_organization()
    with pytest.raises(NoOrganizationError), transaction.atomic():
        pass


def test_no_organization_is_kept_by_schema_context() -> None:
    connection.set_no_organization()
    with schema_context("public"):
        assert _one("SELECT 1") == 1
    assert isinstance(connection.tenant, NoOrganization)
    with pytest.raises(NoOrganizationError):
        _one("SELECT 1")


def test_a_failed_set_raises_and_reads_nothing() -> None:
    with schema_context("org_nobodyhasthis"), pytest.raises(DatabaseError, match="does not exist"):
        User.objects.count()


def test_after_a_rollback_the_path_is_set_again(globex: Organization) -> None:
    """A rollback undoes SET, so what was remembered about it must be forgotten."""
    savepoint = transaction.savepoint_create()
    with tenant_context(globex):
        User.objects.count()
        transaction.savepoint_rollback(savepoint)
        assert User.objects.filter(email="eve@globex.test").exists()
        assert _one("SELECT current_user") == role_name(globex.schema_name)


def test_a_connection_goes_back_to_the_pool_as_nobodys(acme: Organization) -> None:
    parameters = connection.get_connection_params()
    known = {key: parameters[key] for key in ("dbname", "user", "password", "host", "port") if parameters.get(key)}
    with connect(**known) as raw:
        raw.execute(f'SET search_path = "{acme.schema_name}"')
        raw.execute(f'SET ROLE "{role_name(acme.schema_name)}"')
        raw.commit()
        reset_connection(raw)
        role, path = raw.execute("SELECT current_user, current_setting('search_path')").fetchone() or ("", "")
    assert role == known["user"]
    assert acme.schema_name not in path


def test_what_was_written_down_stays(acme: Organization) -> None:
    """The organization's own role may add to the log and read it."""
    entry = record_audit("house.changed")
    assert AuditEntry.objects.filter(pk=entry.pk).exists()
    for change in ("UPDATE accounts_auditentry SET act = 'session.started'", "DELETE FROM accounts_auditentry"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            _execute(change)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
