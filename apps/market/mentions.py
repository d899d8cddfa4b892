"""Which companies a headline is about: by ticker or by name, how sure that is, and why."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parents[2] / "data"
LEGAL = frozenset(
    "ab ads adr ag asa bhd class co com common company corp corporation de group holding holdings inc incorporated "
    "limited llc lp ltd nv oyj plc sa se series share shares spa stock the trust".split()
)
# What follows a company's name and nothing else: "Target Corp", "Gap Inc."
FORMS = frozenset("ab ag corp corporation inc incorporated ltd nv plc sa".split())
# What follows the telling word of a name: Meta Platforms is called Meta.
DESCRIPTORS = frozenset("entertainment motor motors platforms systems technologies technology wholesale".split())
ENOUGH = 0.6  # from here on a headline counts as being about a company
LONGEST = 5  # words of a name that a headline is compared with
_TOKEN = re.compile(r"[A-Za-z0-9&$]+(?:[.'’-][A-Za-z0-9]+)*")
_SYMBOL = r"([A-Z]{1,5}(?:[.-][A-Z]{1,2})?)"
_CASHTAG = re.compile(rf"(?<![A-Za-z0-9$])\${_SYMBOL}(?![A-Za-z0-9])")
_LISTED = re.compile(rf"\b(?:NASDAQ|NYSE(?: American| Arca)?|AMEX|LSE|TSX|XETRA)\s?:\s?{_SYMBOL}\b")
# "Morgan Stanley lifts its target on Broadcom" is about Broadcom.
_RATING = re.compile(
    r"\b(?:PT|price target|coverage|rating|upgrades?|downgrades?|buy|sell|hold|neutral|top pick"
    r"|overweight|underweight|equal[ -]weight|outperform|market perform|bullish|bearish)\b",
    re.IGNORECASE,
)
_JUDGES = frozenset(
    "assumes cuts downgrades hikes initiates keeps lifts lowers maintains raises reaffirms reinstates reiterates "
    "resets resumes says sees stays starts trims upgrades".split()
)
_BARE = re.compile(rf"(?<![\w$.]){_SYMBOL}(?!\w)")
_BRACKETED = re.compile(rf"\({_SYMBOL}\)")


@dataclass(frozen=True, slots=True)
class Company:
    """Whom a headline may be about."""

    key: int
    symbol: str
    name: str


class Match(NamedTuple):
    """How sure it is that a headline is about a company (0 to 1), and why in words."""

    confidence: float
    reason: str


class _Word(NamedTuple):
    """A word of a title as written, without its possessive, and in lower case."""

    written: str
    plain: str
    is_possessive: bool

    @property
    def is_capital(self) -> bool:
        return not self.written[0].islower()


@cache
def _listed(name: str) -> frozenset[str]:
    """The words of a file of the data folder; a line that begins with # is a comment."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    """By symbol: what headlines call a company beside its registered name."""
    rows = (line.split(",") for line in (DATA / "aliases.csv").read_text(encoding="utf-8").splitlines()[1:])
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for symbol, alias in rows:
        found[symbol] += (alias,)
    return found


def words_of(title: str) -> list[_Word]:
    """A title's words; `Amazon.com` is Amazon, `Nvidia's` is Nvidia, `Exclusive-Meta` is two words."""
    found = []
    for token in _TOKEN.findall(title):
        whole = re.sub(r"['’](?:s|S)$", "", token)
        parts = whole.split("-") if "-" in whole else [whole]
        for part in parts:
            plain = part.lower().removesuffix(".com").replace("’", "'")
            if plain:
                found.append(_Word(part, plain, token != whole and part is parts[-1]))
    return found


def core_of(name: str) -> tuple[str, ...]:
    """A registered name in lower case without its article, legal forms and share classes: Apple Inc. is (apple,)."""
    plain = re.sub(r"\b(?:class|series) [a-z]\b", " ", name.lower().replace("’", "'"))
    words = [word.plain.replace(".", "") for word in words_of(plain)]
    while words and words[0] == "the":
        del words[0]
    while len(words) > 1 and (words[-1] in LEGAL or words[-1] in {"&", "and"}):
        del words[-1]
    return tuple(words[:LONGEST])


def called(name: str) -> str:
    """How a headline calls a company, to ask for it: `apple`, but `target corporation`, for target is a word."""
    core = core_of(name)
    if len(core) == 1 and _is_ordinary(core[0]):
        return " ".join(word.plain for word in words_of(name))
    return " ".join(core)


class Directory:
    """Companies by the beginnings of their names; what one title is about is found in the time of its words."""

    def __init__(self, companies: Iterable[Company]) -> None:
        self._symbols: dict[str, list[Company]] = defaultdict(list)
        self._cores: dict[tuple[str, ...], list[Company]] = defaultdict(list)
        self._starts: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
        for company in companies:
            self._symbols[company.symbol].append(company)
            for core in dict.fromkeys([core_of(company.name), *map(core_of, _aliases().get(company.symbol, ()))]):
                if core:
                    self._cores[core].append(company)
                    for length in range(1, len(core) + 1):
                        self._starts[core[:length]].add(core)

    def about(self, title: str, tags: Collection[str] = ()) -> dict[int, Match]:
        """Key of each company that the title is about, and why.

        A tag of the source says nothing alone; it decides where a name is an ordinary word too (Target, Gap).
        """
        best: dict[int, Match] = {}
        for company, match in (*self._by_ticker(title, tags), *self._by_name(title, tags)):
            if match.confidence >= ENOUGH and match > best.get(company.key, Match(0, "")):
                best[company.key] = match
        return best

    def _by_ticker(self, title: str, tags: Collection[str]) -> Iterator[tuple[Company, Match]]:
        for symbol, match in _tickers(title, tags):
            for company in self._symbols.get(symbol.replace(".", "-"), ()):
                yield company, match

    def _by_name(self, title: str, tags: Collection[str]) -> Iterator[tuple[Company, Match]]:
        """The longest name at each place, so that Apple Hospitality is not Apple."""
        words, place = words_of(title), 0
        is_headline_case = _is_headline_case(words)
        while place < len(words):
            length, core = self._longest(words, place)
            if core:
                telling = is_headline_case or place == 0
                judges = place == 0 and _is_judge(title, words, length)
                for company in self._cores[core]:
                    is_alias = core in _alias_cores(company.symbol)
                    said = _Said(words, place, length, core, telling, is_alias, company.symbol in tags)
                    if not judges and (match := said.match):
                        yield company, match
            place += max(length, 1)

    def _longest(self, words: list[_Word], place: int) -> tuple[int, tuple[str, ...]]:
        """How many words from a place begin one company's name, and that name; 0 where none or several do."""
        found: tuple[int, tuple[str, ...]] = (0, ())
        for length in range(1, min(LONGEST, len(words) - place) + 1):
            start = tuple(word.plain for word in words[place : place + length])
            cores = self._starts.get(start)
            if cores is None:
                break
            if start in cores:
                found = (length, start)
            elif len(cores) == 1:
                found = (length, next(iter(cores)))
            elif length > found[0] and length > 1:
                found = (length, ())  # "Apple Hosp..." of two companies is at least not Apple
        return found


def _tickers(title: str, tags: Collection[str]) -> Iterator[tuple[str, Match]]:
    """What may be a symbol, as cashtag, behind its exchange, in brackets, or bare where that is no word."""
    for symbol in (*_CASHTAG.findall(title), *_LISTED.findall(title)):
        yield symbol, Match(1.0, f"ticker {symbol}")
    for symbol in _BRACKETED.findall(title):
        if symbol in tags or not _is_word(symbol):
            yield symbol, Match(0.95, f"ticker ({symbol})")
    if title.upper() == title:
        return  # capitals say nothing in a title of capitals
    for symbol in set(_BARE.findall(title)):
        if not _is_word(symbol):
            yield symbol, Match(0.85 if symbol in tags else 0.6 if len(symbol) > 3 else 0.4, f"symbol {symbol}")


class _Said(NamedTuple):
    """A company's name, or the beginning of it, where it stands in a title."""

    words: list[_Word]
    place: int
    length: int
    core: tuple[str, ...]
    hides_names: bool  # any word would be capitalised there
    is_alias: bool
    is_tagged: bool

    @property
    def match(self) -> Match | None:
        """What the words are worth."""
        said = self.words[self.place : self.place + self.length]
        if not all(word.is_capital or word.plain in {"of", "and", "&", "the"} for word in said):
            return None
        reason = f"name “{' '.join(word.written for word in said)}”"
        if self.is_alias or (self._after in FORMS and self.length == len(self.core)):
            return Match(0.95, reason)
        if self.length < 3 and all(_is_ordinary(word.plain) for word in said):
            return self._ordinary(said[-1], reason)
        return Match(self._certainty, reason)

    @property
    def _after(self) -> str:
        end = self.place + self.length
        return self.words[end].plain if end < len(self.words) else ""

    @property
    def _certainty(self) -> float:
        """Of words that are no ordinary ones; half a name and three letters need a tag, or a rest that says nothing."""
        if len(self.words[self.place].plain) < 4 and self.length == 1:
            return 0.8 if self.is_tagged else 0.5
        if self.length == len(self.core):
            return 0.95 if self.length > 1 else 0.9
        if self.is_tagged:
            return 0.8
        return 0.7 if self.length > 1 or DESCRIPTORS.issuperset(self.core[self.length :]) else 0.5

    def _ordinary(self, last: _Word, reason: str) -> Match | None:
        """Best Buy and Target are names where a capital tells something, and with a tag."""
        tells = not self.hides_names or last.is_possessive or self.place == 0
        if self.length < len(self.core) or not (self.is_tagged or self.length > 1) or not tells:
            return None
        return Match(0.6, f"{reason}, an ordinary word")


def _is_judge(title: str, words: list[_Word], after: int) -> bool:
    """Whether who stands before a place only rates somebody else's shares."""
    rest = {word.plain for word in words[after + 1 :]}
    rates = after < len(words) - 1 and words[after].plain in _JUDGES and bool(_RATING.search(title))
    return rates and (words[after].plain.endswith("grades") or bool(rest & {"on", "of", "for", "to"}))


@cache
def _alias_cores(symbol: str) -> frozenset[tuple[str, ...]]:
    return frozenset(map(core_of, _aliases().get(symbol, ())))


def _is_headline_case(words: list[_Word]) -> bool:
    """Whether Every Longer Word Begins With a Capital."""
    long = [word for word in words[1:] if len(word.plain) > 3]
    return sum(word.is_capital for word in long) > 0.6 * len(long)


def _is_ordinary(word: str) -> bool:
    return len(word) < 3 or word.isdigit() or word in _listed("ordinary_words.txt")


def _is_word(symbol: str) -> bool:
    """Symbols that mean something else in a headline: ALL, IT, ON, CEO."""
    return len(symbol) == 1 or symbol.lower() in _listed("ordinary_words.txt") or symbol in _listed("acronyms.txt")
