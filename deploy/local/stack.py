"""The product's own processes, and the commands that make its database ready: for demo, pictures and benchmarks."""

import fcntl
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from deploy.local.folders import LOCAL, ROOT, ensure
from deploy.local.processes import has_ipv6
from deploy.local.terminal import StopError

type Step = tuple[str, Sequence[str]]
type Env = dict[str, str]

# Variants of the front-end packages that no page loads; compressing them would take most of a minute.
UNUSED = ["*.rtl.*", "adminlte-*", "adminlte.css*", "*.esm.*", "*.mjs", "*.ts", "*development*", "bootstrap-[gru]*",
          "bootstrap.css*", "bootstrap.js*", "bootstrap.min.js*", "bootstrap.bundle.js*", "*.scss", "*.md", "*opsz*",
          "*standard-*", "full*.css", "standard*.css", "assets", "ext", "htm*-4.*"]  # fmt: skip
STATIC: list[Step] = [
    ("Collecting the static files", ["collectstatic", "--noinput", "-v0", *(f"--ignore={name}" for name in UNUSED)])
]
SCHEMAS: list[Step] = [
    ("Migrating the database", ["migrate_schemas", "-v0"]),
    ("Making schemas ready for new organizations", ["prepare_schemas", "--count", "4"]),
]
CONTENT: list[Step] = [
    ("Importing exchanges and instruments", ["import_reference"]),
    ("Importing everything traded", ["import_universe"]),
    ("Loading the price history", ["load_history"]),
    ("Provisioning Acme Capital and Globex Advisors", ["demo_organizations"]),
    ("Filling their watchlists and books", ["seed_demo_books"]),
]
# What takes seconds, what asks a source for years, and what renders: none of them waits for another.
WORKERS = {
    "worker": ("quotes", "mail", "demand", "default"),
    "history": ("history", "news"),
    "reports": ("reports", "archives"),
}
# The replay that the repository brings has other symbols than the starter watchlist of a real market.
BUNDLED_SYMBOLS = "AAPL,MSFT,GOOG,IBM,FB"


def manage(env: Mapping[str, str], steps: Iterable[Step]) -> None:
    """Runs Django commands one after the other in one process; the first that fails ends the run in one line."""
    command = [sys.executable, "-m", "deploy.local.commands", json.dumps(list(steps))]
    if subprocess.run(command, cwd=ROOT, env=dict(env), check=False).returncode:
        raise StopError("The set-up did not end; the reason is in the line above.")


def prepare(env: Mapping[str, str]) -> Env:
    """Static files, schemas, market, organizations and books; repeating it keeps what is there."""
    env = {"SIGNUP": "open"} | choose_market(env)
    ensure(Path(env["LOCAL_ROOT"]) / "mail")
    collect_static(env)
    manage(env | {"DB_LOGIN": "owner"}, SCHEMAS)
    manage(env, CONTENT)
    return env


def choose_market(env: Mapping[str, str]) -> Env:
    """Asks once which market answers, so that every process of this run plays the same one."""
    chosen = {"MARKET_PROVIDER": "auto"} | dict(env)
    command = [sys.executable, "-m", "deploy.local.commands", "provider"]
    done = subprocess.run(command, cwd=ROOT, env=chosen, capture_output=True, text=True, check=False)
    name = done.stdout.strip()
    if done.returncode or name not in {"yahoo", "replay"}:
        raise StopError(f"No market can be played: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    chosen["MARKET_PROVIDER"] = name
    if name == "replay" and not chosen.get("REPLAY_DIR"):
        chosen.setdefault("STARTER_SYMBOLS", BUNDLED_SYMBOLS)
    return chosen


def collect_static(env: Mapping[str, str]) -> None:
    """Only when a source of them is newer than the last collection, which every run of this checkout shares."""
    target = ensure(Path(env["STATIC_ROOT"]))
    sources = [ROOT / "requirements", ROOT / "package-lock.json", ROOT / "config", *(ROOT / "static").rglob("*")]
    newest = str(max(path.stat().st_mtime for path in sources))
    with (target / ".collected").open("a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        mark.seek(0)
        if mark.read() != newest:
            manage(env, STATIC)
            mark.truncate(0)
            mark.write(newest)


def processes(env: Mapping[str, str], port: int) -> dict[str, tuple[list[str], Env]]:
    """Name -> (command, what its environment adds): the long-running processes of one machine."""
    python, manage_py = sys.executable, [sys.executable, "manage.py"]
    hosts = ["127.0.0.1", r"\:\:1"] if has_ipv6() else ["127.0.0.1"]
    endpoints = [text for host in hosts for text in ("-e", f"tcp:{port}:interface={host}")]
    worker = ["--processes", "1", "--threads", "2", "--worker-shutdown-timeout", "4000"]
    return {
        "web": ([python, "-m", "daphne", *endpoints, "--no-server-name", "config.asgi:application"], {"DB_POOL": "12"}),
        **{name: ([*manage_py, "rundramatiq", *worker, "--queues", *queues], {}) for name, queues in WORKERS.items()},
        # Makes schemas ready: the one process that works with the owner's login.
        "fleet": ([*manage_py, "rundramatiq", *worker, "--queues", "fleet"], {"DB_LOGIN": "owner"}),
        "scheduler": ([*manage_py, "crontab", "--no-heartbeat"], {}),
        "stream": ([*manage_py, "stream_quotes"], {}),
        "valuer": ([*manage_py, "value_portfolios"], {}),
    }


def local_url(name: str, port: int | str) -> str:
    """Address of a host of the demo: '' is the public one."""
    return f"http://{name}{'.' if name else ''}localhost:{port}"


def log_folder(env: Mapping[str, str]) -> Path:
    return ensure(Path(env.get("LOCAL_ROOT", LOCAL)) / "log")
