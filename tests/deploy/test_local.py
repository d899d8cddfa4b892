"""The set-up behind the two commands: servers that never outlive their run, and one clear line for what is wrong."""

import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from deploy.local import demo, services
from deploy.local.folders import ROOT, secret
from deploy.local.postgres import Postgres
from deploy.local.processes import free_port, working_in
from deploy.local.terminal import StopError

HOLD = """
import time
from deploy.local.services import throwaway
with throwaway("held") as env:
    print("up", env["LOCAL_ROOT"], flush=True)
    time.sleep(600)
"""


def _own_services() -> dict[str, str]:
    given = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "BROKER_URL", "LIVE_URL")
    return {key: value for key, value in os.environ.items() if key not in given}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_ended_leaves_no_server(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=ROOT, env=_own_services(), stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        folder = Path(next(line.split()[1] for line in run.stdout if line.startswith("up ")))
        places = (folder / "postgres" / "data", folder / "valkey")
        assert all(working_in(place) for place in places)
        run.send_signal(number)
    limit = time.monotonic() + 20
    while any(working_in(place) for place in places):
        assert time.monotonic() < limit
        time.sleep(0.1)
    services.sweep_throwaways()
    assert not folder.exists()


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the database server's user may enter (tmp_path is private)."""
    with services.throwaway_folder("home") as folder:
        yield folder / "postgres"


def test_a_half_made_data_folder_is_made_anew_and_a_foreign_pid_is_left_alone(home: Path) -> None:
    (home / "data" / "base").mkdir(parents=True)
    first = Postgres(home, home.parent / "log", durable=False)
    first.start()
    first.stop()
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'data'}\n1\n5432\n\n127.0.0.1\n1 1\nready\n")
    again = Postgres(home, home.parent / "log", durable=False)
    again.start()
    try:
        with psycopg.connect(again.owner_url) as connection:
            assert connection.execute("SHOW data_directory").fetchone() == (str(home / "data"),)
    finally:
        again.stop()


def test_a_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = secret(tmp_path / "secret_key")
    assert secret(tmp_path / "secret_key") == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    (tmp_path / "secret_key").write_text("")
    assert len(secret(tmp_path / "secret_key")) > 40


def test_a_port_in_use_is_one_line_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StopError, match=rf"^Port {port} is in use.*make demo PORT=\d+$"):
            demo.wanted_port({"PORT": str(port)})


@pytest.mark.parametrize("text", ["eight", "0", "70000", "-1"])
def test_a_port_that_is_none_is_one_line(text: str) -> None:
    with pytest.raises(StopError, match=f"^PORT={text} is not a port"):
        demo.wanted_port({"PORT": text})


class OldRedis(socketserver.StreamRequestHandler):
    """Answers as a Redis 6: INFO, and yes to everything else."""

    def handle(self) -> None:
        while head := self.rfile.readline():
            words = []
            for _ in range(int(head[1:])):
                size = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(size + 2)[:-2].upper())
            text = b"redis_version:6.2.14\r\n"
            known = {b"INFO": b"$%d\r\n%s\r\n" % (len(text), text), b"HELLO": b"-ERR unknown command\r\n"}
            self.wfile.write(known.get(words[0], b"+OK\r\n"))


@contextmanager
def _old_redis() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OldRedis) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0?protocol=2"
        server.shutdown()


@pytest.mark.parametrize("key", ["REDIS_URL", "BROKER_URL", "LIVE_URL"])
def test_an_old_redis_is_refused_in_one_line(key: str) -> None:
    with _old_redis() as url, pytest.raises(StopError, match=rf"^Redis 6\.2\.14 of {key} is too old: 7 or newer"):
        services.refuse_old_carrier(key, url)


def test_a_server_that_is_not_there_is_one_line() -> None:
    port = free_port()
    with pytest.raises(StopError, match=r"^The server of REDIS_URL does not answer: "):
        services.refuse_old_carrier("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    with pytest.raises(StopError, match=r"^PostgreSQL of DATABASE_URL does not answer: "):
        services.refuse_old_database(f"postgresql://a:b@127.0.0.1:{port}/c")


@pytest.mark.parametrize("verb", ["", "nope"])
def test_an_unknown_verb_is_one_line(verb: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", verb], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert re.fullmatch(r"✗ Unknown verb .*: one of demo, .*\n", done.stderr)


def test_one_address_makes_a_database_with_a_login_that_is_no_superuser() -> None:
    """A person's own server: DATABASE_URL alone is its owner's."""
    with services.throwaway("own") as env:
        owner = services.with_parts(env["OWNER_DATABASE_URL"], dbname="our own")
        with services.throwaway_folder("local") as local:
            made = services.own_database(owner, None, local)
        with psycopg.connect(made["DATABASE_URL"]) as connection:
            row = connection.execute(
                "SELECT current_user, current_database(), current_setting('is_superuser')"
            ).fetchone()
    assert row == ("our own_app", "our own", "off")
    assert made["POSTGRES_SYSTEM_ID"] == env["POSTGRES_SYSTEM_ID"]
