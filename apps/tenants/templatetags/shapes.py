"""Numbers as SVG geometry: templates place marks and never compute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django import template

from apps.tenants.templatetags.numbers import Shown, decimal_of

register = template.Library()


@register.filter
def magnitude(value: Shown) -> str:
    """The size without its sign, as a plain number for an attribute; 0 if there is none."""
    return f"{abs(decimal_of(value) or Decimal(0)):.6f}"


@register.filter
def coordinate(value: Shown) -> str:
    """A plain number for an attribute, sign kept; 0 if there is none."""
    return f"{decimal_of(value) or Decimal(0):.4f}"


@register.filter
def tenths(value: Shown) -> str:
    """The shade of a cell by a number from -1 to 1: `p7` for 0.7, `n3` for -0.3; nothing if there is none."""
    number = decimal_of(value)
    return "" if number is None else f"{'n' if number < 0 else 'p'}{min(9, int(abs(number) * 10))}"


@register.filter
def peak(rows: Iterable[object], name: str) -> str:
    """The largest size of attribute or key `name` over `rows`: the common scale of a bar list; 1 without one."""
    found = (row.get(name) if isinstance(row, Mapping) else getattr(row, name, None) for row in rows)
    sizes = [abs(number) for number in map(decimal_of, found) if number]
    return f"{max(sizes, default=Decimal(1)):.6f}"


@register.filter
def polyline(values: Sequence[float], box: str = "96x22") -> str:
    """The points of a line through `values` that fills a box of width x height; a flat line runs in the middle."""
    return next(iter(polylines([values], box)), "")


@register.filter
def polylines(lines: Sequence[Sequence[float]], box: str) -> list[str]:
    """As `polyline`, for several on one scale; lines of fewer than two values are left out."""
    width, height = (float(side) for side in box.split("x"))
    drawn = [values for values in lines if len(values) > 1]
    low, high = min(map(min, drawn), default=0.0), max(map(max, drawn), default=0.0)
    scale = (height - 2) / (high - low) if high > low else 0.0
    base = height - 1 if scale else height / 2
    return [
        " ".join(
            f"{place * width / (len(values) - 1):.1f},{base - (value - low) * scale:.1f}"
            for place, value in enumerate(values)
        )
        for values in drawn
    ]
