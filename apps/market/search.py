"""Type-ahead over a whole universe in memory: exact symbols, prefixes of symbols and names, one typo.

Built once from (key, symbol, name) rows; a question is a few dictionary look-ups and a bisection.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

MOST = 20
COMMON, LONGEST_COMMON = 100, 5  # a prefix (of so many letters) that more begin with is answered from a table
TYPO_LENGTH = 4  # shorter words have too many neighbours for a guess to mean anything
# Words that say what form a firm has, not which firm it is.
FORMS = frozenset(
    "the inc incorporated corp corporation co company companies ltd limited plc sa nv ag se lp llc llp group holding "
    "holdings trust class common stock ordinary shares reit etf fund com".split()
)
LONGEST = 15  # of symbols
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-=^")
_SEPARATORS = re.compile(r"[^0-9a-z&]+")


class SymbolError(Exception):
    """No source can know such a symbol; the message says why."""


def clean_symbol(text: str) -> str:
    """The symbol as sources write it. Raises SymbolError with the reason for what no source can know."""
    if any(unicodedata.category(letter)[0] in "CZ" and letter != " " for letter in text):
        raise SymbolError("It contains invisible characters: type the symbol anew.")
    symbol = text.strip().upper()
    if not symbol:
        raise SymbolError("Type a symbol, like SAP.DE.")
    if len(symbol) > LONGEST:
        raise SymbolError(f"A symbol has at most {LONGEST} characters.")
    if not set(symbol) <= LETTERS:
        raise SymbolError("A symbol has letters A to Z, digits, and . - = ^ only.")
    if not any(letter.isalnum() for letter in symbol) or symbol[0] in ".-=":
        raise SymbolError("A symbol begins with a letter or a digit.")
    return symbol


@dataclass(frozen=True, slots=True)
class Entry:
    """One instrument as search sees it. `weight` orders equals: the smaller, the earlier."""

    key: int
    compact: str
    words: tuple[str, ...]
    core: str
    weight: tuple[int, int, str]


def words_of(text: str) -> tuple[str, ...]:
    """Lower-case words without accents and punctuation; an ampersand stays inside its word (`at&t`)."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return tuple(word for word in (part.strip("&") for part in _SEPARATORS.split(plain)) if word)


def core_of(words: Iterable[str]) -> str:
    """The words of a name that tell which firm it is; all of them when every one says a form only."""
    given = tuple(words)
    return " ".join(word for word in given if word not in FORMS) or " ".join(given)


def near(word: str, other: str) -> bool:
    """True if one inserted, deleted, changed or two swapped neighbouring letters lie between the two."""
    if abs(len(word) - len(other)) > 1:
        return False
    if len(word) > len(other):
        word, other = other, word
    place = next((i for i, letter in enumerate(word) if letter != other[i]), len(word))
    rest, others = word[place:], other[place:]
    if len(word) < len(other):
        return rest == others[1:]
    return rest[1:] == others[1:] or (rest[:2] == others[:2][::-1] and rest[2:] == others[2:])


class SymbolIndex:
    """Answers `find`; never changes after it was built, so threads share it without a lock."""

    def __init__(self, rows: Iterable[tuple[int, str, str, int]]) -> None:
        """Rows of (key, symbol, name, rank among equals: 0 first)."""
        self._entries = [_entry(*row) for row in rows]
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._cores: dict[str, list[int]] = defaultdict(list)
        pairs: list[tuple[str, int]] = []
        for place, entry in enumerate(self._entries):
            self._exact[entry.compact].append(place)
            self._cores[entry.core].append(place)
            pairs += [(word, place) for word in {entry.compact, *entry.words}]
        pairs.sort()
        self._words = [word for word, _ in pairs]
        self._places = [place for _, place in pairs]
        self._neighbours = _neighbours(word for entry in self._entries for word in entry.words)
        self._common = dict(self._answers_to_common_prefixes())

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, query: str, most: int = MOST) -> list[int]:
        """Keys of the best matches (at most MOST), best first; none for a query without letters or digits."""
        words = words_of(query)
        if not words:
            return []
        if len(words) == 1 and words[0] in self._common:
            return self._common[words[0]][:most]
        places = self._candidates(words) or self._candidates(tuple(map(self._corrected, words)))
        return self._ranked(places, words)[:most]

    def _ranked(self, places: Iterable[int], words: tuple[str, ...]) -> list[int]:
        compact, text = _compact(words), core_of(words)
        entries = [self._entries[place] for place in places]
        entries.sort(key=lambda entry: (_rank(entry, compact, text, words[0]), entry.weight))
        return [entry.key for entry in entries]

    def _candidates(self, words: tuple[str, ...]) -> set[int]:
        """The symbol or firm of that very name, and whatever has each word at the beginning of one of its own."""
        named = {*self._exact.get(_compact(words), ()), *self._cores.get(" ".join(words), ())}
        return named | set.intersection(*map(self._beginning_with, words))

    def _beginning_with(self, prefix: str) -> set[int]:
        return set(self._places[bisect_left(self._words, prefix) : bisect_left(self._words, prefix + "\x7f")])

    def _corrected(self, word: str) -> str:
        """An unknown word becomes the known one a typo away that most names have."""
        if len(word) < TYPO_LENGTH or self._beginning_with(word):
            return word
        known = {other for key in _with_deletions(word) for other in self._neighbours.get(key, ())}
        close = [other for other in known if near(word, other)]
        return min(
            close, key=lambda other: (other[0] != word[0], -len(self._beginning_with(other)), other), default=word
        )

    def _answers_to_common_prefixes(self) -> Iterator[tuple[str, list[int]]]:
        """Ranking them when they are typed would sort thousands. Words are in order: equal beginnings lie together."""
        for length in range(1, LONGEST_COMMON + 1):
            for prefix, group in groupby(range(len(self._words)), lambda at: self._words[at][:length]):  # noqa: B023
                found = list(group)
                if len(found) > COMMON and len(prefix) == length:
                    yield prefix, self._ranked({self._places[at] for at in found}, (prefix,))[:MOST]


def _rank(entry: Entry, compact: str, text: str, first: str) -> int:
    """0 the symbol itself, 1 the firm's own name, 2 the symbol begins so, 3 the name, 4 a word of it, 5 a guess."""
    if entry.compact == compact:
        return 0
    if entry.core == text:
        return 1
    if entry.compact.startswith(compact):
        return 2
    if entry.core.startswith(text):
        return 3
    return 4 if any(word.startswith(first) for word in entry.words) else 5


def _compact(words: Iterable[str]) -> str:
    return "".join(words).replace("&", "")


def _entry(key: int, symbol: str, name: str, rank: int) -> Entry:
    words = words_of(name)
    core = core_of(words)
    return Entry(key, _compact(words_of(symbol)), words, core, (rank, core.count(" "), symbol))


def _with_deletions(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _neighbours(words: Iterable[str]) -> dict[str, list[str]]:
    """Every word under each text that is left when one letter is taken away: two words a typo apart share one."""
    neighbours: dict[str, list[str]] = defaultdict(list)
    for word in sorted({word for word in words if len(word) >= TYPO_LENGTH}):
        for key in set(_with_deletions(word)):
            neighbours[key].append(word)
    return neighbours
