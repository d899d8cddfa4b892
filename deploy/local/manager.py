"""honcho's process manager, with processes that end when it ends, however it ends."""

import multiprocessing
import os
import shlex
import signal
import time
from collections.abc import Mapping, Sequence

import honcho.manager
from honcho.compat import ProcessManager
from honcho.manager import Manager
from honcho.process import Process

from deploy.local.folders import ROOT
from deploy.local.processes import die_with_parent

honcho.manager.KILL_WAIT = 12  # seconds: a worker on a busy machine ends its job


class Leashed(Process):
    """Its keeper dies with the manager, even by kill -9; setpriv then ends the command after its keeper."""

    def run(self, *args: object, **kwargs: object) -> None:
        die_with_parent(signal.SIGKILL)
        super().run(*args, **kwargs)


class Gentle(ProcessManager):
    """Asks a process, not its group: dramatiq asks its workers itself, and takes being asked twice for `now`."""

    def terminate(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            return


class LeashedManager(Manager):
    """Adds commands as lists, and an end that needs no terminal to print to."""

    def __init__(self) -> None:
        multiprocessing.set_start_method("fork", force=True)  # a keeper's parent must be this process
        super().__init__()
        self._process_ctor = Leashed
        self._procmgr = Gentle()

    def add(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        line = shlex.join(["setpriv", "--pdeathsig", "TERM", *command])
        self.add_process(name, f"exec {line}", env=dict(env), cwd=str(ROOT))

    def ended(self) -> str:
        """Names of the processes that ended by themselves and badly."""
        codes = {name: process.get("returncode") for name, process in self._processes.items()}
        return ", ".join(name for name, code in codes.items() if code not in (None, 0, -signal.SIGTERM)) or "a process"

    def end_all(self, patience: float = 6) -> None:
        """After a loop that was cut short (the terminal is gone): asks every group to end, then kills it."""
        limit = time.monotonic() + patience
        alive = [
            process for process in self._processes.values() if "process" in process and process["process"].is_alive()
        ]
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in alive:
                _signal_group(process.get("pid"), number)
            for process in alive:
                process["process"].join(max(0.1, limit - time.monotonic()))
        for process in alive:
            process["process"].kill()


def _signal_group(leader: int | None, number: signal.Signals) -> None:
    try:
        if leader:
            os.killpg(leader, number)
    except ProcessLookupError:
        return
