"""Real web processes, started as the product's own process manager starts them."""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

from deploy.local.folders import ROOT
from deploy.local.processes import free_port, launch, stop
from deploy.local.stack import processes

PATIENCE = 60
OURS = "config.asgi:application"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """One daphne."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """What the process has used so far, all threads."""
        fields = Path("/proc", str(self.pid), "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


@contextmanager
def web(application: str = OURS, **more: str) -> Iterator[Server]:
    """The demo's web process, or another application under the same server with the same arguments."""
    port = free_port()
    command, added = processes(os.environ, port)["web"]
    command = [application if part == OURS else part for part in command]
    with _running(command, port, os.environ | added | {"PORT": str(port)} | more) as server:
        yield server


@contextmanager
def threads(way: str, **more: str) -> Iterator[Server]:
    """One page of `benchmarks.peers.threads` under a WSGI server with a thread a connection."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.peers.threads", way, str(port)]
    with _running(command, port, os.environ | {"PORT": str(port)} | more) as server:
        yield server


@contextmanager
def _running(command: list[str], port: int, env: Mapping[str, str]) -> Iterator[Server]:
    with tempfile.TemporaryFile() as log:
        process = launch(command, cwd=ROOT, log=log, end=SIGTERM, env=env)
        try:
            _wait(port, process.poll)
            yield Server(port, process.pid)
        except Exception as error:
            log.seek(0)
            error.add_note(log.read().decode(errors="replace")[-2000:])
            raise
        finally:
            stop(process, SIGTERM)


def _wait(port: int, ended: Callable[[], int | None]) -> None:
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if ended() is not None:
                raise RuntimeError("The web process ended.") from None
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"Nothing listened on port {port} for {PATIENCE} s.")
