"""How things are measured: ours and its peer in alternate rounds of one run, after a warm-up, by their medians."""

import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True)
class Goal:
    """What a measure must reach: a bound of its ratio, or of its value."""

    of: Literal["ratio", "value"]
    sense: Literal["<=", ">="]
    bound: float

    def __str__(self) -> str:
        return f"{self.of} {self.sense} {self.bound:g}"

    def is_met(self, number: float) -> bool:
        """The bound itself is good enough."""
        return number <= self.bound if self.sense == "<=" else number >= self.bound


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of ours and the figure that it is held against, both in `unit`; `peer` says what that is."""

    key: str
    value: float
    unit: str
    against: float
    peer: str
    goal: Goal

    @property
    def ratio(self) -> float:
        """Ours over the peer's."""
        return self.value / self.against if self.against else math.inf

    @property
    def is_met(self) -> bool:
        """Judged on the exact figures, not on those printed."""
        return self.goal.is_met(self.ratio if self.goal.of == "ratio" else self.value)

    def as_result(self) -> dict[str, object]:
        """The entry of results.json."""
        shown = {name: _rounded(number) for name, number in (("value", self.value), ("against", self.against))}
        return {
            "value": shown["value"],
            "unit": self.unit,
            "against": shown["against"],
            "ratio": _rounded(self.ratio),
            "goal": str(self.goal),
            "met": self.is_met,
        }

    def as_line(self) -> dict[str, object]:
        """What a file's process hands back: the entry, its key and the peer's name for the table."""
        return {"key": self.key, "peer": self.peer, "result": self.as_result()}


def alternate[Sample](ways: Sequence[Callable[[], Sample]], rounds: int) -> list[list[Sample]]:
    """Samples of each way. Every way runs once unmeasured; then they take turns, in turned order every other round."""
    for way in ways:
        way()
    samples: list[list[Sample]] = [[] for _ in ways]
    for number in range(rounds):
        order = range(len(ways)) if number % 2 == 0 else reversed(range(len(ways)))
        for place in order:
            samples[place].append(ways[place]())
    return samples


def seconds_a_call(ways: Sequence[Callable[[], object]], *, rounds: int, calls: int) -> list[float]:
    """Median over the rounds of each way's mean seconds a call."""

    def timed(way: Callable[[], object]) -> Callable[[], float]:
        def run() -> float:
            start = time.perf_counter()
            for _ in range(calls):
                way()
            return (time.perf_counter() - start) / calls

        return run

    with without_collector():
        return [median(samples) for samples in alternate([timed(way) for way in ways], rounds)]


@contextmanager
def without_collector() -> Iterator[None]:
    """The garbage collector would fall on one way or the other by chance."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: the smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _rounded(number: float) -> float:
    """Four digits that mean something."""
    return float(f"{number:.4g}") if math.isfinite(number) else number
