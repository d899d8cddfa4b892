"""CSV as firms write it: any usual encoding, separator and decimal sign, and an error that names file and line."""

import csv
import gzip
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from apps.market.providers.base import ProviderError

YORK = ZoneInfo("America/New_York")
LARGEST = 500_000_000  # bytes, unpacked
SEPARATORS = ",;\t|"
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
COLUMNS = {
    "daily": ("symbol", "date", "open", "high", "low", "close"),
    "minute": ("symbol", "ts", "open", "high", "low", "close"),
    "headlines": ("published_at", "headline"),
    "fx": ("base", "quote", "date", "rate"),
}


class SheetError(ProviderError):
    """A file cannot be used; the message names it, and the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record, by column; each way of reading it raises SheetError where it cannot be read so."""

    file: str
    number_of_line: int
    values: Mapping[str, str]
    decimal_comma: bool

    def text(self, column: str, default: str | None = None) -> str:
        """What stands there without blanks around it; without a default it must not be empty."""
        value = self.values.get(column, "")
        if value:
            return value
        if default is None:
            raise self._error(f"{column} is empty")
        return default

    def number(self, column: str, default: float | None = None) -> float:
        """A finite number; the decimal sign is a comma where the separator is none."""
        if default is not None and not self.values.get(column):
            return default
        value = self.text(column)
        try:
            number = float(value.replace(",", ".") if self.decimal_comma else value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self._error(f"{column} “{value[:40]}” is no number")
        return number

    def day(self, column: str) -> date:
        """YYYY-MM-DD."""
        value = self.text(column)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self._error(f"{column} “{value[:40]}” is no day like 2026-03-27") from None

    def moment(self, column: str) -> datetime:
        """ISO 8601; without a zone it is UTC."""
        value = self.text(column)
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            raise self._error(f"{column} “{value[:40]}” is no moment like 2026-03-27T14:30:00Z") from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def _error(self, what: str) -> SheetError:
        return SheetError(f"{self.file}, line {self.number_of_line}: {what}")


def day64(on: date) -> np.datetime64:
    """A day as the columns count them."""
    return np.datetime64(on, "D")


def lines(path: Path, needed: Iterable[str]) -> Iterator[Line]:
    """All records of a file that has the needed columns in its first line. Raises SheetError."""
    text = _text(path)
    if text and not text.endswith(("\n", "\r")):
        raise SheetError(f"{path.name}, line {text.count(chr(10)) + 1}: the last line does not end, so it is not whole")
    head = text.partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in needed if name not in header]:
            raise SheetError(f"{path.name}, line 1: no column {', '.join(missing)}")
        for row in reader:
            if any(row):
                yield _line(path.name, reader.line_num, header, row, separator)
    except csv.Error as error:
        raise SheetError(f"{path.name}, line {reader.line_num}: {error}") from error


def _line(file: str, number: int, header: list[str], row: list[str], separator: str) -> Line:
    if len(row) != len(header):
        raise SheetError(f"{file}, line {number}: {len(row)} fields, but {len(header)} columns")
    values = dict(zip(header, (value.strip() for value in row), strict=True))
    return Line(file, number, values, separator != ",")


def _text(path: Path) -> str:
    """By its byte order mark, else UTF-8; another encoding is refused, not guessed."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            found = file.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise SheetError(f"{path.name}: {error}") from error
    if len(found) > LARGEST:
        raise SheetError(f"{path.name} is larger than {LARGEST:,} bytes")
    encoding = next((name for mark, name in MARKS.items() if found.startswith(mark)), "utf-8")
    try:
        text = found.decode(encoding)
    except UnicodeDecodeError as error:
        line = found[: error.start].count(b"\n") + 1
        raise SheetError(f"{path.name}, line {line}: is not {encoding}; save it as UTF-8") from error
    if "\x00" in text:
        raise SheetError(f"{path.name}, line {text[: text.index(chr(0))].count(chr(10)) + 1}: holds a NUL")
    return text
