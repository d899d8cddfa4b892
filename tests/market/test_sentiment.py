"""Headline scores and the mood around an instrument; plain VADER answers from the README of vaderSentiment 3.3.2."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.market.sentiment import Reading, aggregate, label, score

NOW = datetime(2013, 3, 1, 21, tzinfo=UTC)


def reading(story: int, days: float, compound: float) -> Reading:
    return Reading(story, NOW - timedelta(days=days), compound)


@pytest.mark.parametrize(
    ("sentence", "compound"),
    [
        ("VADER is smart, handsome, and funny.", 0.8316),
        ("VADER is not smart, handsome, nor funny.", -0.7424),
        ("Today SUX!", -0.5461),
    ],
)
def test_words_outside_finance_score_as_published(sentence: str, compound: float) -> None:
    assert score(sentence).compound == pytest.approx(compound, abs=1e-4)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Shares surge after record profit", "positive"),
        ("Stock plunges on profit warning", "negative"),
        ("Company to hold annual meeting of shareholders", "neutral"),
        ("United Airlines shares in focus", "neutral"),
        ("Chip maker cuts outlook, lays off staff", "negative"),
        ("Retailer beats estimates and raises dividend", "positive"),
    ],
)
def test_market_words_weigh(title: str, expected: str) -> None:
    assert score(title).label == expected


def test_the_words_behind_a_score_are_kept() -> None:
    assert set(score("Apple shares surge, then plunge").words) == {"surge", "plunge"}


@pytest.mark.parametrize(
    ("compound", "expected"),
    [(0.05, "positive"), (0.049, "neutral"), (-0.049, "neutral"), (-0.05, "negative")],
)
def test_labels_begin_at_a_twentieth(compound: float, expected: str) -> None:
    assert label(compound) == expected


@given(st.text(max_size=200))
def test_any_text_scores_within_one(text: str) -> None:
    assert -1 <= score(text).compound <= 1


def test_two_stories_abstain() -> None:
    mood = aggregate([reading(1, 1, 0.5), reading(2, 2, 0.5)], NOW)
    assert (mood.value, mood.stories) == (None, 2)


def test_the_same_story_counts_once() -> None:
    told = [reading(1, 1, 0.5) for _ in range(5)]
    assert aggregate(told, NOW).stories == 1


def test_three_days_halve_a_story() -> None:
    """By hand: (1 x 1 + 0.5 x 0 + 0.5 x 0) / (1 + 0.5 + 0.5) = 0.5."""
    told = [reading(1, 0, 1.0), reading(2, 3, 0.0), reading(3, 3, 0.0)]
    assert aggregate(told, NOW).value == pytest.approx(0.5)


def test_what_is_published_later_is_not_known() -> None:
    told = [reading(1, 0, 1.0), reading(2, 1, 1.0), reading(3, -0.1, 1.0)]
    assert aggregate(told, NOW).value is None
