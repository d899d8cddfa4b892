"""`python -m benchmarks [--only NAME] [--full]`: runs the files, prints a table, writes results.json."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.child import MARK
from benchmarks.database import own_database
from benchmarks.sizes import sizes
from deploy.local.folders import ROOT
from deploy.local.terminal import GREEN, PLAIN, RED, StopError, fail, say

FILES = (
    "read",
    "live",
    "requests",
    "ingest",
    "search",
    "indicators",
    "organizations",
    "fleet",
    "onboarding",
    "archives",
    "why",
    "portfolio",
)
# Where they do not begin with the name of their file.
KEYS = {"onboarding": "organizations.full_dashboard", "archives": "organizations.restore", "why": "portfolio.why"}
RESULTS = Path(__file__).with_name("results.json")

type Line = dict[str, Any]


def main() -> int:
    """1 when a benchmark failed; a goal that is missed stands in the table and is no failure."""
    options = _options()
    only = options.only.removesuffix(".py")
    files = [stem for stem in FILES if not only or stem == only.split(".")[0] or KEYS.get(stem, stem).startswith(only)]
    if not files:
        return fail(f"No benchmark is called {only}: a file ({', '.join(FILES)}) or the beginning of a key.")
    if options.full:
        os.environ["FULL"] = "1"
    lines: list[Line] = []
    failed: list[str] = []
    try:
        with own_database(os.environ) as env:
            for stem in files:
                found, why = run_file(stem, _prefix(stem, only), env)
                lines += found
                failed += [f"{stem}: {why}"] if why else []
    except StopError as err:
        return fail(str(err))
    RESULTS.write_text(json.dumps({line["key"]: line["result"] for line in lines}, indent=2) + "\n")
    say(_table(lines))
    for text in failed:
        fail(text)
    return 1 if failed else 0


def run_file(stem: str, prefix: str, env: dict[str, str]) -> tuple[list[Line], str]:
    """Its measures, and why it failed ('' if it did not); what was measured before a failure is kept."""
    start = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.child", stem, prefix]
    why, output = "", ""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False, timeout=sizes().limit_seconds
        )
        output = done.stdout
        why = f"failed with status {done.returncode}" if done.returncode else ""
    except subprocess.TimeoutExpired as err:
        output = (err.stdout or b"").decode()
        why = f"took longer than {sizes().limit_seconds} s"
    lines = [json.loads(line.removeprefix(MARK)) for line in output.splitlines() if line.startswith(MARK)]
    if not lines and not why:
        why = f"measured nothing for {prefix}"
    say(f"  {stem}: {len(lines)} measures in {time.monotonic() - start:.0f} s")
    return lines, why


def _prefix(stem: str, only: str) -> str:
    """What the keys that are wanted of a file begin with."""
    keys = KEYS.get(stem, stem)
    return only if only.startswith(keys) else keys


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default=os.environ.get("ONLY", ""), help="a file, or the beginning of a key")
    parser.add_argument("--full", action="store_true", default=bool(os.environ.get("FULL")), help="large sizes")
    return parser.parse_args()


def _table(lines: list[Line]) -> str:
    head = ["measure", "value", "unit", "against", "ratio", "goal", "", "held against"]
    rows = [head, *(_row(line) for line in lines)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n" + "\n".join(_coloured(line) for line in text) + "\n"


def _row(line: Line) -> list[str]:
    result = line["result"]
    numbers = [
        f"{result[name]:,.4g}" if result[name] < 1000 else f"{result[name]:,.0f}" for name in ("value", "against")
    ]
    verdict = "met" if result["met"] else "MISSED"
    ratio = f"{result['ratio']:.3g} x"
    return [line["key"], numbers[0], result["unit"], numbers[1], ratio, result["goal"], verdict, line["peer"]]


def _coloured(text: str) -> str:
    return text.replace("MISSED", f"{RED}MISSED{PLAIN}").replace("  met ", f"  {GREEN}met{PLAIN} ")


if __name__ == "__main__":
    sys.exit(main())
