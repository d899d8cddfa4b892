"""`make mutants`: takes one guard away at a time and shows that a behavioural test goes red for each.

Works in copies of the tree, never in the tree itself; each run of tests makes a database of its own on one
throwaway server.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

from deploy.local.terminal import GREEN, PLAIN, RED, say
from tests.mutants.copies import Copy, copies
from tests.mutants.mutant import Mutant
from tests.mutants.table import MUTANTS

AT_ONCE = 2
LIMIT_SECONDS = 20 * 60  # of the whole run
PATIENCE_SECONDS = 300  # of one mutant's tests
READY = "tests/tenants/test_locks.py::test_path_and_role_are_set_together"
BY_ASSERTION = ("AssertionError", "assert ", "Failed: DID NOT RAISE", "Failed: ")

type Outcome = str  # "" where every named test went red as it should, else what went wrong


def main() -> int:
    """1 unless every mutant was killed; the last line says how many were."""
    start, only = time.monotonic(), os.environ.get("ONLY", "")
    chosen = [mutant for mutant in MUTANTS if only in mutant.name]
    with TemporaryDirectory(prefix="mutants-") as folder:
        free: Queue[Copy] = Queue()
        for copy in copies(Path(folder), AT_ONCE):
            free.put(copy)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(prepare, list(free.queue)))
            if why := _unmutated(free, chosen):
                say(f"{RED}✗{PLAIN} the tests do not pass without a mutant: {why}")
                return 1
            outcomes = list(pool.map(lambda mutant: _told(free, mutant, start), chosen))
    killed = outcomes.count("")
    say(f"mutants: {killed} of {len(chosen)} killed")
    return 0 if killed == len(chosen) else 1


def _unmutated(free: "Queue[Copy]", chosen: Iterable[Mutant]) -> str:
    copy = free.get()
    try:
        status, cases = run_tests(copy, sorted({test for mutant in chosen for test in mutant.tests}))
        red = [name for name, message in cases.items() if message]
        return ", ".join(red) or (f"pytest ended with {status}" if status else "")
    finally:
        free.put(copy)


def _told(free: "Queue[Copy]", mutant: Mutant, start: float) -> Outcome:
    began, copy = time.monotonic(), free.get()
    try:
        late = began - start > LIMIT_SECONDS
        why = f"{LIMIT_SECONDS} s were over" if late else outcome(copy, mutant)
    finally:
        free.put(copy)
    mark = f"{RED}✗ {why}{PLAIN}" if why else f"{GREEN}✓{PLAIN}"
    say(f"{mark} {mutant.name} ({time.monotonic() - began:.0f} s)")
    return why


def outcome(copy: Copy, mutant: Mutant) -> Outcome:
    """Red by assertion in each named test; an import that breaks or a fixture that fails is no kill."""
    with copy.mutated(mutant) as why:
        if why:
            return why
        status, cases = run_tests(copy, mutant.tests, builds=mutant.builds)
    if status != 1:
        return "survived" if status == 0 else f"pytest ended with {status}: it does not import"
    for test in mutant.tests:
        found = {name: message for name, message in cases.items() if _is_of(name, test) and message}
        if not found:
            return f"survived {test}"
        if not any(message.startswith(BY_ASSERTION) for message in found.values()):
            return f"{test} broke: {next(iter(found.values())).splitlines()[0]}"
    return ""


def prepare(copy: Copy) -> None:
    """Migrates and fills the copy's database by the tests' own fixtures."""
    status, _ = run_tests(copy, [READY], builds=False, anew=False)
    if status:
        raise SystemExit(f"The tests' database cannot be made: pytest ended with {status}.")
    copy.keep_clean()


def run_tests(
    copy: Copy, tests: Sequence[str], *, builds: bool = False, anew: bool = True
) -> tuple[int, dict[str, str]]:
    """Exit status and, by test, the message of its failure ("" when it passed)."""
    report = copy.folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *tests]
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}  # a mutant may have its original's size and second
    if not builds:
        env |= {"TEST_DATABASE": copy.database}
        if anew:
            copy.begin_anew()
    report.unlink(missing_ok=True)
    try:
        done = subprocess.run(
            command, cwd=copy.folder, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return -1, {}
    if not report.exists():
        return done.returncode, {"pytest": done.stdout[-2000:] + done.stderr[-2000:]}
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):  # a failed teardown is a second entry
        found[_name(case)] = found.get(_name(case)) or _message(case)
    return done.returncode, found


def _name(case: ElementTree.Element) -> str:
    return f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"


def _message(case: ElementTree.Element) -> str:
    """A failure of the test itself tells more than one of its fixtures."""
    for kind, prefix in (("failure", ""), ("error", "error: ")):
        if (found := case.find(kind)) is not None:
            return prefix + (found.get("message") or "?")
    return ""


def _is_of(name: str, test: str) -> bool:
    """`test` names one test, all parameters of one, or a file."""
    return name == test or name.startswith((f"{test}[", f"{test}::"))


if __name__ == "__main__":
    sys.exit(main())
