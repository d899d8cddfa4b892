"""Lines over days as the charts of pages read them: `static/lines.js` draws what is written here."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: what its caption finds, what it is called by who hears it, and its lines."""

    key: str
    label: str
    caption: str
    lines: list[dict[str, Any]]
    marks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """For the page's JSON."""
        return {"lines": self.lines, "marks": self.marks}


def line(
    name: str,
    days: Sequence[date],
    values: Iterable[float],
    *,
    form: str = "percent",
    tone: str = "accent-mark",
    area: bool = False,
) -> dict[str, Any]:
    """A line of [epoch, value]; what is not known is left out. `tone` is a colour token of the look."""
    points = [[epoch(on), round(value, 8)] for on, value in zip(days, values, strict=True) if not math.isnan(value)]
    return {"name": name, "form": form, "tone": tone, "area": area, "points": points}


def mark(on: date, *, is_in: bool, text: str) -> dict[str, Any]:
    """A mark at a line's point: what came in lies below it, what went out above."""
    return {"time": epoch(on), "in": is_in, "text": text}


def epoch(on: date) -> int:
    """The day's midnight in UTC, in seconds."""
    return int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp())
