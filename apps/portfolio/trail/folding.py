"""Long sums and links shown by the page: what stands before and after it is one subtotal each, and all recomputes."""

from collections.abc import Sequence
from dataclasses import replace

from apps.portfolio.trail.tree import Kind, Op, Source, Step, evaluated, given

PARTS_A_PAGE = 100
ASSOCIATIVE = frozenset({Op.SUM, Op.LINK})


def pages_of(root: Step, size: int = PARTS_A_PAGE) -> int:
    """How many pages its longest sum has."""
    return -(-max(_longest(root), 1) // size)


def folded(root: Step, page: int = 1, size: int = PARTS_A_PAGE) -> Step:
    """The same value, each long sum reduced to the parts of that page and the subtotals around them."""
    return _folded(root, page, size, {})


def _folded(root: Step, page: int, size: int, known: dict[int, Step]) -> Step:
    """A step that is part of several stays one."""
    if id(root) not in known:
        parts = tuple(_folded(part, page, size, known) for part in _cut(root, page, size))
        known[id(root)] = replace(root, parts=parts) if parts else root
    return known[id(root)]


def _cut(root: Step, page: int, size: int) -> Sequence[Step]:
    parts = root.parts
    if root.op is Op.POOL:
        return _pooled(parts, page, size)
    if root.op not in ASSOCIATIVE or len(parts) <= size:
        return parts
    start = min(page - 1, (len(parts) - 1) // size) * size
    before, shown, after = parts[:start], parts[start : start + size], parts[start + size :]
    return [*_subtotal(root, before, "before"), *shown, *_subtotal(root, after, "after")]


def _subtotal(root: Step, parts: Sequence[Step], place: str) -> list[Step]:
    if not parts:
        return []
    source = Source(Kind.FIGURE, words="on the other pages of this trail")
    return [given(f"{len(parts):,} lines {place}", evaluated(root.op, parts), parts[0].unit, source)]


def _pooled(parts: Sequence[Step], page: int, size: int) -> Sequence[Step]:
    """A pool up to some row is one inflow of what it then held: pages go back from the newest rows."""
    pairs = len(parts) // 2
    kept = min(page * size, pairs)
    if pairs <= size or kept == pairs:
        return parts
    before = parts[: 2 * (pairs - kept)]
    source = Source(Kind.FIGURE, words="on the other pages of this trail")
    units = given(f"{pairs - kept:,} rows before", evaluated(Op.SUM, before[::2]), before[0].unit, source)
    return [units, given("Pool before", evaluated(Op.POOL, before), before[1].unit, source), *parts[-2 * kept :]]


def _longest(root: Step) -> int:
    own = len(root.parts) // 2 if root.op is Op.POOL else len(root.parts) if root.op in ASSOCIATIVE else 0
    return max([own, *map(_longest, root.parts)])
