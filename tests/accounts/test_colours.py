"""Contrast: golden values of WCAG 2.2 (black on white is 21:1; #767676 is the lightest grey that passes on white)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.colours import GROUNDS, READABLE, accents, contrast, mixed, readable

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_golden_contrasts() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ff0000", "#ffffff") == pytest.approx(4.00, abs=0.005)


@given(COLOURS)
def test_whatever_is_chosen_can_be_read_in_both_themes(colour: str) -> None:
    for theme, shade in accents(colour).items():
        assert min(contrast(shade, ground) for ground in GROUNDS[theme]) >= READABLE


@given(COLOURS)
def test_what_can_be_read_is_left_as_it_is(colour: str) -> None:
    for grounds in GROUNDS.values():
        shade = readable(colour, grounds)
        assert readable(shade, grounds) == shade


@given(COLOURS, COLOURS)
def test_mixing_begins_and_ends_with_its_parts(one: str, other: str) -> None:
    assert (mixed(one, other, 0), mixed(one, other, 1)) == (one, other)
