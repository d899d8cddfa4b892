"""Small SVG charts: data in, a string out; every text has its own font attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

INK, MUTED, LINE, ACCENT, UP, DOWN = "#14202e", "#5b6775", "#c9d0d8", "#1f5fa8", "#1b7f66", "#c2452d"
FONT = 'font-family="Inter, DejaVu Sans, sans-serif"'
ROW, GAP, GUTTER = 15.0, 4.0, 26.0
SMALLEST = 1e-9  # what differs by less is one height


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart, oldest value first."""

    name: str
    values: tuple[float, ...]
    color: str = ACCENT
    width: float = 1.4


def contribution_bars(rows: Sequence[tuple[str, float, str]], width: float = 520) -> str:
    """Bars from a strong zero line, in the order given; each row is name, value and its figure in words."""
    height = len(rows) * (ROW + GAP)
    low, high = min([0.0, *(value for _, value, _ in rows)]), max([0.0, *(value for _, value, _ in rows)])
    left, right = 62.0, width - 84
    scale = (right - left) / max(high - low, SMALLEST)
    zero = left - low * scale
    parts = [_bar(place, row, zero, scale, width) for place, row in enumerate(rows)]
    parts.append(f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{height:.1f}" stroke="{INK}" stroke-width="1.2"/>')
    return _svg(width, height, parts)


def line_chart(series: Sequence[Series], first: str, last: str, width: float = 520, height: float = 128) -> str:
    """Lines on one scale with a few round grid lines; each line is named at its end."""
    values = [value for line in series for value in line.values]
    low, high = min(values), max(values)
    room = max((high - low) * 0.06, SMALLEST)
    low, high = low - room, high + room
    plot, foot = width - 104, height - 16
    rise = foot / (high - low)
    parts = [_grid(level, foot - (level - low) * rise, plot) for level in _levels(low, high)]
    ends = _spread([foot - (line.values[-1] - low) * rise for line in series], 11.0)
    for line, end in zip(series, ends, strict=True):
        points = _points(line.values, plot, foot, low, rise, left=GUTTER)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{line.color}" stroke-width="{line.width}"/>')
        label = f"{line.name} {line.values[-1]:.1f}"
        parts.append(_text(plot + 6, end + 3, label, size=8, color=line.color, weight=600))
    parts.append(_text(GUTTER, height - 3, first, size=8))
    parts.append(_text(plot, height - 3, last, size=8, anchor="end"))
    return _svg(width, height, parts)


def sparkline(values: Sequence[float], width: float = 74, height: float = 14) -> str:
    """The course of the values without axes; empty for fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    rise = (height - 2) / max(high - low, SMALLEST)
    points = _points(values, width, height - 1, low, rise)
    line = f'<polyline points="{points}" fill="none" stroke="{ACCENT}" stroke-width="0.9"/>'
    return _svg(width, height, [line])


def _bar(place: int, row: tuple[str, float, str], zero: float, scale: float, width: float) -> str:
    name, value, words = row
    top, length = place * (ROW + GAP) + GAP / 2, abs(value) * scale
    start = zero - length if value < 0 else zero
    middle = top + ROW / 2 + 3
    return (
        _text(0, middle, name, color=INK, weight=600)
        + f'<rect x="{start:.1f}" y="{top + 2:.1f}" width="{length:.1f}" height="{ROW - 4}" '
        + f'fill="{DOWN if value < 0 else UP}"/>'
        + _text(width, middle, words, color=INK, anchor="end")
    )


def _grid(level: float, y: float, width: float) -> str:
    line = f'<line x1="{GUTTER:g}" x2="{width:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LINE}" stroke-width="0.5"/>'
    return line + _text(GUTTER - 5, y + 2.5, f"{level:g}", size=7, anchor="end")


def _levels(low: float, high: float) -> list[float]:
    """Two to five round numbers between the two."""
    step = next((s for s in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500) if (high - low) / s <= 4), 1000)
    first = int(low // step) + 1
    return [place * step for place in range(first, int(high // step) + 1)]


def _points(values: Sequence[float], width: float, foot: float, low: float, rise: float, left: float = 0) -> str:
    step = (width - left) / max(len(values) - 1, 1)
    return " ".join(
        f"{left + place * step:.1f},{foot - (value - low) * rise:.1f}" for place, value in enumerate(values)
    )


def _spread(ends: Sequence[float], room: float) -> list[float]:
    """Labels keep their order and at least `room` between them."""
    placed: dict[int, float] = {}
    lowest = float("-inf")
    for place in sorted(range(len(ends)), key=ends.__getitem__):
        lowest = placed[place] = max(ends[place], lowest + room)
    return [placed[place] for place in range(len(ends))]


def _text(
    x: float, y: float, words: str, *, size: float = 9, color: str = MUTED, anchor: str = "start", weight: int = 400
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {FONT} font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{color}">{escape(words)}</text>'
    )


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}">{"".join(parts)}</svg>'
    )
