"""Figures are written the same everywhere; the expected texts are typed by hand."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.tenants.templatetags import numbers


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (Decimal("1234567.891"), "USD", "1,234,567.89"),
        (189.46, "USD", "189.46"),
        (-4.09, "", "\u22124.09"),
        (Decimal("0.125"), "USD", "0.12"),
        (Decimal("0.135"), "USD", "0.14"),
        (Decimal("-0.004"), "USD", "0.00"),
        (1234.5, "JPY", "1,234"),
        (7, "EUR", "7.00"),
    ],
)
def test_money(value: Decimal | float, currency: str, text: str) -> None:
    assert numbers.money(value, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.05, "5.00\u2009%"),
        (-0.0162, "\u22121.62\u2009%"),
        (Decimal("12.5"), "1,250.00\u2009%"),
        (0, "0.00\u2009%"),
    ],
)
def test_percent(value: Decimal | float, text: str) -> None:
    assert numbers.percent(value) == text


def test_percent_with_one_place() -> None:
    assert numbers.percent(0.1234, 1) == "12.3\u2009%"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4.09, "+4.09"),
        (-4.09, "\u22124.09"),
        (0, "0.00"),
        (0.001, "0.00"),
        (Decimal(1200), "+1,200.00"),
    ],
)
def test_signed_number(value: Decimal | float, text: str) -> None:
    assert numbers.signed(value) == text


def test_signed_after_another_filter() -> None:
    assert numbers.signed(numbers.percent(0.0012)) == "+0.12\u2009%"
    assert numbers.signed(numbers.percent(-0.0012)) == "\u22120.12\u2009%"
    assert numbers.signed(numbers.money(0, "USD")) == "0.00"


@pytest.mark.parametrize("value", [None, math.nan, math.inf, Decimal("NaN"), "", "text", True])
def test_no_number_is_never_zero(value: object) -> None:
    assert "N/A" in numbers.money(value, "USD")  # type: ignore[arg-type]
    assert "N/A" in numbers.percent(value)  # type: ignore[arg-type]
    assert "N/A" in numbers.quantity(value)  # type: ignore[arg-type]


def test_missing_figure_gives_its_reason_escaped() -> None:
    shown = numbers.percent(None, "no cost <recorded>")
    assert "N/A" in shown
    assert "no cost &lt;recorded&gt;" in shown
    assert "<recorded>" not in shown


def test_signed_keeps_a_missing_figure() -> None:
    assert numbers.signed(numbers.percent(None, "no price")) == numbers.percent(None, "no price")
    assert "N/A" in numbers.signed(None, "no price")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1200.00000000"), "1,200"),
        (Decimal("0.50000000"), "0.5"),
        (100, "100"),
        (-3, "\u22123"),
        (0, "0"),
    ],
)
def test_quantity(value: Decimal | int, text: str) -> None:
    assert numbers.quantity(value) == text


def test_quantity_with_places() -> None:
    assert numbers.quantity(37.62, 0) == "38"


@pytest.mark.parametrize(
    ("value", "word"),
    [(0.1, "up"), (-0.1, "down"), (0, "flat"), (None, "flat"), (math.nan, "flat")],
)
def test_direction(value: float | None, word: str) -> None:
    assert numbers.direction(value) == word


def test_arrow_is_not_read_aloud() -> None:
    assert 'aria-hidden="true"' in numbers.arrow(-1)


@given(st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, places=4))
def test_written_money_reads_back_within_half_a_cent(value: Decimal) -> None:
    text = numbers.money(value, "USD").replace(",", "").replace("\u2212", "-")
    assert abs(Decimal(text) - value) <= Decimal("0.005")


def test_a_sum_of_any_size_is_written() -> None:
    assert numbers.money(Decimal(10) ** 40, "USD").endswith(",000.00")
