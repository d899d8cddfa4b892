# Golden answers: three positions worked by hand.
"""Allocation: weights of groups, their parts of the return, what is not known, and how concentrated it is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.allocation import UNKNOWN, Share, concentration, grouped

D = Decimal


def test_groups_by_hand() -> None:
    shares = [
        (Share("A", D(50), 0.02), ["Tech"]),
        (Share("B", D(30), -0.01), ["Energy"]),
        (Share("C", D(20), 0.005), ["Tech"]),
    ]
    tech, energy = grouped(shares)
    assert (tech.name, tech.value, tech.weight, tech.count) == ("Tech", D(70), 0.7, 2)
    assert tech.part == pytest.approx(0.025)
    assert (energy.weight, energy.part) == (0.3, -0.01)


def test_what_has_no_name_is_last_and_said() -> None:
    groups = grouped([(Share("A", D(90)), []), (Share("B", D(5)), [""]), (Share("C", D(5)), ["Tech"])])
    assert [(group.name, group.weight) for group in groups] == [("Tech", 0.05), (UNKNOWN, 0.95)]


def test_two_tags_count_twice() -> None:
    groups = grouped([(Share("A", D(10)), ["Core", "Income"])])
    assert [group.weight for group in groups] == [1.0, 1.0]


def test_without_a_price_there_is_no_weight_but_a_part() -> None:
    (group,) = grouped([(Share("A", None, 0.01), ["Tech"])])
    assert (group.value, group.weight, group.part, group.count) == (D(0), None, 0.01, 0)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.sampled_from("abc"), st.floats(-1, 1)), min_size=1))
def test_weights_sum_to_one_and_parts_to_the_whole(found: list[tuple[int, str, float]]) -> None:
    groups = grouped([(Share(place, D(value), part), [name]) for place, (value, name, part) in enumerate(found)])
    assert sum(group.weight or 0 for group in groups) == pytest.approx(1)
    assert sum(group.part for group in groups) == pytest.approx(sum(part for *_, part in found), abs=1e-9)


def test_equal_positions_are_as_many_as_they_are() -> None:
    assert concentration([0.25] * 4) == pytest.approx(4)
    assert concentration([0.7, 0.1, 0.1, 0.1]) == pytest.approx(1 / 0.52)
    assert concentration([0.2, 0.2]) == pytest.approx(2)  # the rest is cash
    assert concentration([]) is None
