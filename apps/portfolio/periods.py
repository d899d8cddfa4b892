"""Periods of a return by their names; the opening day is exclusive, so a year to date opens on 31 December."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

CUSTOM = "custom"
FIRST_YEAR, YEARS_LISTED = 1900, 12


class Period(StrEnum):
    """What the picker offers."""

    DAY = "1D"
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


@dataclass(frozen=True, slots=True)
class Span:
    """A period as asked for: `opened` is the day at whose close it begins (None since inception), `until` its last."""

    key: str
    label: str
    opened: date | None
    until: date

    @property
    def query(self) -> str:
        """What an address says to ask for it again; tomorrow it may be of other days."""
        return self.days if self.key == CUSTOM else f"period={self.key}"

    @property
    def days(self) -> str:
        """What an address says to ask for these very days, whenever it is followed; inception stays the ledger's."""
        if self.opened is None:
            return f"period={self.key}"
        return f"period={CUSTOM}&from={self.opened.isoformat()}&to={self.until.isoformat()}"


_BACK = {Period.ONE: 1, Period.THREE: 3, Period.FIVE: 5}


def span_of(asked: Mapping[str, str], today: date, usual: Period = Period.YEAR) -> Span:
    """The period that an address asks for by `period` (a name, a year, or `custom` with `from` and `to`).

    What is no period, lies in the future or ends before it begins is the usual one.
    """
    name = asked.get("period", "")
    found = _custom(asked, today) if name == CUSTOM else _year(name, today)
    if found is not None:
        return found
    period = Period(name) if name in set(Period) else usual
    return Span(period.value, period.label, opening_day(period, today), today)


def opening_day(period: Period, today: date) -> date | None:
    """The day at whose close the period begins; None since inception."""
    if period in _BACK:
        return _years_before(today, _BACK[period])
    first = {
        Period.DAY: today,
        Period.WEEK: today - timedelta(days=today.weekday()),
        Period.MONTH: today.replace(day=1),
        Period.QUARTER: today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        Period.YEAR: today.replace(month=1, day=1),
    }.get(period)
    return first - timedelta(days=1) if first else None


def years_since(first: date, today: date) -> list[int]:
    """Calendar years from the first day on, the newest first; no more than are listed."""
    return list(range(today.year, max(first.year, today.year - YEARS_LISTED + 1) - 1, -1))


def _custom(asked: Mapping[str, str], today: date) -> Span | None:
    try:
        opened, until = (date.fromisoformat(asked.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return None
    until = min(until, today)
    if opened >= until or opened.year < FIRST_YEAR:
        return None
    return Span(CUSTOM, f"{opened.isoformat()} to {until.isoformat()}", opened, until)


def _year(name: str, today: date) -> Span | None:
    """A calendar year, up to today where it runs."""
    if not (name.isascii() and name.isdigit() and FIRST_YEAR < int(name) <= today.year):
        return None
    year = int(name)
    return Span(name, name, date(year - 1, 12, 31), min(date(year, 12, 31), today))


def _years_before(today: date, years: int) -> date:
    """29 February goes back to the 28th."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return today.replace(year=today.year - years, day=28)
