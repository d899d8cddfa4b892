"""Which headlines tell the same story: equal titles, and titles that are nearly equal within two days."""

import hashlib
import html
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from rapidfuzz import fuzz

WINDOW = timedelta(days=2)
SAME = 70.0  # of 100, words in order of the alphabet (docs/decisions/0019)
_WORD = re.compile(r"[\w&%$.+]+")
_OPENING = re.compile(r"^(?:(?:update|exclusive|breaking|market chatter|analysis|correct(?:ed|ion)):\s*)+", re.I)
_CLOSING = re.compile(r"['\"’”]?\s*(?:\(updated\)|\s[-–|]\s?(?:[A-Z][\w.&']*\s?){1,4})$")
_NUMBER = re.compile(r"\d")
_RISES = frozenset(
    "advance advances climb climbs gain gaining gains higher jump jumps outperforms rally rise rises soars surge "
    "surges up".split()
)
_FALLS = frozenset(
    "decline declines dip dips down drop drops fall falling falls lower plunge plunges sinks slide slides slips "
    "underperforms".split()
)
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())


class Telling(NamedTuple):
    """A headline: its key, when it was published, and the companies it is about."""

    key: int
    title: str
    at: datetime
    about: frozenset[int]


class _Lead(NamedTuple):
    telling: Telling
    words: frozenset[str]
    text: str


def normal_title(title: str) -> str:
    """Lower-case words without quotes, without "Update:" before and the publisher's name behind."""
    plain = html.unescape(title).strip().strip("'\"‘’“”").strip()
    plain = _CLOSING.sub("", _OPENING.sub("", plain)).replace("’", "'").replace("'", "")
    return " ".join(word.strip(".") for word in _WORD.findall(plain.lower()) if word.strip("."))


def title_hash(title: str) -> str:
    """Equal for titles that differ in case, punctuation and trimmings only."""
    return hashlib.sha256(normal_title(title).encode()).hexdigest()


def leads(tellings: Iterable[Telling], known: Collection[Telling] = ()) -> dict[int, int]:
    """Key of each telling -> key of the first telling of its story, itself where it is the first.

    A telling joins the story whose first telling it is most like, among those about one of its companies that began in
    the two days before; so the past never changes with what comes later, and the order of the arguments means nothing.
    `known` are first tellings that stay so. Time: tellings times the stories of a company in two days.
    """
    fixed = {telling.key for telling in known}
    found: dict[int, int] = {}
    stories: dict[int, list[_Lead]] = defaultdict(list)
    for told in sorted(map(_read, (*tellings, *known)), key=_order):
        lead = None if told.telling.key in fixed else _nearest(told, stories)
        found[told.telling.key] = (lead or told).telling.key
        if lead is None:
            for company in told.telling.about:
                stories[company].append(told)
    return {key: lead for key, lead in found.items() if key not in fixed}


def _order(told: _Lead) -> tuple[datetime, str, int]:
    return told.telling.at, told.text, told.telling.key


def _read(telling: Telling) -> _Lead:
    words = normal_title(telling.title).split()
    return _Lead(telling, frozenset(words), " ".join(sorted(words)))


def _nearest(told: _Lead, stories: dict[int, list[_Lead]]) -> _Lead | None:
    """Of equally near ones the earliest."""
    since = told.telling.at - WINDOW
    near = {
        lead.telling.key: lead
        for company in told.telling.about
        for lead in stories[company]
        if lead.telling.at >= since and not _contradict(told.words, lead.words)
    }
    rated = [(fuzz.ratio(told.text, lead.text, score_cutoff=SAME), lead) for lead in near.values()]
    alike = [(-ratio, lead.telling.at, lead.text, lead) for ratio, lead in rated if ratio]
    return min(alike)[-1] if alike else None


def _contradict(one: frozenset[str], other: frozenset[str]) -> bool:
    """Up here and down there, other numbers, another day: alike in words, and not the same."""
    if (one & _RISES and other & _FALLS) or (one & _FALLS and other & _RISES):
        return True
    numbers = [{word for word in words if _NUMBER.search(word)} for words in (one, other)]
    if all(numbers) and not numbers[0] & numbers[1]:
        return True
    return bool(one & _DAYS) and bool(other & _DAYS) and one & _DAYS != other & _DAYS
