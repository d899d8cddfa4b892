"""A process that dies at any step of founding, and crowds that found at once: one organization, nothing left over."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django_tenants.utils import schema_context, tenant_context
from psycopg import sql
from psycopg.conninfo import make_conninfo

from apps.accounts.models import User
from apps.tenants.models import Domain, HandOver, Organization, Quota, ReadySchema, SignUp
from apps.tenants.services import confirm_sign_up, open_sign_up
from tests.tenants.test_organizations import _take_back

STEPS = ("tenants_readyschema", "tenants_organization", "tenants_domain", "tenants_quota", "tenants_signup")
OWN_STEPS = ("accounts_user", "portfolio_watchlist", "portfolio_watchlistitem")
PATIENCE = 60
CONFIRM = "import django; django.setup(); from django_tenants.utils import schema_context as c; " \
          "from apps.tenants.services import confirm_sign_up as f; " \
          "import sys; c('public').__enter__(); f(sys.argv[1])"  # fmt: skip


@pytest.fixture
def waiting(committed: None) -> Iterator[str]:
    """A link that somebody is about to open; whatever came of it is taken back."""
    _, token = _sign_up("Initech", "initech")
    yield token
    with schema_context("public"):
        made = list(Organization.objects.filter(name__istartswith="initech"))
        SignUp.objects.all().delete()
    for organization in made:
        _take_back(organization)


def _sign_up(name: str, subdomain: str) -> tuple[SignUp, str]:
    return open_sign_up(name=name, subdomain=subdomain, email="bill@initech.test", owner_name="Bill", password_hash="!")


def _counts() -> tuple[int, ...]:
    with schema_context("public"):
        models: tuple[Any, ...] = (Organization, Domain, Quota, HandOver)
        return *(model.objects.count() for model in models), ReadySchema.objects.count()


@contextmanager
def _held(database: str, schema: str, table: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody holds the table: whoever comes to it stops there."""
    with psycopg.connect(make_conninfo(os.environ["OWNER_DATABASE_URL"], dbname=database)) as owner:
        owner.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(schema, table)))
        yield owner


def _start(token: str, database: str) -> subprocess.Popen[bytes]:
    url = make_conninfo(settings.APP_DATABASE_URL, dbname=database)
    env = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.Popen([sys.executable, "-c", CONFIRM, token], cwd=settings.BASE_DIR, env=env)


def _wait_until_stopped(owner: psycopg.Connection[Any], table: str, process: subprocess.Popen[bytes]) -> None:
    query = "SELECT count(*) FROM pg_locks WHERE relation = to_regclass(%s) AND NOT granted"
    limit = time.monotonic() + PATIENCE
    while owner.execute(query, [table]).fetchone() != (1,):
        assert process.poll() is None, "The process ended before it came to the table."
        assert time.monotonic() < limit, "It never came to the table."
        time.sleep(0.05)


@pytest.mark.parametrize("table", [*STEPS, *OWN_STEPS])
def test_killed_at_any_step_it_leaves_nothing_and_the_link_still_founds_one(
    waiting: str, database: str, table: str
) -> None:
    before = _counts()
    with schema_context("public"):
        schemas = [ready.schema_name for ready in ReadySchema.objects.order_by("prepared_at")]
    schema = schemas[0] if table in OWN_STEPS else "public"
    with _held(database, schema, table) as owner:
        process = _start(waiting, database)
        _wait_until_stopped(owner, f"{schema}.{table}", process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        _wait_until_gone(owner)
    assert _counts() == before
    made = confirm_sign_up(waiting).organization
    assert made
    assert _counts() == (before[0] + 1, before[1] + 1, before[2] + 1, before[3], before[4] - 1)
    with tenant_context(made):
        assert User.objects.count() == 1


def _wait_until_gone(owner: psycopg.Connection[Any]) -> None:
    """The server notices a client that vanished when it gets the lock or is told: here, it is told."""
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )


def test_twenty_clicks_at_once_found_one(waiting: str) -> None:
    before = _counts()
    with ThreadPoolExecutor(20) as threads:
        outcomes = list(threads.map(_confirmed, [waiting] * 20))
    assert len({outcome.organization_id for outcome in outcomes}) == 1
    assert _counts()[0] == before[0] + 1


def test_one_name_in_two_spellings_at_once_is_founded_once(waiting: str) -> None:
    before = _counts()
    tokens = [waiting, _sign_up("INITECH", "initech-2")[1], _sign_up("initech", "initech")[1]] * 4
    with ThreadPoolExecutor(12) as threads:
        outcomes = list(threads.map(_confirmed, tokens))
    assert len({outcome.organization_id for outcome in outcomes if isinstance(outcome, SignUp)}) == 1
    assert _counts()[0] == before[0] + 1


def _confirmed(token: str) -> Any:
    try:
        with schema_context("public"):
            return confirm_sign_up(token)
    except Exception as error:
        return error
    finally:
        connection.close()
        connections.close_all()
