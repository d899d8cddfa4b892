"""The words of a document as numbers, days, currencies and flags; what cannot be one is named."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from apps.market.currencies import MINOR
from apps.portfolio.lots import LEDGER, ONE, ZERO
from apps.portfolio.splits import Split

# What lies beyond is a slip of the pen, and would leave the precision that the ledger is reckoned with.
SMALLEST, LARGEST = Decimal("1e-30"), Decimal("1e30")
FIRST, LAST = date(1800, 1, 1), date(2200, 12, 31)
PARTS = 10**12
FLAGS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


class DocumentError(ValueError):
    """The document cannot be read; the message says where."""


def number(said: Any, what: str) -> Decimal | None:
    """A number or text of one, at the ledger's precision; nothing said is None."""
    if said is None or (isinstance(said, str) and not said.strip()):
        return None
    if isinstance(said, bool) or not isinstance(said, int | float | str | Decimal):
        raise DocumentError(f"{what} {_shown(said)} is no number")
    try:
        found = LEDGER.create_decimal(str(said).strip())
    except (InvalidOperation, ValueError):
        raise DocumentError(f"{what} {_shown(said)} is no number") from None
    if not found.is_finite() or (found and not SMALLEST <= abs(found) <= LARGEST):
        raise DocumentError(f"{what} {_shown(said)} is no number between 1e-30 and 1e30")
    return found


def needed(said: Any, what: str) -> Decimal:
    """A number that may not be left out."""
    found = number(said, what)
    if found is None:
        raise DocumentError(f"{what} is missing")
    return found


def positive(said: Any, what: str) -> Decimal:
    """A number above zero that may not be left out."""
    found = needed(said, what)
    if found <= ZERO:
        raise DocumentError(f"{what} {_shown(said)} is not more than 0")
    return found


def not_negative(said: Any, what: str) -> Decimal | None:
    """A number from zero up, None where none was said."""
    found = number(said, what)
    if found is not None and found < ZERO:
        raise DocumentError(f"{what} {_shown(said)} is less than 0")
    return found


def day(said: Any, what: str = "date") -> date:
    """An ISO day; a time that follows it is read, and left to `clock`."""
    if isinstance(said, datetime | date):
        said = said.isoformat()
    if not isinstance(said, str):
        raise DocumentError(f"{what} {_shown(said)} is no day" if said is not None else f"{what} is missing")
    text = said.strip()
    try:
        found = date.fromisoformat(text[:10])
        if len(text) > 10:
            _time(text[10:].lstrip("T "))
    except ValueError:
        raise DocumentError(f"{what} {_shown(said)} is no day as in 2024-01-31") from None
    if not FIRST <= found <= LAST:
        raise DocumentError(f"{what} {_shown(said)} is before {FIRST.year} or after {LAST.year}")
    return found


def clock(said_day: Any, said_time: Any) -> datetime | None:
    """The moment of a row: its time, else the one that follows its day; midnight is no time. Without a zone UTC."""
    text = str(said_time).strip() if said_time is not None else str(said_day).strip()[10:].lstrip("T ")
    if not text:
        return None
    try:
        at = _time(text)
    except ValueError:
        raise DocumentError(f"time {_shown(said_time)} is no time as in 15:30") from None
    if said_time is None and at.replace(tzinfo=None) == time.min:
        return None
    return datetime.combine(day(said_day), at if at.tzinfo else at.replace(tzinfo=UTC))


def currency(said: Any, usual: str | None = None) -> str:
    """Its code in capitals; a minor unit (GBp) as it is written."""
    if said is None or said == "":
        if usual is None:
            raise DocumentError("currency is missing")
        return usual
    text = word(said, "currency")
    return text if text in MINOR else text.upper()


def word(said: Any, what: str) -> str:
    """A name: text, or a whole number as text."""
    if isinstance(said, bool) or not isinstance(said, str | int) or not str(said).strip():
        raise DocumentError(f"{what} {_shown(said)} is no name" if said is not None else f"{what} is missing")
    return str(said).strip()


def flag(said: Any, what: str, usual: bool) -> bool:
    """True or false, also as text."""
    if said is None:
        return usual
    if isinstance(said, bool | int | str) and str(said).strip().lower() in FLAGS:
        return FLAGS[str(said).strip().lower()]
    raise DocumentError(f"{what} {_shown(said)} is neither true nor false")


def mapping(said: Any, what: str) -> Mapping[str, Any]:
    """An object; nothing said is an empty one."""
    if said is None:
        return {}
    if not isinstance(said, Mapping):
        raise DocumentError(f"{what} is no object")
    return said


def listed(said: Any, what: str) -> Sequence[Any]:
    """A list; nothing said is an empty one."""
    if said is None:
        return []
    if isinstance(said, str | bytes) or not isinstance(said, Sequence):
        raise DocumentError(f"{what} is no list")
    return said


def split(said: Mapping[str, Any]) -> Split:
    """`numerator` new units for `denominator` old ones, or both as one `ratio`: 10, 1.5, "3:2"."""
    top, bottom = _parts(said.get("ratio"))
    top = positive(said.get("numerator", top), "numerator")
    bottom = positive(said.get("denominator", bottom), "denominator")
    ratio = Fraction(top) / Fraction(bottom)
    if max(ratio.numerator, ratio.denominator) > PARTS:
        raise DocumentError(f"split {top}:{bottom} is no ratio of whole numbers")
    return Split(day(said.get("date")), ratio.numerator, ratio.denominator)


def _parts(ratio: Any) -> tuple[Any, Any]:
    """Of "3:2" or "3/2" both, of 1.5 that for one."""
    if not isinstance(ratio, str):
        return ratio, ONE
    top, sign, bottom = ratio.replace("/", ":").partition(":")
    return top, bottom if sign else ONE


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _shown(said: Any) -> str:
    text = said if isinstance(said, str) else str(said)
    return repr(text if len(text) <= 40 else text[:40] + "...")
