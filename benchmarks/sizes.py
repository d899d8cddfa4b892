"""How much data and load a run uses: sizes that end in minutes, or with FULL=1 those of a large installation."""

import os
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows, members and clients of one run."""

    instruments: int
    watched: int
    sessions: int
    members: int
    sockets: int
    ticks: int
    rounds: int
    organizations: int  # beside each other
    ingested: int
    grown_bars: int
    limit_seconds: int  # of one file


SMALL = Sizes(
    instruments=10_000,
    watched=50,
    sessions=200,
    members=64,
    sockets=50,
    ticks=100,
    rounds=9,
    organizations=100,
    ingested=250_000,
    grown_bars=10_000_000,
    limit_seconds=300,
)
LARGE = Sizes(
    instruments=100_000,
    watched=50,
    sessions=1_250,
    members=64,
    sockets=500,
    ticks=150,
    rounds=21,
    organizations=1_000,
    ingested=1_000_000,
    grown_bars=40_000_000,
    limit_seconds=1_800,
)


@cache
def sizes() -> Sizes:
    """Those of this run."""
    return LARGE if os.environ.get("FULL") else SMALL
