"""Periods as an address asks for them: names, years, days of one's own, and what is none of these."""

from datetime import date

import pytest

from apps.portfolio.periods import Period, Span, opening_day, span_of, years_since

TODAY = date(2024, 5, 15)  # a Wednesday


@pytest.mark.parametrize(
    ("period", "opened"),
    [
        (Period.DAY, date(2024, 5, 14)),
        (Period.WEEK, date(2024, 5, 12)),
        (Period.MONTH, date(2024, 4, 30)),
        (Period.QUARTER, date(2024, 3, 31)),
        (Period.YEAR, date(2023, 12, 31)),
        (Period.ONE, date(2023, 5, 15)),
        (Period.THREE, date(2021, 5, 15)),
        (Period.FIVE, date(2019, 5, 15)),
        (Period.ALL, None),
    ],
)
def test_every_period_opens_at_a_close(period: Period, opened: date | None) -> None:
    assert opening_day(period, TODAY) == opened
    assert span_of({"period": period.value}, TODAY) == Span(period.value, period.label, opened, TODAY)


def test_a_calendar_year_ends_where_it_ends() -> None:
    assert span_of({"period": "2022"}, TODAY) == Span("2022", "2022", date(2021, 12, 31), date(2022, 12, 31))
    assert span_of({"period": "2024"}, TODAY).until == TODAY


def test_days_of_ones_own() -> None:
    asked = {"period": "custom", "from": "2023-02-01", "to": "2030-01-01"}
    span = span_of(asked, TODAY)
    assert (span.opened, span.until) == (date(2023, 2, 1), TODAY)
    assert span.query == "period=custom&from=2023-02-01&to=2024-05-15"
    assert span_of({"period": "1Y"}, TODAY).query == "period=1Y"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"period": "tomorrow"},
        {"period": "2025"},
        {"period": "1900"},
        {"period": "٢٠٢٢"},
        {"period": "custom"},
        {"period": "custom", "from": "2024-05-01", "to": "x"},
        {"period": "custom", "from": "2024-05-01", "to": "2024-05-01"},
        {"period": "custom", "from": "0001-01-01", "to": "2024-05-01"},
    ],
)
def test_what_is_no_period_is_the_usual_one(asked: dict[str, str]) -> None:
    assert span_of(asked, TODAY).key == "YTD"
    assert span_of(asked, TODAY, usual=Period.ALL).label == "Since inception"


def test_a_leap_day_a_year_ago_is_the_28th() -> None:
    assert opening_day(Period.ONE, date(2024, 2, 29)) == date(2023, 2, 28)


def test_years_are_listed_from_the_newest() -> None:
    assert years_since(date(2022, 7, 1), TODAY) == [2024, 2023, 2022]
    assert len(years_since(date(1990, 1, 1), TODAY)) == 12
