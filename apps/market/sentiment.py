"""From a headline to a score with the words behind it, and from headlines to the mood around an instrument."""

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

MODEL = "vader+finance-1"
POSITIVE, NEGATIVE = 0.05, -0.05
HALF_LIFE = timedelta(days=3)
MIN_STORIES = 3
SAME_STORY = 0.6  # share of common words
FINANCE_WORDS = Path(__file__).parents[2] / "data" / "finance_words.csv"
SUFFIXES = frozenset(
    [
        *("the", "of", "and", "inc", "corp", "corporation", "company", "co", "ltd", "plc", "group", "holdings"),
        *("class", "trust", "etf", "platforms", "technologies"),
    ]
)
ALIASES = {
    "IBM": ("ibm",),
    "GOOG": ("google", "alphabet"),
    "GOOGL": ("google", "alphabet"),
    "META": ("facebook", "meta"),
}
_WORD = re.compile(r"[a-z0-9&'-]+")


@dataclass(frozen=True, slots=True)
class Sentiment:
    """A compound score in -1..1, its label, and the words of the title with their weights."""

    compound: float
    label: str
    words: dict[str, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """A scored title."""

    title: str
    published_at: datetime
    compound: float


@dataclass(frozen=True, slots=True)
class Mood:
    """The recency-weighted mean over stories; None with fewer than three."""

    value: float | None
    stories: int


def label(compound: float) -> str:
    """Positive from 0.05, negative to -0.05, else neutral."""
    return "positive" if compound >= POSITIVE else "negative" if compound <= NEGATIVE else "neutral"


def score(title: str) -> Sentiment:
    """VADER's compound with the finance words; `words` holds what weighed, in lower case."""
    analyzer = _analyzer()
    compound = float(analyzer.polarity_scores(title)["compound"])
    weights = {word: float(analyzer.lexicon[word]) for word in _words(title) if analyzer.lexicon.get(word)}
    return Sentiment(compound, label(compound), weights)


def title_hash(title: str) -> str:
    """Equal for titles that differ in case, spaces or punctuation only."""
    return hashlib.sha256(" ".join(_words(title)).encode()).hexdigest()


def names(title: str, symbol: str, company: str) -> bool:
    """Whether a title names an instrument: its symbol in capitals, or the first telling word of its name."""
    if re.search(rf"(?<![A-Za-z0-9]){re.escape(symbol)}(?![A-Za-z0-9])", title) and len(symbol) > 1:
        return True
    words = set(_words(title.replace("'s", "").replace("’s", "")))
    telling = [word.removesuffix(".com") for word in re.split(r"[\s,.]+", company.lower())]
    first = next((word for word in telling if word and word not in SUFFIXES), "")
    return any(name in words for name in (first, *ALIASES.get(symbol, ())) if name)


def aggregate(readings: Sequence[Reading], clock: datetime) -> Mood:
    """Mean of the stories' scores, each halved every three days before the clock; later readings are not known yet.

    Titles with at least 60 % common words are one story: its score is their mean, its time the latest.
    """
    stories = _stories([one for one in readings if one.published_at <= clock])
    if len(stories) < MIN_STORIES:
        return Mood(None, len(stories))
    weighed = [
        (0.5 ** ((clock - max(one.published_at for one in story)) / HALF_LIFE), _mean(story)) for story in stories
    ]
    total = sum(weight for weight, _ in weighed)
    return Mood(sum(weight * value for weight, value in weighed) / total, len(stories))


def _stories(readings: Sequence[Reading]) -> list[list[Reading]]:
    stories: list[tuple[frozenset[str], list[Reading]]] = []
    for one in sorted(readings, key=lambda reading: (reading.published_at, reading.title)):
        words = frozenset(_words(one.title))
        for seen, story in stories:
            if len(words & seen) >= SAME_STORY * len(words | seen):
                story.append(one)
                break
        else:
            stories.append((words, [one]))
    return [story for _, story in stories]


def _mean(story: Sequence[Reading]) -> float:
    return sum(one.compound for one in story) / len(story)


def _words(title: str) -> list[str]:
    return _WORD.findall(title.lower())


@cache
def _analyzer() -> Any:
    """NLTK's VADER on the lexicon file that vaderSentiment ships, read here.

    NLTK's own loader refuses files with several names, and installers link packages hard from their cache.
    """
    import vaderSentiment
    from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

    class Analyzer(SentimentIntensityAnalyzer):
        def __init__(self, lexicon: str) -> None:
            self.lexicon_file = lexicon
            self.lexicon = self.make_lex_dict()
            self.constants = VaderConstants()

    lexicon = Path(vaderSentiment.__file__).parent / "vader_lexicon.txt"
    analyzer = Analyzer(lexicon.read_text(encoding="utf-8"))
    with FINANCE_WORDS.open(encoding="utf-8", newline="") as file:
        analyzer.lexicon.update({row["word"]: float(row["weight"]) for row in csv.DictReader(file)})
    return analyzer
