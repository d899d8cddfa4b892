"""Splits of an instrument as integer ratios, and which records of them are the same split."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import prod


@dataclass(frozen=True, slots=True)
class Split:
    """From this day on, `denominator` old units are `numerator` new ones; that day's trades are in new units."""

    on: date
    numerator: int
    denominator: int


def splits_without_twins(splits: Sequence[Split], own: Sequence[Split] = ()) -> list[Split]:
    """Ascending. Two records of the same ratio within a day of each other are one split; the earlier day stays.

    A split of one's `own` beats any of another within a day of it.
    """
    told = [split for split in splits if all(abs((split.on - mine.on).days) > 1 for mine in own)]
    kept: list[Split] = []
    for split in sorted([*told, *own], key=lambda s: s.on):
        same = kept and (kept[-1].numerator * split.denominator == split.numerator * kept[-1].denominator)
        if not (same and (split.on - kept[-1].on).days <= 1):
            kept.append(split)
    return kept


def weight(on: date, splits: Sequence[Split]) -> int:
    """Common units in one unit of a day: numerators of the later splits, denominators of the earlier ones."""
    return prod(split.numerator if split.on > on else split.denominator for split in splits)
