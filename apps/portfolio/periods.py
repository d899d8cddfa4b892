"""Periods of a return by their names; the opening day is exclusive, so a year to date opens on 31 December."""

from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """What the picker offers."""

    WEEK = "WTD"
    MONTH = "MTD"
    QUARTER = "QTD"
    YEAR = "YTD"
    ONE = "1Y"
    THREE = "3Y"
    FIVE = "5Y"
    ALL = "all"

    @property
    def label(self) -> str:
        """As a tab."""
        return "Since inception" if self is Period.ALL else self.value


_BACK = {Period.ONE: 1, Period.THREE: 3, Period.FIVE: 5}


def opening_day(period: Period, today: date) -> date | None:
    """The day at whose close the period begins; None since inception."""
    if period in _BACK:
        return _years_before(today, _BACK[period])
    first = {
        Period.WEEK: today - timedelta(days=today.weekday()),
        Period.MONTH: today.replace(day=1),
        Period.QUARTER: today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        Period.YEAR: today.replace(month=1, day=1),
    }.get(period)
    return first - timedelta(days=1) if first else None


def _years_before(today: date, years: int) -> date:
    """29 February goes back to the 28th."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return today.replace(year=today.year - years, day=28)
