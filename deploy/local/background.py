"""The whole product in the background, on a database of its own: for browser journeys and pictures."""

import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM
from subprocess import Popen
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from deploy.local.folders import ROOT, ensure
from deploy.local.processes import free_port, launch, stop
from deploy.local.services import prepare_database
from deploy.local.stack import BUNDLED_SYMBOLS, Env, local_url, prepare, processes
from deploy.local.terminal import StopError

PASSWORD = "demo-please-change"  # noqa: S105 - told to everybody, on this machine only
HEALTHY_WITHIN = 90
VALKEY_DATABASE = 7  # jobs and keys of a product beside another one


@dataclass
class Product:
    """Its processes by name; `start` and `end` are for tests that take one away."""

    env: Env
    port: int
    logs: Path
    running: dict[str, Popen[bytes]] = field(default_factory=dict)

    def url(self, organization: str, path: str = "/") -> str:
        """An address that a browser opens."""
        return local_url(organization, self.port) + path

    def start(self, name: str) -> None:
        """As the product's own process manager starts it."""
        command, added = processes(self.env, self.port)[name]
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = launch(command, cwd=ROOT, log=log, end=SIGTERM, env=self.env | added)

    def end(self, name: str) -> None:
        """Politely."""
        stop(self.running.pop(name), SIGTERM)

    def end_all(self) -> None:
        """Those that still run."""
        for name in list(self.running):
            self.end(name)

    def kill(self, name: str) -> None:
        """As the kernel does when memory is gone: the process and its children."""
        process = self.running.pop(name)
        os.killpg(process.pid, SIGKILL)
        process.wait()

    def wait(self) -> None:
        """Until the pages answer and every process still runs."""
        limit = time.monotonic() + HEALTHY_WITHIN
        while not self._is_ready():
            self.check()
            if time.monotonic() > limit:
                raise StopError(f"The pages did not answer within {HEALTHY_WITHIN} s.\n{self.tail('web')}")
            time.sleep(0.2)

    def check(self) -> None:
        """A process that ended by itself is told with its last lines."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise StopError(f"{name} ended with status {process.returncode}.\n{self.tail(name)}")

    def tail(self, name: str, size: int = 3000) -> str:
        """The last lines of a process."""
        return (self.logs / f"{name}.log").read_text(errors="replace")[-size:]

    def _is_ready(self) -> bool:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/readyz", headers={"Host": "localhost"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def product(local: Path, **settings: str) -> Iterator[Product]:
    """Migrated, filled and running; `settings` are added to its environment. Everything is gone afterwards."""
    with own_database(f"browser_{os.getpid()}", os.environ) as urls:
        port = free_port()
        env = dict(os.environ) | urls | _own_carriers(os.environ)
        env |= {"PORT": str(port), "LOCAL_ROOT": str(local), "MARKET_PROVIDER": "replay", "PYTHONUNBUFFERED": "1"}
        env.setdefault("STATIC_ROOT", str(ROOT / ".local" / "static"))
        env |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "STARTER_SYMBOLS": BUNDLED_SYMBOLS,
            "MEDIA_ROOT": str(local / "media"),
        } | settings
        ours = Product(prepare(env), port, ensure(local / "log"))
        with ExitStack() as running:
            running.callback(ours.end_all)
            for name in processes(ours.env, port):
                ours.start(name)
            ours.wait()
            yield ours


@contextmanager
def own_database(name: str, env: Mapping[str, str], *, keep: bool = False) -> Iterator[dict[str, str]]:
    """An empty database and the two addresses of it; its roles, which belong to the cluster, go with it.

    With `keep` it may be there already, and stays.
    """
    owner, app = env["OWNER_DATABASE_URL"], conninfo_to_dict(env["DATABASE_URL"])
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext('stockintel databases'))")  # template1 serves one at a time
        urls = prepare_database(owner, name, str(app["user"]), str(app.get("password") or ""))
    try:
        yield urls
    finally:
        if not keep:
            drop_database(name, owner)


def drop_database(name: str, owner: str) -> None:
    """And its roles."""
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        for (role,) in server.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [f"{name}_"]):
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def _own_carriers(env: Mapping[str, str]) -> dict[str, str]:
    """The same servers, another database in them."""
    found = {key: env[key] for key in ("REDIS_URL", "BROKER_URL", "LIVE_URL") if env.get(key)}
    return {key: urlunsplit(urlsplit(url)._replace(path=f"/{VALKEY_DATABASE}")) for key, url in found.items()}
