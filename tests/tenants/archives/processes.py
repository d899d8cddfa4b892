"""The product's own commands as processes of their own, and places where one of them can be made to stand still."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL

import psycopg
from django.conf import settings

from deploy.local.services import with_parts

PATIENCE = 60


def environment(database: str, media: Path | None = None, **more: str) -> dict[str, str]:
    """That of this run, with the owner's login at `database`."""
    urls = {key: with_parts(os.environ[key], dbname=database) for key in ("DATABASE_URL", "OWNER_DATABASE_URL")}
    folders = {"MEDIA_ROOT": str(media or settings.MEDIA_ROOT), "ARCHIVE_DIR": str(settings.ARCHIVE_DIR)}
    return dict(os.environ) | urls | folders | {"DB_LOGIN": "owner", "LOG_LEVEL": "WARNING"} | more


def start(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """`manage.py ...`, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env=env, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(env: dict[str, str], *arguments: str) -> str:
    """To its end; a refusal fails the test with what it said."""
    process = start(env, *arguments)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return said


def kill(process: subprocess.Popen[str]) -> None:
    """As the kernel does when memory is gone."""
    os.killpg(process.pid, SIGKILL)
    process.communicate()


@contextmanager
def holding(database: str, lock: str) -> Iterator[psycopg.Connection]:
    """A transaction of somebody else that holds a lock."""
    with psycopg.connect(with_parts(os.environ["OWNER_DATABASE_URL"], dbname=database)) as holder:
        holder.execute(f"LOCK TABLE {lock}".encode())
        yield holder
        holder.rollback()


def wait_until_blocked(database: str, beginning: str) -> None:
    """Until some process waits for a lock in a statement that begins like that."""
    _poll(database, "wait_event_type = 'Lock' AND ltrim(query) LIKE %s", f"{beginning}%", wanted=True)


def wait_until_gone(database: str) -> None:
    """The server notices that a killed process is gone when it next talks to it, and takes back what it did."""
    _poll(database, "application_name = %s", "killed", wanted=False)


def _poll(database: str, condition: str, value: str, *, wanted: bool) -> None:
    query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() AND {condition}"
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as server:
        limit = time.monotonic() + PATIENCE
        while bool(server.execute(query.encode(), [database, value]).fetchone()[0]) != wanted:  # type: ignore[index]
            assert time.monotonic() < limit, f"waited for {value} in vain"
            time.sleep(0.05)
