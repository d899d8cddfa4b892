"""States of indicators as they are stored: one row of float8 an instrument, its windows oldest first."""

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from apps.market.columns import Floats
from apps.market.indicators.running import TALL, State

RINGS = [name for name in TALL if name != "sums"]
HEIGHTS = {field.name: TALL.get(field.name, 1) for field in fields(State) if field.name != "at"}
WIDTH = 8 * sum(HEIGHTS.values())  # bytes of one instrument
AT = math.lcm(*(TALL[name] for name in RINGS)) - 1  # there every ring ends where its array ends


def packed(state: State) -> list[bytes]:
    """A row an instrument."""
    table = np.vstack([_oldest_first(state, name) for name in HEIGHTS])
    return [row.tobytes() for row in np.ascontiguousarray(table.T, dtype="<f8")]


def unpacked(rows: Sequence[bytes]) -> State:
    """The state of which those are the rows, ready for the next step; each is WIDTH bytes long."""
    table = np.frombuffer(b"".join(rows), dtype="<f8").reshape(len(rows), WIDTH // 8).T
    values: dict[str, Any] = {}
    for (name, height), end in zip(HEIGHTS.items(), np.cumsum(list(HEIGHTS.values())), strict=True):
        part = np.array(table[end - height : end])
        values[name] = part if name in TALL else part[0]
    values["count"] = values["count"].astype("i8")
    return State(**values, at=AT)


def _oldest_first(state: State, name: str) -> Floats:
    values: Floats = np.atleast_2d(getattr(state, name))
    if name not in RINGS:
        return values
    length = TALL[name]
    ordered: Floats = values[(state.at - np.arange(length)[::-1]) % length]
    return ordered
