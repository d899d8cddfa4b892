"""Nothing is served behind a transaction-mode pooler, nor from a server that is not ours."""

import os
import subprocess
import sys
from collections.abc import Mapping

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings

from apps.tenants.backend.connections import connection
from apps.tenants.backend.identity import ForeignServerError, PoolerError, require_own_servers
from tests.tenants.pooler import proxy

pytestmark = pytest.mark.usefixtures("committed")
KEYS = ("dbname", "user", "password", "host", "port")


@pytest.fixture
def login() -> dict[str, str]:
    """As the application logs in, without encryption, which the proxy does not speak."""
    parameters = connection.get_connection_params()
    return {key: str(parameters[key]) for key in KEYS} | {"sslmode": "disable", "gssencmode": "disable"}


def _connect_through(port: int) -> None:
    """A new wrapper of the one alias, as a new thread would have."""
    other = connections.create_connection("default")
    other.settings_dict = {
        **connection.settings_dict,
        "PORT": str(port),
        "OPTIONS": {"sslmode": "disable", "gssencmode": "disable"},
    }
    with other.temporary_connection() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.parametrize("switches_after", [1, 2])
def test_a_pooler_that_switches_servers_is_refused(login: Mapping[str, str], switches_after: int) -> None:
    """Right after the handshake, or only after the first transaction."""
    with proxy(login, switches_after=switches_after) as port, pytest.raises(PoolerError, match="pooler"):
        _connect_through(port)


def test_a_proxy_that_keeps_to_one_server_is_no_pooler(login: Mapping[str, str]) -> None:
    with proxy(login, switches_after=None) as port:
        _connect_through(port)


@pytest.mark.parametrize(("switches_after", "starts"), [(None, True), (1, False), (2, False)])
def test_the_web_process_does_not_start_behind_a_pooler(
    login: Mapping[str, str], switches_after: int | None, starts: bool
) -> None:
    with proxy(login, switches_after=switches_after) as port:
        url = f"postgresql://{login['user']}:{login['password']}@127.0.0.1:{port}/{login['dbname']}?sslmode=disable"
        done = _start("config.wsgi", DATABASE_URL=f"{url}&gssencmode=disable")
    assert (done.returncode == 0) is starts, done.stderr
    assert ("PoolerError" in done.stderr) is not starts


def test_the_web_process_does_not_start_on_a_foreign_server() -> None:
    assert "ForeignServerError" in _start("config.wsgi", POSTGRES_SYSTEM_ID="7").stderr
    assert "ForeignServerError" in _start("config.wsgi", VALKEY_RUN_IDS="somebody-elses").stderr


def _start(module: str, **changes: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")} | changes
    command = [sys.executable, "-c", f"import {module}"]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=120)


def test_every_new_connection_asks_which_server_it_is() -> None:
    connection.close()
    with override_settings(POSTGRES_SYSTEM_ID="7"), pytest.raises(ForeignServerError, match="7 is expected"):
        connection.ensure_connection()
    connection.ensure_connection()


def test_the_carrier_is_the_one_that_was_started_with_us() -> None:
    with override_settings(VALKEY_RUN_IDS=["somebody-elses"]), pytest.raises(ForeignServerError, match="Valkey"):
        require_own_servers()
    require_own_servers()


def test_a_server_that_is_away_is_no_reason_not_to_start() -> None:
    with override_settings(VALKEY_RUN_IDS=["x"], BROKER_URL="redis://127.0.0.1:1", LIVE_URL="redis://127.0.0.1:1"):
        require_own_servers()


def test_two_transactions_of_one_connection_have_one_server_process() -> None:
    """Positive control for the question itself."""
    with psycopg.connect(**connection.get_connection_params()) as raw:
        pids = {raw.execute("SELECT pg_backend_pid()").fetchone() for _ in range(3)}
        assert pids == {(raw.info.backend_pid,)}
