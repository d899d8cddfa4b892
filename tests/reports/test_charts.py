"""Charts: every mark lies inside its picture, and every word is escaped."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from apps.reports import charts

numbers = st.floats(-1e6, 1e6, allow_nan=False)
SVG = "{http://www.w3.org/2000/svg}"


def points(svg: str) -> list[tuple[float, float]]:
    found = re.findall(r'points="([^"]*)"', svg)
    return [(float(x), float(y)) for line in found for x, y in (pair.split(",") for pair in line.split())]


@given(st.lists(numbers, min_size=2, max_size=90))
def test_a_sparkline_stays_in_its_box(values: list[float]) -> None:
    assert all(-0.1 <= x <= 74.1 and -0.1 <= y <= 14.1 for x, y in points(charts.sparkline(values)))


def test_one_close_is_no_line() -> None:
    assert charts.sparkline([1.0]) == ""


@given(st.lists(numbers, min_size=1, max_size=10))
def test_bars_grow_from_the_zero_line(values: list[float]) -> None:
    root = ElementTree.fromstring(charts.contribution_bars([("A", value, "x") for value in values]))
    zero = float(root.findall(f"{SVG}line")[-1].attrib["x1"])
    for bar, value in zip(root.findall(f"{SVG}rect"), values, strict=True):
        start, length = float(bar.attrib["x"]), float(bar.attrib["width"])
        assert abs((start + length if value < 0 else start) - zero) < 0.2
        assert length <= 520


def test_names_are_escaped() -> None:
    svg = charts.contribution_bars([("<A&B>", 0.1, "+10 bp")])
    texts = [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert texts == ["<A&B>", "+10 bp"]


def test_labels_of_lines_that_end_together_keep_apart() -> None:
    lines = [charts.Series("A", (100.0, 101.0)), charts.Series("B", (100.0, 101.0))]
    root = ElementTree.fromstring(charts.line_chart(lines, "first", "last"))
    ends = [float(text.attrib["y"]) for text in root.iter(f"{SVG}text") if (text.text or "")[:1] in "AB"]
    assert abs(ends[0] - ends[1]) >= 10
