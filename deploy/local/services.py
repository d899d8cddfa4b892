"""PostgreSQL and Valkey for one run: embedded, or those that DATABASE_URL and REDIS_URL name."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis
from dotenv import dotenv_values
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from deploy.local.folders import LOCAL, ROOT, ensure, secret
from deploy.local.postgres import PROGRAMS, Postgres, can_enter, data_home, server_user
from deploy.local.processes import working_in
from deploy.local.terminal import StopError, step
from deploy.local.valkey import Valkey

APP_LOGIN = "stockintel_app"
DATABASE = "stockintel"
HARDENING = ROOT / "deploy" / "local" / "database.sql"


@contextmanager
def services(local: Path = LOCAL, *, durable: bool = True) -> Iterator[dict[str, str]]:
    """The environment of the application, whose services run until the block ends."""
    env = base_environment(local)
    with ExitStack() as running:
        with step("Starting PostgreSQL and Valkey"):
            env |= _database(env, local, running, durable=durable)
            env |= _carriers(env, local, running)
        yield env


@contextmanager
def throwaway(name: str, *, durable: bool = False) -> Iterator[dict[str, str]]:
    """The same for one run whose data vanish with it: tests, benchmarks, checks, pictures."""
    sweep_throwaways()
    with throwaway_folder(name) as local, services(local, durable=durable) as env:
        yield env


@contextmanager
def throwaway_folder(name: str) -> Iterator[Path]:
    """A temporary folder that the database server's user may enter; its name carries our process id."""
    local = Path(tempfile.mkdtemp(prefix=f"stockintel-{os.getpid()}-{name}-", dir=_shared_temporary_folder()))
    local.chmod(0o755)
    try:
        yield local
    finally:
        shutil.rmtree(local, ignore_errors=True)


def sweep_throwaways() -> None:
    """Removes what killed runs of ours left in the temporary folder."""
    for folder in _shared_temporary_folder().glob("stockintel-*-*-*"):
        pid = folder.name.split("-")[1]
        ours = folder.stat().st_uid == os.geteuid() and pid.isdigit() and not Path("/proc", pid).exists()
        if ours and not working_in(folder / "postgres" / "data"):
            shutil.rmtree(folder, ignore_errors=True)


def _shared_temporary_folder() -> Path:
    """The first temporary folder that the database server's user may enter."""
    user = server_user()
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 - mkdtemp inside
    for folder in candidates:
        if folder.is_dir() and can_enter(folder, user):
            return folder
    raise StopError(f"No temporary folder that the database server may enter (tried {candidates[0]}, /tmp, /var/tmp).")


def base_environment(local: Path = LOCAL) -> dict[str, str]:
    """The person's environment over `.env`, and what the application needs beside its services."""
    given = {key: value for key, value in dotenv_values(ROOT / ".env").items() if value is not None}
    env = {**given, **os.environ}
    env["PATH"] = f"{PROGRAMS}{os.pathsep}{env['PATH']}"  # pg_dump of the same release
    env.setdefault("STATIC_ROOT", str(LOCAL / "static"))
    env.setdefault("SECRET_KEY", secret(local / "secret_key"))
    return env | {"DJANGO_SETTINGS_MODULE": "config.settings", "LOCAL_ROOT": str(local), "PYTHONUNBUFFERED": "1"}


def _database(env: Mapping[str, str], local: Path, running: ExitStack, *, durable: bool) -> dict[str, str]:
    if url := env.get("DATABASE_URL"):
        return own_database(url, env.get("OWNER_DATABASE_URL"), local)
    home = data_home() if local == LOCAL else local / "postgres"
    server = Postgres(home, local / "log" / "postgres.log", durable=durable)
    running.callback(server.stop)
    server.start()
    return prepare_database(server.owner_url, DATABASE, APP_LOGIN, secret(server.home / "app_password"))


def own_database(url: str, owner: str | None, local: Path) -> dict[str, str]:
    """DATABASE_URL of the person: with OWNER_DATABASE_URL both are used as they are; alone it is the owner's."""
    if owner:
        refuse_old_database(owner)
        return {"DATABASE_URL": url, "OWNER_DATABASE_URL": owner} | _identity(owner)
    name = str(_parse(url).get("dbname") or DATABASE)
    server = with_parts(url, dbname="postgres")  # the named one may not exist yet
    refuse_old_database(server)
    return prepare_database(server, name, f"{name}_app", secret(local / "app_password"))


def _parse(url: str) -> dict[str, object]:
    try:
        return dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError as err:
        raise StopError(f"DATABASE_URL is not an address of PostgreSQL: {_first_line(err)}") from None


def refuse_old_database(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as err:
        raise StopError(f"PostgreSQL of DATABASE_URL does not answer: {_first_line(err)}") from None
    if version < 160000:
        raise StopError(f"PostgreSQL {version // 10000} is too old: the roles of organizations need 16 or newer.")


def prepare_database(owner_url: str, name: str, app: str, password: str) -> dict[str, str]:
    """Makes the database, the application's login and the hardening of database.sql; repeating it changes nothing."""
    text = sql.SQL(HARDENING.read_text())
    statements = text.format(app=sql.Identifier(app), password=sql.Literal(password), database=sql.Identifier(name))
    try:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        for database in ("template1", name):
            with psycopg.connect(make_conninfo(owner_url, dbname=database)) as connection:
                connection.execute(statements)
    except psycopg.errors.InsufficientPrivilege as err:
        why = f"{_first_line(err)}; a superuser runs deploy/local/database.sql once, then set OWNER_DATABASE_URL too"
        raise StopError(f"The login of DATABASE_URL may not prepare the database: {why}.") from None
    owner = with_parts(owner_url, dbname=name)
    return {"DATABASE_URL": with_parts(owner, user=app, password=password), "OWNER_DATABASE_URL": owner} | _identity(
        owner
    )


def with_parts(url: str, **changes: str) -> str:
    """The same address with other parts, written as a URL again."""
    parts = {key: str(value) for key, value in (_parse(url) | changes).items() if value is not None}
    user, password = quote(parts.pop("user", ""), safe=""), quote(parts.pop("password", ""), safe="")
    name, host, port = parts.pop("dbname"), parts.pop("host", ""), parts.pop("port", "5432")
    if host.startswith("/"):  # a socket's folder is a parameter of its own
        parts, host, port = {"host": host, "port": port} | parts, "", ""
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in parts.items())
    place = f"{host}:{port}" if host else ""
    return f"postgresql://{user}:{password}@{place}/{quote(name, safe='')}{'?' if query else ''}{query}"


def _identity(url: str) -> dict[str, str]:
    """Which server this is, so that tests can be sure that they talk to it."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
    return {"POSTGRES_SYSTEM_ID": str(row[0])} if row else {}


def _carriers(env: Mapping[str, str], local: Path, running: ExitStack) -> dict[str, str]:
    named = {key: env[key] for key in ("REDIS_URL", "BROKER_URL", "LIVE_URL") if env.get(key)}
    for key, url in named.items():
        refuse_old_carrier(key, url)
    if "REDIS_URL" in named or {"BROKER_URL", "LIVE_URL"} <= named.keys():
        return named
    server = Valkey(ensure(local / "valkey"), local / "log" / "valkey.log")
    running.callback(server.stop)
    server.start()
    with redis.Redis.from_url(server.url) as client:
        return {"REDIS_URL": server.url, "VALKEY_RUN_IDS": str(client.info("server")["run_id"])}


def refuse_old_carrier(key: str, url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_timeout=10) as client:
            version = str(client.info("server")["redis_version"])
    except (redis.RedisError, ValueError) as err:
        raise StopError(f"The server of {key} does not answer: {_first_line(err)}") from None
    if int(version.split(".")[0]) < 7:
        raise StopError(f"Redis {version} of {key} is too old: 7 or newer, or Valkey, is needed.")


def _first_line(err: Exception) -> str:
    return (str(err).strip().splitlines() or [type(err).__name__])[0]
