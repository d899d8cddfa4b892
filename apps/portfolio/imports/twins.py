"""Rows that are there already: counted, not set. n equal rows of a file against m of a ledger are max(0, n - m) new."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sameness:
    """What makes two rows equal, and the broker's own reference of it ("" without one)."""

    content: Hashable
    reference: str = ""


@dataclass(slots=True)
class _Stock:
    """Rows of one content in the ledger: by reference, and those without one."""

    named: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0


def twins_among(rows: Sequence[Sameness], ledger: Iterable[Sameness]) -> list[bool]:
    """For each row of the file, in order, whether the ledger holds it already.

    A reference found again decides first. Rows with two different references are two rows, however alike; a row without
    one is the twin of any other that is left.
    """
    stocks: defaultdict[Hashable, _Stock] = defaultdict(_Stock)
    for one in ledger:
        if one.reference:
            stocks[one.content].named[one.reference] += 1
        else:
            stocks[one.content].unnamed += 1
    found = [_take_named(stocks, one) for one in rows]
    for place, one in enumerate(rows):
        found[place] = found[place] or _take_any(stocks, one)
    return found


def _take_named(stocks: dict[Hashable, _Stock], one: Sameness) -> bool:
    stock = stocks.get(one.content)
    if stock is None or not one.reference or not stock.named[one.reference]:
        return False
    stock.named[one.reference] -= 1
    return True


def _take_any(stocks: dict[Hashable, _Stock], one: Sameness) -> bool:
    stock = stocks.get(one.content)
    if stock is None:
        return False
    if stock.unnamed:
        stock.unnamed -= 1
        return True
    left = next((name for name, count in stock.named.items() if count), None)
    if one.reference or left is None:
        return False
    stock.named[left] -= 1
    return True
