"""Which rows of a file would take out more than is held, counted with the ledger that they come to."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from apps.portfolio.movements import UNITS_OUT, Row
from apps.portfolio.splits import Split, weight

type Moment = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Oversell:
    """A row of the file and what was held at its moment, in the units of its day."""

    key: Hashable
    held: Fraction


def oversells(
    rows: Iterable[Row], ledger: Iterable[Row], splits: Mapping[Hashable, Sequence[Split]]
) -> dict[Hashable, Oversell]:
    """Rows of the file, by key, without which no day of any instrument takes out more than it holds.

    A new row may make one of the ledger's impossible, later: then the file's latest before it is named.
    """
    held: defaultdict[Hashable, list[tuple[Row, bool]]] = defaultdict(list)
    for found, is_new in ((rows, True), (ledger, False)):
        for row in found:
            if row.moves_units:
                held[row.instrument].append((row, is_new))
    named: dict[Hashable, Oversell] = {}
    for instrument, movements in held.items():
        if any(is_new for _, is_new in movements):
            movements.sort(key=lambda one: (one[0].moment, one[0].kind in UNITS_OUT))
            named |= _of_one(movements, splits.get(instrument, ()))
    return named


def _of_one(movements: Sequence[tuple[Row, bool]], splits: Sequence[Split]) -> dict[Hashable, Oversell]:
    units = Fraction(0)
    taken: list[tuple[Row, Fraction]] = []  # by rows of the file, latest last
    named: dict[Hashable, Oversell] = {}
    for row, is_new in movements:
        scale = weight(row.on, splits)
        moved = Fraction(row.quantity or 0) * scale
        if row.kind not in UNITS_OUT:
            units += moved
            continue
        if moved > units and is_new:
            named[row.key] = Oversell(row.key, units / scale)
            continue
        units -= moved
        if is_new:
            taken.append((row, moved))
        while units < 0 and taken:
            culprit, back = taken.pop()
            units += back
            named[culprit.key] = Oversell(culprit.key, Fraction(0))
    return named
