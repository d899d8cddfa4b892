"""`make test`, `mutants`, `chaos`, `bench` and `screenshots`: runs that start from nothing and leave nothing."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

from deploy.local.folders import ROOT
from deploy.local.services import throwaway
from deploy.local.stack import collect_static
from deploy.local.terminal import StopError

MOST_PROCESSES = 4  # each has a database of its own
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def test() -> int:
    """The whole suite on a database server of its own, the journeys after all else; ARGS goes to pytest."""
    pytest = [sys.executable, "-m", "pytest"]
    if arguments := shlex.split(os.environ.get("ARGS", "")):
        return _inside("test", [*pytest, *arguments], browser=True)
    beside = [*pytest, "-q", "-n", "auto", "--maxprocesses", str(MOST_PROCESSES), "--ignore", "tests/browser"]
    return _inside("test", beside, [*pytest, "-q", "tests/browser"], browser=True)


def mutants() -> int:
    """Takes one guard of the isolation away at a time (ONLY=part of a name); exit 1 unless a test notices each."""
    return _inside("mutants", [sys.executable, "-m", "tests.mutants"])


def chaos() -> int:
    """N interleaved operations on the real product (SEED gives their order); exit 1 if a foreign mark was seen."""
    return _inside("chaos", [sys.executable, "-m", "tests.chaos"])


def bench() -> int:
    """Every benchmark, or ONLY=name; durable, because a real disk is part of what is measured."""
    arguments = ["--only", only] if (only := os.environ.get("ONLY")) else []
    arguments += ["--full"] if os.environ.get("FULL") else []
    return _inside("bench", [sys.executable, "-m", "benchmarks", *arguments], durable=True)


def screenshots() -> int:
    """docs/pictures from a demo that lives only for them."""
    return _inside("pictures", [sys.executable, "-m", "deploy.local.pictures"], browser=True)


def _inside(name: str, *commands: Sequence[str], browser: bool = False, durable: bool = False) -> int:
    """One after the other, whatever became of the one before; the first failure's exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    extra = {"CHROMIUM": chromium()} if browser else {}
    with throwaway(name, durable=durable) as env:
        env |= {"MARKET_PROVIDER": "replay", **_only_ours(env), **extra}
        collect_static(env)
        codes = [_wait(_started(command, env)) for command in commands]
    return next((code for code in codes if code), 0)


def _started(command: Sequence[str], env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=not sys.stdin.isatty())


def _only_ours(env: Mapping[str, str]) -> dict[str, str]:
    """A run gives the same answer on every machine: what a person's .env says about the market does not count."""
    keep = {"REPLAY_DIR": str(ROOT / "data" / "replay"), "PYTHONDONTWRITEBYTECODE": ""}
    keep |= dict.fromkeys(("NEWSAPI_KEY", "RSS_FEEDS", "CSV_DIR"), "")
    return {key: value for key, value in keep.items() if key in env or value}


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Its exit status; when we are told to end, its whole group ends first."""
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def chromium() -> str:
    """The browser that the journeys drive; a missing one fails the run, it never skips."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *BROWSERS)):
        if path := shutil.which(name):
            return path
    raise StopError(
        "Chromium or Google Chrome must be on the PATH (or CHROMIUM=/path/to/it); type: apt-get install chromium"
    )
