"""Runs one file of benchmarks in a process of its own: `python -m benchmarks.child live [live.some_key]`."""

import importlib
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping

import django

from benchmarks.measure import Measure

type Benchmarks = Mapping[str, Callable[[], Iterable[Measure]]]  # the beginning of its keys -> what measures them

MARK = "measured: "


def main(stem: str, prefix: str) -> int:
    """Hands each measure back as a line. One that fails is told, and the others go on."""
    django.setup()
    benchmarks: Benchmarks = importlib.import_module(f"benchmarks.{stem}").BENCHMARKS
    chosen = [run for key, run in benchmarks.items() if key.startswith(prefix) or prefix.startswith(key)]
    return max([_run(run, prefix) for run in chosen], default=0)


def _run(run: Callable[[], Iterable[Measure]], prefix: str) -> int:
    try:
        for measure in run():
            if measure.key.startswith(prefix):
                print(MARK + json.dumps(measure.as_line()), flush=True)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
