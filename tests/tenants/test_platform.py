"""What must hold before anything is served, and how a process says that it does."""

import os
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.test import Client, override_settings
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from apps.tenants.backend.roles import role_name
from apps.tenants.checks import check_tables, check_tenant_applications
from apps.tenants.models import Organization

LISTS = {"TENANT_APPS": [*settings.TENANT_APPS, "apps.market"]}


def test_an_application_in_both_lists_is_an_error_unless_it_is_named() -> None:
    """A table that is missing in an organization's schema would be read from `public`."""
    assert check_tenant_applications() == []
    with override_settings(**LISTS):
        assert [error.id for error in check_tenant_applications()] == ["tenants.E001"]
    with override_settings(**LISTS, APPS_IN_BOTH={*settings.APPS_IN_BOTH, "market"}):
        assert check_tenant_applications() == []


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["localhost", "acme.localhost"])
def test_a_process_says_that_it_is_ready_and_what_it_plays(host: str) -> None:
    client = Client(HTTP_HOST=host)
    assert client.get("/healthz").json() == {"ok": True}
    answer = client.get("/readyz").json()
    assert answer["ok"]
    assert answer["feed"].startswith("Replay of ")


@pytest.mark.django_db
def test_a_carrier_that_is_away_is_named() -> None:
    """Nothing listens on port 1 of the loopback interface."""
    with override_settings(LIVE_URL="redis://127.0.0.1:1/0"):
        answer = Client(HTTP_HOST="localhost").get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == "live carrier"


@pytest.mark.django_db
def test_every_organization_has_its_tables() -> None:
    assert check_tables(databases=["default"]) == []
    assert check_tables() == []  # only where a database may be asked


@pytest.mark.django_db
def test_a_missing_table_is_told_and_never_read_from_public(acme: Organization, database: str) -> None:
    """The owner takes acme's table away (and gives it back): the role has no right on public's of the same name."""
    with _as_owner(database) as owner:
        hidden = f'ALTER TABLE "{acme.schema_name}".account_emailaddress RENAME TO hidden'
        owner.execute(hidden)
        owner.execute(f'SET LOCAL search_path = "{acme.schema_name}", public')
        assert owner.execute("SELECT count(*) FROM account_emailaddress").fetchone() == (
            0,
        )  # control: public's is found
        owner.execute(f'SET LOCAL ROLE "{role_name(acme.schema_name)}"')
        with pytest.raises(InsufficientPrivilege):
            owner.execute("SELECT count(*) FROM account_emailaddress")
        owner.rollback()


@pytest.mark.usefixtures("committed")
def test_the_check_of_tables_names_what_is_missing_and_what_is_twice(acme: Organization, database: str) -> None:
    here = f'"{acme.schema_name}"'
    with _as_owner(database) as owner:
        owner.execute(f"ALTER TABLE {here}.account_emailaddress RENAME TO market_quote")
        owner.commit()
        errors = {error.id: error.msg for error in check_tables(databases=["default"])}
        owner.execute(f"ALTER TABLE {here}.market_quote RENAME TO account_emailaddress")
        owner.commit()
    assert errors == {
        "tenants.E002": f"{acme.schema_name} lacks account_emailaddress.",
        "tenants.E003": f"{acme.schema_name} and public both have market_quote.",
    }


def _as_owner(database: str) -> psycopg.Connection[Any]:
    return psycopg.connect(make_conninfo(os.environ["OWNER_DATABASE_URL"], dbname=database))
