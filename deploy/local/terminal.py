"""What the person at the terminal reads: short lines, and one clear line when something is wrong."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

DIM, BOLD, RED, GREEN, PLAIN = (
    ("\033[2m", "\033[1m", "\033[31m", "\033[32m", "\033[0m")
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ
    else ("", "", "", "", "")
)


class StopError(Exception):
    """Something the person must change; its text is the one line that they read."""


def say(text: str) -> None:
    print(text, flush=True)


def fail(text: str) -> int:
    print(f"{RED}✗{PLAIN} {text}", file=sys.stderr, flush=True)
    return 1


@contextmanager
def step(text: str) -> Iterator[None]:
    """Announces a step, and how long it took when it was long enough to wonder."""
    say(f"{DIM}·{PLAIN} {text}")
    start = time.monotonic()
    yield
    if (seconds := time.monotonic() - start) >= 5:
        say(f"{DIM}  {seconds:.0f} s{PLAIN}")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned by their longest cell, two spaces apart."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
