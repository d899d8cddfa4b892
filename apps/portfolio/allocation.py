"""How a book's value and its return are spread over groups: weights sum to one, parts to the whole return."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from apps.portfolio.lots import LEDGER, ZERO

UNKNOWN = "Not known"


@dataclass(frozen=True, slots=True)
class Share:
    """One thing of a book: its value in base currency (None: no price) and its part of a period's return."""

    key: Hashable
    value: Decimal | None
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """Shares under one name; `weight` is of the value of the whole book, None where that is nothing."""

    name: str
    value: Decimal
    weight: float | None
    part: float
    count: int


def grouped(shares: Iterable[tuple[Share, Iterable[str]]]) -> list[Group]:
    """The groups by value, the largest first, what has no name at the end.

    A share of several names counts in each of them, so that weights of tags may sum to more than one; a share without
    a name is not known. A share without a value has no weight, but its part of the return counts.
    """
    found: dict[str, list[Share]] = defaultdict(list)
    whole = ZERO
    with localcontext(LEDGER):
        for share, names in shares:
            whole += share.value or ZERO
            for name in list(names) or [UNKNOWN]:
                found[name or UNKNOWN].append(share)
        groups = [_group(name, members, whole) for name, members in found.items()]
    return sorted(groups, key=lambda group: (group.name == UNKNOWN, -group.value, group.name))


def concentration(weights: Iterable[float]) -> float | None:
    """How many equal positions would be spread as these are: one over the sum of squared shares of their sum
    (Herfindahl); None for nothing."""
    known = list(weights)
    squares = sum(weight * weight for weight in known)
    return sum(known) ** 2 / squares if squares else None


def _group(name: str, members: list[Share], whole: Decimal) -> Group:
    value = sum((share.value or ZERO for share in members), ZERO)
    held = sum(bool(share.value) for share in members)
    return Group(name, value, float(value / whole) if whole else None, sum(share.part for share in members), held)
