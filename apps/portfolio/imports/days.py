"""Days and times as files write them: in which order day and month stand, and what a text says."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

ORDERS = {"ymd": "year, month, day", "dmy": "day, month, year", "mdy": "month, day, year"}
_MONTHS = {
    name: place + 1
    for place, names in enumerate(
        "jan january januar januari janvier|feb february februar februari|mar march mär märz maart mrt mars|"
        "apr april avril|may mai mei|jun june juni juin|jul july juli juillet|aug august augustus|"
        "sep sept september septembre|oct october okt oktober octobre|nov november novembre|"
        "dec december dez dezember december".split("|")
    )
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBERS = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})")
_DAY_NAMED = re.compile(r"(\d{1,2})\.?[- ]([^\W\d_]+)\.?,?[- ](\d{4}|\d{2})")
_MONTH_NAMED = re.compile(r"([^\W\d_]+)\.? (\d{1,2}),? (\d{4}|\d{2})")
_TIME = re.compile(r"(\d{1,2}):?(\d{2})(?::?(\d{2})(?:\.(\d{1,6})\d*)?)? ?([AaPp][Mm])?")
_WHOLE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d")
_ZONE = re.compile(r" ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})$")
_AFTER = re.compile(r"(?<=\d\d)T(?=\d)|(?<=\d{4})[;,] ?| (?=\d{1,2}:\d{2})| as of ")


class DayError(ValueError):
    """The text is no day, or none that is certain; the message says why."""


class UnsureDayError(DayError):
    """Day and month could be either way round."""


def day_of(text: str, order: str | None) -> date:
    """The day; what follows it (a time, "as of …") is left alone. Raises DayError, UnsureDayError without an order."""
    plain = _first_part(text)
    if match := _ISO.fullmatch(plain):
        return _day(text, match[1], match[3], match[4])
    if match := _COMPACT.fullmatch(plain):
        return _day(text, match[1], match[2], match[3])
    if match := _DAY_NAMED.fullmatch(plain):
        return _day(text, match[3], _month(text, match[2]), match[1])
    if match := _MONTH_NAMED.fullmatch(plain):
        return _day(text, match[3], _month(text, match[1]), match[2])
    if match := _NUMBERS.fullmatch(plain):
        return _by_order(text, match, order)
    raise DayError(f"“{text[:24]}” is no date.")


def _by_order(text: str, match: re.Match[str], order: str | None) -> date:
    first, second, year = int(match[1]), int(match[3]), match[4]
    if match[2] == "." or (first == second and order in {None, "ymd"}):
        order = "dmy"  # with points nobody writes the month first
    if order in {None, "ymd"}:
        if first <= 12 and second <= 12:
            raise UnsureDayError(f"“{text[:24]}” could be day or month first: say which.")
        order = "dmy" if first > 12 else "mdy"
    day, month = (first, second) if order == "dmy" else (second, first)
    return _day(text, year, month, day)


def _first_part(text: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    return _AFTER.split(plain, maxsplit=1)[0].strip(" ,;")


def _month(text: str, name: str) -> int:
    month = _MONTHS.get(name.casefold())
    if month is None:
        raise DayError(f"“{text[:24]}” is no date: “{name[:12]}” is no month.")
    return month


def _day(text: str, year: str | int, month: str | int, day: str | int) -> date:
    full = int(year) + (2000 if len(str(year)) == 2 else 0)
    try:
        return date(full, int(month), int(day))
    except ValueError as error:
        raise DayError(f"“{text[:24]}” is no day of the calendar.") from error


def order_of(cells: Iterable[str]) -> str | None:
    """The order that the cells agree on ("ymd" where the question does not arise); None where it must be asked."""
    seen, is_unsure = {"dmy": 0, "mdy": 0}, False
    for cell in cells:
        match = _NUMBERS.fullmatch(_first_part(cell))
        if match is None or match[2] == ".":
            continue
        first, second = int(match[1]), int(match[3])
        if first > 12 or second > 12:
            seen["dmy" if first > 12 else "mdy"] += 1
        else:
            is_unsure = is_unsure or first != second
    if seen["dmy"] != seen["mdy"]:
        return max(seen, key=lambda order: seen[order])
    return None if is_unsure or seen["dmy"] else "ymd"


def moment_of(on: date, text: str) -> datetime | None:
    """The time of that day which the text ends with, in UTC where it names no zone; None where it has none.

    Raises DayError for what is no time.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    if not plain:
        return None
    if _WHOLE.match(plain):
        return _whole(text, plain)
    body, zone = _without_zone(plain)
    match = _TIME.fullmatch(body)
    if match is None:
        raise DayError(f"“{text[:24]}” is no time.")
    hour = int(match[1]) % 12 + (12 if match[5].lower() == "pm" else 0) if match[5] else int(match[1])
    part = (match[4] or "").ljust(6, "0")
    try:
        found = time(hour, int(match[2]), int(match[3] or 0), int(part))
        return datetime.combine(on, found, tzinfo=UTC) if zone is None else _zoned(on, found, zone)
    except (ValueError, OverflowError) as error:
        raise DayError(f"“{text[:24]}” is no time.") from error


def _whole(text: str, plain: str) -> datetime:
    """A time that says its day, too."""
    try:
        found = datetime.fromisoformat(plain)
    except ValueError as error:
        raise DayError(f"“{text[:24]}” is no time.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def time_part(text: str) -> str:
    """What stands after the day in a cell that holds both; empty where nothing does, or another day ("as of …")."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    match = _AFTER.search(plain)
    return "" if match is None or "of" in match[0] else plain[match.end() :]


def _without_zone(plain: str) -> tuple[str, str | None]:
    match = _ZONE.search(plain)
    return (plain[: match.start()], match[1]) if match else (plain, None)


def _zoned(on: date, found: time, zone: str) -> datetime:
    offset = "+0000" if zone in {"Z", "UTC", "GMT"} else zone.replace(":", "")
    return datetime.strptime(f"{on.isoformat()}T{found.isoformat('microseconds')}{offset}", "%Y-%m-%dT%H:%M:%S.%f%z")
