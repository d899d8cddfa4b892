"""The audit log as people read it: names are looked up now, so that an erased person is nobody."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import StringIO
from typing import Any
from uuid import UUID

from apps.accounts.models import Act, AuditEntry, User

HEAD = ("Time", "Act", "What", "By", "Concerns", "Details", "Network")
OPERATOR, SYSTEM = "Platform operator", "System"
_LABELS: dict[str, str] = dict(Act.choices)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, every part of it text but its time."""

    at: datetime
    act: str
    what: str
    by: str
    concerns: str
    details: str
    network: str


def lines_of(entries: Sequence[AuditEntry]) -> list[Line]:
    """One query for the names of all of them."""
    keys = {key for entry in entries for key in (entry.by_id, entry.subject_id) if key}
    people = User.objects.in_bulk(keys) if keys else {}
    return [_line(entry, people) for entry in entries]


def name_of(person: User) -> str:
    """An erased person keeps a mark, so that their acts can be told from another's."""
    if person.is_support:
        return OPERATOR
    return f"erased member #{person.pk.hex[:4]}" if person.erased_at else person.name


def csv_of(lines: Iterable[Line], zone: tzinfo, *, with_head: bool) -> str:
    """Rows in the order given; a cell that a spreadsheet would compute begins with an apostrophe."""
    out = StringIO()
    writer = csv.writer(out)
    if with_head:
        out.write("\ufeff")  # spreadsheets take the text for UTF-8
        writer.writerow(HEAD)
    for line in lines:
        when = line.at.astimezone(zone).isoformat(timespec="seconds")
        cells = (when, line.act, line.what, line.by, line.concerns, line.details, line.network)
        writer.writerow([plain(cell) for cell in cells])
    return out.getvalue()


def plain(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def _line(entry: AuditEntry, people: dict[UUID, User]) -> Line:
    by = OPERATOR if entry.by_operator else _who(entry.by_id, people) or SYSTEM
    return Line(
        at=entry.at,
        act=entry.act,
        what=_LABELS.get(entry.act, entry.act),
        by=by,
        concerns=_who(entry.subject_id, people),
        details="; ".join(f"{key.replace('_', ' ')}: {_said(value)}" for key, value in entry.details.items()),
        network=entry.network,
    )


def _who(key: UUID | None, people: dict[UUID, User]) -> str:
    if key is None:
        return ""
    return name_of(people[key]) if key in people else f"#{key.hex[:8]}"


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    words = {True: "yes", False: "no", None: "none"}
    return words[value] if isinstance(value, bool | None) else str(value).replace("_", " ")
