"""Headlines that tell one story; all sentences are the project's own."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.market.stories import Telling, leads, normal_title, title_hash

NOON = datetime(2013, 2, 27, 12, tzinfo=UTC)
RECALL = "Walk recalls a million shoes after complaints about soles"
WORDS = st.lists(
    st.sampled_from("walk recalls buys shoes mins merger judge court wins".split()), min_size=2, max_size=6
)


def telling(key: int, title: str, hours: float = 0, *about: int) -> Telling:
    return Telling(key, title, NOON + timedelta(hours=hours), frozenset(about or (1,)))


def together(*tellings: Telling) -> bool:
    return len(set(leads(tellings).values())) == 1


@pytest.mark.parametrize(
    "title",
    [
        "walk recalls a million SHOES after complaints about soles!",
        "Update: Walk recalls a million shoes after complaints about soles",
        "'Walk recalls a million shoes after complaints about soles' - Test Wire",
        "Walk recalls a million shoes after complaints about soles | Test Wire",
    ],
)
def test_trimmings_do_not_make_another_title(title: str) -> None:
    assert title_hash(title) == title_hash(RECALL)


def test_other_words_make_another_title() -> None:
    assert title_hash("Walk recalls a million socks") != title_hash(RECALL)


def test_titles_of_other_alphabets_are_told_apart() -> None:
    assert normal_title("Walk (WALK) кроссовки") != normal_title("Walk (WALK) 运动鞋")


def test_nearly_the_same_words_are_one_story() -> None:
    assert together(telling(1, RECALL), telling(2, "After complaints about soles, Walk recalls million shoes", 5))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Walk shares rise after report on shoes", "Walk shares fall after report on shoes"),
        ("Walk sells 10 million shoes in quarter", "Walk sells 12 million shoes in quarter"),
        ("Walk underperforms on Monday against rivals", "Walk underperforms on Friday against rivals"),
        (RECALL, "Walk opens a shop in the old town"),
    ],
)
def test_what_differs_in_substance_is_two(one: str, other: str) -> None:
    assert not together(telling(1, one), telling(2, other, 1))


def test_two_days_later_a_story_is_a_new_one() -> None:
    assert together(telling(1, RECALL), telling(2, RECALL + " again", 48))
    assert not together(telling(1, RECALL), telling(2, RECALL + " again", 49))


def test_another_company_is_another_story() -> None:
    assert not together(telling(1, RECALL, 0, 1), telling(2, RECALL + " again", 1, 2))


def test_the_first_telling_leads() -> None:
    assert leads([telling(1, RECALL + " again", 3), telling(2, RECALL)]) == {1: 2, 2: 2}


def test_what_is_known_stays_as_it_is() -> None:
    assert leads([telling(1, RECALL + " again", 3)], [telling(2, RECALL)]) == {1: 2}


@given(st.lists(st.tuples(WORDS, st.integers(0, 100), st.integers(1, 3)), max_size=12, unique_by=str), st.integers())
def test_the_order_of_arrival_means_nothing(found: list[tuple[list[str], int, int]], seed: int) -> None:
    tellings = [telling(key, " ".join(words), hours, company) for key, (words, hours, company) in enumerate(found)]
    shuffled = Random(seed).sample(tellings, len(tellings))
    assert leads(tellings) == leads(shuffled)


@given(st.lists(st.tuples(WORDS, st.integers(0, 100), st.integers(1, 3)), max_size=12, unique_by=str))
def test_the_past_does_not_change_with_what_comes(found: list[tuple[list[str], int, int]]) -> None:
    tellings = [telling(key, " ".join(words), hours, company) for key, (words, hours, company) in enumerate(found)]
    whole, early = leads(tellings), [one for one in tellings if one.at < NOON + timedelta(hours=50)]
    assert leads(early) == {one.key: whole[one.key] for one in early}
