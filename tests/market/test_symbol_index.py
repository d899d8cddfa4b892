"""Type-ahead over the bundled universe: what people type, and what they mean by it."""

import csv
import gzip
from functools import cache

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from apps.market.search import MOST, SymbolIndex, near, words_of

MARKETS = ("XNYS", "XNAS", "ARCX", "XASE", "BATS")  # before the over-the-counter ones


@cache
def universe() -> list[dict[str, str]]:
    with gzip.open(settings.BASE_DIR / "data" / "universe.csv.gz", "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def index() -> SymbolIndex:
    return SymbolIndex(
        (key, row["symbol"], row["name"], int(row["mic"] not in MARKETS)) for key, row in enumerate(universe())
    )


def found(query: str) -> list[str]:
    return [universe()[key]["symbol"] for key in index().find(query)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("BA", "BA"), ("boeing", "BA"), ("brk b", "BRK-B"), ("brk.b", "BRK-B"), ("at&t", "T"), ("apple", "AAPL"),
        ("mircosoft", "MSFT"), ("spy", "SPY"), ("general elec", "GE"), ("tesla", "TSLA"), ("exxon mobil", "XOM"),
    ],
)  # fmt: skip
def test_what_is_meant_comes_first(query: str, first: str) -> None:
    assert found(query)[0] == first


@pytest.mark.parametrize("query", ["", "   ", "!?", "zzzzq", "\x00", "ж"])
def test_nothing_is_found_for_nothing(query: str) -> None:
    assert found(query) == []


def test_thousands_begin_with_an_a_and_twenty_are_shown() -> None:
    assert len(found("a")) == MOST


def test_the_universe_is_large() -> None:
    assert len(index()) > 20_000


@given(st.text(max_size=80))
def test_no_text_is_an_error(query: str) -> None:
    assert len(index().find(query)) <= MOST


@given(st.sampled_from(range(20_000)))
def test_every_symbol_is_found_by_itself(key: int) -> None:
    symbol = universe()[key]["symbol"]
    same = {row["symbol"] for row in universe() if words_of(row["symbol"]) == words_of(symbol)}
    assert same & set(found(symbol)[: len(same)]) or symbol in found(symbol)


@pytest.mark.parametrize(
    ("word", "other", "answer"),
    [("boeing", "boing", True), ("boeing", "beoing", True), ("boeing", "boeinh", True), ("boeing", "being", True),
     ("boeing", "boring", True), ("boeing", "bowling", False), ("same", "same", True)],
)  # fmt: skip
def test_one_typo_is_near(word: str, other: str, answer: bool) -> None:
    assert near(word, other) is answer
    assert near(other, word) is answer
