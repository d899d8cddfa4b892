"""Processes that never outlive the one that started them, and the clean-up after one that was killed."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals) -> None:
    """Linux only: the kernel sends `number` to this process when its parent ends, even by SIGKILL."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number))


def _leash(parent: int, number: signal.Signals) -> Callable[[], None]:
    def tie() -> None:
        die_with_parent(number)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return tie


def launch(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    log: IO[bytes],
    end: signal.Signals,
    user: tuple[int, int] | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """A server in a session of its own (Ctrl-C reaches us first); the kernel ends it with `end` when we die.

    `user` is (uid, gid) for a server that must not run as root.
    """
    uid, gid = user or (None, None)
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=uid,
        group=gid,
        extra_groups=None if user is None else [],
        preexec_fn=_leash(os.getpid(), end),
    )


def stop(process: subprocess.Popen[bytes], number: signal.Signals, patience: float = 20) -> None:
    """Asks with `number`, waits, then kills the whole process group."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def working_in(folder: Path) -> list[int]:
    """Processes whose working folder is `folder`: servers of ours that a killed run left behind."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder:
                    found.append(int(entry.name))
            except OSError:  # gone meanwhile, or not ours to look at
                continue
    return found


def end_leftovers(folder: Path, number: signal.Signals, patience: float = 15) -> None:
    """Ends what still works in `folder` (a data folder that only our servers enter)."""
    _signal(working_in(folder), number)
    limit = time.monotonic() + patience
    while left := working_in(folder):
        if time.monotonic() > limit:
            _signal(left, signal.SIGKILL)
        time.sleep(0.05)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def free_port() -> int:
    """A port that the kernel says is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """True when nothing listens on `port` of the loopback interfaces."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError:
            if family == socket.AF_INET or has_ipv6():
                return False
    return True


def has_ipv6() -> bool:
    """True when the loopback interface speaks IPv6, which browsers try first for *.localhost."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
