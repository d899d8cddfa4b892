"""Geometry for SVG; the expected points are worked out by hand."""

from __future__ import annotations

from apps.tenants.templatetags import shapes


def test_peak_is_the_largest_size() -> None:
    rows = [{"change": -0.07}, {"change": 0.02}, {"change": None}]
    assert shapes.peak(rows, "change") == "0.070000"


def test_peak_of_nothing_is_one() -> None:
    assert shapes.peak([], "change") == "1.000000"


def test_magnitude_has_no_sign() -> None:
    assert shapes.magnitude(-0.07) == "0.070000"
    assert shapes.magnitude(None) == "0.000000"


def test_coordinate_keeps_the_sign_and_a_plain_minus() -> None:
    assert shapes.coordinate(-0.31) == "-0.3100"


def test_polyline_rises_from_the_lower_left_to_the_upper_right() -> None:
    assert shapes.polyline([10.0, 15.0, 20.0], "96x22") == "0.0,21.0 48.0,11.0 96.0,1.0"


def test_flat_polyline_runs_in_the_middle() -> None:
    assert shapes.polyline([5.0, 5.0], "96x22") == "0.0,11.0 96.0,11.0"


def test_one_value_draws_nothing() -> None:
    assert shapes.polyline([5.0]) == ""
