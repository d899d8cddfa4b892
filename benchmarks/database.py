"""A database of the benchmarks' own: made by the owner, used through the application's login, dropped at the end."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from benchmarks.names import symbol
from benchmarks.sizes import sizes
from deploy.local.folders import ROOT
from deploy.local.services import prepare_database
from deploy.local.stack import Env, Step, manage
from deploy.local.terminal import StopError, step

SCHEMAS: list[Step] = [
    ("Migrating the benchmarks' database", ["migrate_schemas", "-v0"]),
    ("Making a schema ready", ["prepare_schemas", "--count", "1", "-v0"]),
]
GENERATE = "import django; django.setup(); from benchmarks import data; data.make()"


@contextmanager
def own_database(env: Mapping[str, str]) -> Iterator[Env]:
    """The environment in which every file works: migrated, filled with generated data, with one organization."""
    owner, name = env.get("OWNER_DATABASE_URL"), f"bench_{os.getpid()}"
    if not owner or not env.get("DATABASE_URL"):
        raise StopError("DATABASE_URL and OWNER_DATABASE_URL are needed: `make bench` sets them.")
    app = conninfo_to_dict(env["DATABASE_URL"])
    try:
        ours = dict(env) | prepare_database(owner, name, str(app["user"]), str(app.get("password") or ""))
        ours |= {"STARTER_SYMBOLS": ",".join(map(symbol, range(sizes().watched))), "LOG_LEVEL": "WARNING"}
        _fill(ours)
        yield ours
    finally:
        _drop(owner, name)


def _fill(env: Env) -> None:
    manage(env | {"DB_LOGIN": "owner"}, SCHEMAS)
    with step(f"Generating {sizes().instruments:,} instruments and an organization"):
        command = [sys.executable, "-c", GENERATE]
        if subprocess.run(command, cwd=ROOT, env=env, check=False).returncode:
            raise StopError("The benchmarks' data could not be made; the reason stands above.")
    with psycopg.connect(env["OWNER_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _drop(owner: str, name: str) -> None:
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        for (role,) in server.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [f"{name}_"]):
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
