"""Bars that jump: more than 60 % needs a known split, or the next session of the same answer to bear it out."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from apps.market.columns import Bars, Mask
from apps.market.models import Quarantine
from apps.market.services.quarantine import ABSURD, LEAST, MOST, Splits, Suspect, is_believable, jump_words

REFERENCE = """
SELECT i.id, b."on", b.close
FROM unnest(%s::int[], %s::date[]) AS i(id, first_on)
CROSS JOIN LATERAL (SELECT "on", close FROM market_bar
                    WHERE instrument_id = i.id AND "on" <= i.first_on ORDER BY "on" DESC LIMIT 1) b
"""
STORED = 'SELECT "on", close FROM market_bar WHERE instrument_id = %s AND "on" BETWEEN %s AND %s'

type Reference = tuple[date, float]  # a stored session and its close


def believed_bars(bars: Bars, stored: Sequence[int]) -> tuple[Mask, list[Suspect]]:
    """Which of these (possible, in order) may enter, and what of the others is put aside. `stored`: who has bars.

    A stored session that is told anew at another size keeps its whole instrument out: good data are not overwritten.
    """
    starts, references = bars.starts(), _references(bars, stored)
    before = np.empty(len(bars))
    before[1:] = bars.close[:-1]
    before[starts] = [references[key][1] if key in references else np.nan for key in bars.instrument[starts].tolist()]
    ratio = bars.close / before
    jumps = (ratio < LEAST) | (ratio > MOST)
    believed, suspects = np.ones(len(bars), dtype=bool), []
    if jumps.any():
        split = ratio * bars.split_factor
        jumps &= (split < LEAST) | (split > MOST)
    if not jumps.any():
        return believed, []
    ends = np.append(starts[1:], len(bars))
    splits = Splits(np.unique(bars.instrument[jumps]).tolist())
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if jumps[start:end].any():
            judge = _Judge(bars, range(start, end), references.get(int(bars.instrument[start])), splits)
            suspects += judge.suspects
            believed[judge.refused] = False
    return believed, suspects


def bar_suspect(bars: Bars, place: int, reference: float | None, reason: str) -> Suspect:
    """One bar as it is put aside."""
    opened, high, low, close = (float(getattr(bars, name)[place]) for name in ("open", "high", "low", "close"))
    return Suspect(
        instrument_id=int(bars.instrument[place]), kind=Quarantine.Kind.BAR, on=bars.on[place].item(), at=None,
        price=close, previous_close=None, open=opened, high=high, low=low, volume=int(bars.volume[place]),
        basis=bars.basis, source=bars.source, reference=reference, reason=reason,
    )  # fmt: skip


class _Judge:
    """One instrument's bars, from the first to the last, each beside the last one that was believed."""

    def __init__(self, bars: Bars, places: range, reference: Reference | None, splits: Splits) -> None:
        self._bars, self._places, self._splits = bars, places, splits
        self._pk = int(bars.instrument[places[0]])
        self._stored = self._stored_closes()
        self._last = reference
        self.refused: list[int] = []
        self.suspects: list[Suspect] = []
        first = places[0]
        if reference and reference[0] == self._day(first):
            if not self._is_restated(first, reference):
                self.refused = list(places)
                self._suspect(first, reference[1], "history told anew at ")
                return
            self._last = reference[0], float(bars.close[first])
        for place in places:
            if self._is_believed(place):
                self._last = self._day(place), float(bars.close[place])
            elif self._last:
                self.refused.append(place)
                self._suspect(place, self._last[1])

    def _day(self, place: int) -> date:
        day: date = self._bars.on[place].item()
        return day

    def _suspect(self, place: int, reference: float, words: str = "") -> None:
        reason = words + jump_words(float(self._bars.close[place]), reference)
        self.suspects.append(bar_suspect(self._bars, place, reference, reason))

    def _is_restated(self, place: int, reference: Reference) -> bool:
        on, last = reference
        close = float(self._bars.close[place])
        return is_believable(close, last) or self._splits.explain(self._pk, close, last, on, None)

    def _is_believed(self, place: int) -> bool:
        if self._last is None:
            return True
        (last_on, last), on = self._last, self._day(place)
        close, split = float(self._bars.close[place]), float(self._bars.split_factor[place])
        return (
            is_believable(close, last, split)
            or self._stored.get(on) == close
            or self._splits.explain(self._pk, close, last, last_on, on)
            or (on not in self._stored and last / ABSURD < close < last * ABSURD and self._is_borne_out(place, last))
        )

    def _is_borne_out(self, place: int, last: float) -> bool:
        """The next session of the same answer stays there, and does not go back."""
        after = place + 1
        if after not in self._places:
            return False
        close, then, split = (float(v) for v in (*self._bars.close[[place, after]], self._bars.split_factor[after]))
        return is_believable(then, close, split) and not is_believable(then, last)

    def _stored_closes(self) -> dict[date, float]:
        with connection.cursor() as cursor:
            cursor.execute(STORED, [self._pk, self._day(self._places[0]), self._day(self._places[-1])])
            return dict(cursor.fetchall())


def _references(bars: Bars, stored: Sequence[int]) -> dict[int, Reference]:
    """The stored session at or before each instrument's first bar."""
    if not stored:
        return {}
    starts = bars.starts()
    arguments: list[Any] = [bars.instrument[starts].tolist(), bars.on[starts].tolist()]
    with connection.cursor() as cursor:
        cursor.execute(REFERENCE, arguments)
        return {pk: (on, close) for pk, on, close in cursor.fetchall()}
