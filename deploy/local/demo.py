"""`make demo`: services, data, and every process of the product under one manager."""

import fcntl
import json
import os
import shlex
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.local.folders import LOCAL, ROOT, ensure
from deploy.local.manager import LeashedManager
from deploy.local.processes import is_free, launch, stop
from deploy.local.services import base_environment, services
from deploy.local.stack import local_url, log_folder, prepare, processes
from deploy.local.terminal import BOLD, PLAIN, StopError, fail, say, table

PASSWORD = "demo-please-change"  # noqa: S105 - told to everybody, on this machine only
PEOPLE = [
    ("acme", "Acme Capital", "ann@acme.test", "ben@acme.test", "vic@acme.test"),
    ("globex", "Globex Advisors", "eve@globex.test", "gus@globex.test", "gil@globex.test"),
]
HEALTHY_WITHIN = 180
SHARED_KEYS = ("SECRET_KEY", "DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "BROKER_URL", "LIVE_URL", "LOCAL_ROOT",
               "MARKET_PROVIDER", "REPLAY_DIR", "STARTER_SYMBOLS", "PORT")  # fmt: skip


def run() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    with alone():
        port = wanted_port(base_environment())
        with services() as env:
            env = prepare(env | {"PORT": str(port)})
            with environment_file(env):
                return serve(env, port)


def wanted_port(env: Mapping[str, str]) -> int:
    text = env.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StopError(f"PORT={text} is not a port: give a number up to 65535.")
    if not is_free(int(text)):
        raise StopError(f"Port {text} is in use by another program; type: make demo PORT={int(text) % 65535 + 1}")
    return int(text)


@contextmanager
def alone() -> Iterator[None]:
    """One demo a checkout: its data have one server."""
    with (ensure(LOCAL) / "demo.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise StopError(f"The demo of this checkout is running already (process {pid}); stop it first.") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def environment_file(env: Mapping[str, str]) -> Iterator[None]:
    """`.local/env`: what another terminal needs for manage.py while the demo runs."""
    path = LOCAL / "env"
    lines = [f"{key}={shlex.quote(env[key])}\n" for key in SHARED_KEYS if env.get(key)]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(lines)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def serve(env: Mapping[str, str], port: int) -> int:
    """Blocks until Ctrl-C, SIGTERM or the end of any process; returns the exit status."""
    manager = LeashedManager()
    for name, (command, extra) in processes(env, port).items():
        manager.add(name, command, {**env, **extra})
    herald = launch(
        [sys.executable, "-m", "deploy.local.demo"], cwd=ROOT, log=sys.stdout.buffer, end=signal.SIGKILL, env=env
    )
    try:
        manager.loop()
    finally:
        stop(herald, signal.SIGKILL)
        manager.end_all()
    if manager.returncode in (130, 143):
        say("Stopped; your data wait in .local for the next `make demo`.")
        return 0 if manager.returncode == 130 else 143
    return fail(f"The demo ended because of {manager.ended()}; see its lines above.")


def herald() -> int:
    """Waits until the pages answer, then prints the table; ends the demo when they do not."""
    env = os.environ
    feed = _feed_when_ready(env["PORT"])
    if feed is None:
        fail(f"The pages did not answer within {HEALTHY_WITHIN} s; see the lines of `web` above.")
        os.kill(os.getppid(), signal.SIGTERM)
        return 1
    sys.stdout.write(welcome(env, feed))
    sys.stdout.flush()
    return 0


def _feed_when_ready(port: str) -> str | None:
    limit = time.monotonic() + HEALTHY_WITHIN
    while time.monotonic() < limit:
        try:
            _get(port, "/healthz")
            return str(_get(port, "/readyz").get("feed") or "")
        except (OSError, ValueError):  # refused, 503, or cut short: not yet
            time.sleep(0.5)
    return None


def _get(port: str, path: str) -> dict[str, object]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": f"localhost:{port}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return dict(json.load(answer))


def welcome(env: Mapping[str, str], feed: str) -> str:
    """The table of addresses and logins."""
    port = env["PORT"]
    rows: list[tuple[str, ...]] = [("organization", "address", "owner", "analyst", "viewer")]
    rows += [(title, local_url(name, port), *logins) for name, title, *logins in PEOPLE]
    rows += [("operator", f"{local_url('', port)}/admin/", "op@stockintel.test", "", "")]
    rule = "─" * 100
    return f"""
{rule}
{BOLD}Stock Intelligence is up.{PLAIN} {feed}

{table(rows)}

  password of everybody   {PASSWORD}
  the operator            adds an authenticator app or a passkey at the first sign-in
  e-mail lands in         {Path(env["LOCAL_ROOT"]) / "mail"}
  logs of the services    {log_folder(env)}
  manage.py beside it     set -a; . .local/env; set +a; .venv/bin/python manage.py help
  stop                    Ctrl-C (the data stay)
{rule}
"""


if __name__ == "__main__":
    sys.exit(herald())
