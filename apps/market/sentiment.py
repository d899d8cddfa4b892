"""From a headline to a score with the words behind it, and from headlines to the mood around an instrument."""

import csv
import re
from collections import defaultdict
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
FINANCE_WORDS = Path(__file__).parents[2] / "data" / "finance_words.csv"
_WORD = re.compile(r"[a-z0-9&'-]+")


@dataclass(frozen=True, slots=True)
class Sentiment:
    """A compound score in -1..1, its label, and the words of the title with their weights."""

    compound: float
    label: str
    words: dict[str, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """A scored title of a story; tellings of one story carry one number."""

    story: int
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


def aggregate(readings: Sequence[Reading], clock: datetime) -> Mood:
    """Mean of the stories' scores, each halved every three days before the clock; later readings are not known yet.

    A story is not its articles: its score is their mean, its time the latest.
    """
    stories: dict[int, list[Reading]] = defaultdict(list)
    for one in readings:
        if one.published_at <= clock:
            stories[one.story].append(one)
    if len(stories) < MIN_STORIES:
        return Mood(None, len(stories))
    weighed = [
        (0.5 ** ((clock - max(one.published_at for one in story)) / HALF_LIFE), _mean(story))
        for story in stories.values()
    ]
    total = sum(weight for weight, _ in weighed)
    return Mood(sum(weight * value for weight, value in weighed) / total, len(stories))


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
