"""A trail as it is read: sections of lines for people, and the same as data that anybody can recompute."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from apps.portfolio.trail.tree import Kind, Number, Op, Source, Step

INLINE = 6  # so many inputs are one line of arithmetic


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a section: how it was made in one line, else the number of the section that says it.

    `inputs` are what it was made of, as far as it has a source that its name does not tell.
    """

    name: str
    value: Number
    unit: str
    made_of: str
    source: Source | None
    section: int | None = None
    inputs: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One step with its parts, in words and in lines."""

    number: int
    name: str
    rule: str
    words: str
    value: Number
    unit: str
    lines: tuple[Line, ...]


RULES = {
    Op.SUM: "Sum of the lines",
    Op.LESS: "The first line without the others",
    Op.MINUS: "The line with the other sign",
    Op.TIMES: "Product of the lines",
    Op.OVER: "The first line over the second",
    Op.GROWTH: "The first line over the second, less one",
    Op.LINK: "Linked: the product of one with each line, less one",
    Op.POWER: "The first line to the power of the second",
    Op.MEAN: "Mean of the lines",
    Op.DEVIATION: "Sample standard deviation of the lines",
    Op.DOWNSIDE: "Root of the mean square of the lines below nothing, over all lines",
    Op.QUANTILE: "The quantile of the lines at the first of them, linear between neighbours",
    Op.COVARIANCE: "Sample covariance of the first half of the lines with the second",
    Op.CORRELATION: "Correlation of the first half of the lines with the second",
    Op.POOL: "Running pool: what comes adds units and cost, what leaves takes its share of the cost",
    Op.XIRR: "The yearly rate at which the lines are worth nothing on the first of their days, actual/365",
}
TOLD = frozenset({Kind.PRICE, Kind.RATE, Kind.SPLIT, Kind.FIGURE})
SIGNS = {Op.SUM: " + ", Op.LESS: " − ", Op.TIMES: " × ", Op.OVER: " ÷ "}


def sections(root: Step) -> list[Section]:
    """The figure first, then each step that its lines name, in the order of their numbers."""
    waiting, numbers = [root], {id(root): 1}
    found: list[Section] = []
    for place, one in enumerate(_growing(waiting), start=1):
        lines = tuple(_line(part, waiting, numbers) for part in one.parts)
        found.append(Section(place, one.name, RULES.get(one.op, ""), one.words, one.value, one.unit, lines))
    return found


def _line(part: Step, waiting: list[Step], numbers: dict[int, int]) -> Line:
    if not part.parts or is_inline(part):
        inputs = tuple(one for one in _leaves(part) if one.source and one.source.kind in TOLD) if part.parts else ()
        return Line(part.name, part.value, part.unit, _said(part) if part.parts else "", part.source, inputs=inputs)
    if id(part) not in numbers:
        waiting.append(part)
        numbers[id(part)] = len(waiting)
    return Line(part.name, part.value, part.unit, "", part.source, numbers[id(part)])


def is_inline(one: Step) -> bool:
    """Whether it is said in one line."""
    if one.parts and one.op not in {*SIGNS, Op.MINUS, Op.GROWTH}:
        return False
    return all(map(is_inline, one.parts)) and len(_leaves(one)) <= INLINE


def as_data(root: Step) -> list[dict[str, object]]:
    """Steps, each after its parts: `op` over the values of the steps named in `of`; numbers as text."""
    found: list[dict[str, object]] = []
    _append(root, found, {})
    return found


def _append(one: Step, found: list[dict[str, object]], places: dict[int, int]) -> int:
    if id(one) in places:
        return places[id(one)]
    of = [_append(part, found, places) for part in one.parts]
    entry: dict[str, object] = {"op": one.op.value, "name": one.name, "value": exact(one.value), "unit": one.unit}
    entry |= {"of": of} if of else {}
    found.append(entry | (_origin(one.source) if one.source else {}))
    places[id(one)] = len(found) - 1
    return places[id(one)]


def _origin(source: Source) -> dict[str, object]:
    said = {
        "from": source.kind.value,
        "on": source.on.isoformat() if source.on else "",
        "said_by": source.said_by,
        "age": source.age,
        "key": source.key,
        "figure": source.figure,
        "words": source.words,
    }
    return {name: value for name, value in said.items() if value}


def exact(value: Number) -> str:
    """Every digit that the value has."""
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def _growing[Item](items: list[Item]) -> Iterator[Item]:
    place = 0
    while place < len(items):
        yield items[place]
        place += 1


def _leaves(one: Step) -> list[Step]:
    return [leaf for part in one.parts for leaf in _leaves(part)] if one.parts else [one]


def _said(one: Step) -> str:
    """`100 × 95.5 + 9.95`: inner operations in brackets where they need them."""
    if not one.parts:
        return shown(one.value)
    inner = [_bracketed(part, one, is_first=not place) for place, part in enumerate(one.parts)]
    if one.op is Op.MINUS:
        return f"−{inner[0]}"
    return f"{inner[0]} ÷ {inner[1]} − 1" if one.op is Op.GROWTH else SIGNS[one.op].join(inner)


def _bracketed(part: Step, whole: Step, *, is_first: bool) -> str:
    """A product in a sum needs none, nor a sum in a sum, nor what the whole begins with in its own kind."""
    said = _said(part)
    if len(part.parts) < 2 or (part.op is whole.op and (is_first or whole.op in {Op.SUM, Op.TIMES})):
        return said if part.op is not Op.MINUS or is_first else f"({said})"
    return said if part.op in {Op.TIMES, Op.OVER} and whole.op in {Op.SUM, Op.LESS} else f"({said})"


def shown(value: Number) -> str:
    """At most twelve digits after the point, without zeros at the end; a true minus."""
    text = f"{value:,.12f}".rstrip("0").rstrip(".") if value else "0"
    return text.replace("-", "−")


__all__ = ["Kind", "Line", "Section", "as_data", "exact", "is_inline", "sections", "shown"]
