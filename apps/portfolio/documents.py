"""Tables of a portfolio as files: CSV and JSON line by line, XLSX as a workbook; no cell of them is a formula."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import batched
from typing import IO

import xlsxwriter

from apps.accounts.documents import plain

type Cell = str | Decimal | float | int | date | None

A_BATCH = 1_000
EXACT_DIGITS = 15  # of a spreadsheet's numbers; longer ones are kept as text
QUOTE = "'"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: what it is called, its columns, and its rows, which may be read once only."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def written(cell: Cell) -> str:
    """As a file says it: plain decimals, ISO days and times, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}" if cell else "0"
    if isinstance(cell, float):
        return repr(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def safe(cell: Cell) -> str:
    """Text that a spreadsheet would compute gets an apostrophe, and so does one that begins with it."""
    text = written(cell)
    if not isinstance(cell, str):
        return text
    return QUOTE + text if text.startswith(QUOTE) else plain(text)


def csv_of(sheet: Sheet) -> Iterator[str]:
    """A batch of lines at a time."""
    yield _lines([sheet.columns])
    for batch in batched(sheet.rows, A_BATCH):
        yield _lines([[safe(cell) for cell in row] for row in batch])


def _lines(rows: Iterable[Sequence[str]]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def json_of(about: dict[str, str], sheets: Iterable[Sheet]) -> Iterator[str]:
    """One object: what it is about, and a list of objects for each sheet. Money is text, so that none is rounded."""
    yield json.dumps(about, ensure_ascii=False)[:-1]
    for sheet in sheets:
        yield f", {json.dumps(sheet.name)}: ["
        separator = "\n"
        for batch in batched(sheet.rows, A_BATCH):
            yield separator + ",\n".join(_object(sheet.columns, row) for row in batch)
            separator = ",\n"
        yield "]"
    yield "}\n"


def _object(columns: Sequence[str], row: Sequence[Cell]) -> str:
    said = {name: cell if cell is None or isinstance(cell, (int, float)) else written(cell)
            for name, cell in zip(columns, row, strict=True)}  # fmt: skip
    return json.dumps(said, ensure_ascii=False)


def write_xlsx(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Row by row, so that a long ledger needs no more memory than a short one."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        head, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            page.write_row(0, 0, sheet.columns, head)
            for place, row in enumerate(sheet.rows, start=1):
                for column, cell in enumerate(row):
                    _write(page, place, column, cell, day)


def _write(page: "xlsxwriter.worksheet.Worksheet", row: int, column: int, cell: Cell, day: object) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, datetime):
        page.write_string(row, column, cell.isoformat())
    elif isinstance(cell, date):
        page.write_datetime(row, column, cell, day)
    elif isinstance(cell, str) or (
        isinstance(cell, Decimal) and len(cell.normalize().as_tuple().digits) > EXACT_DIGITS
    ):
        page.write_string(row, column, written(cell))
    else:
        page.write_number(row, column, float(cell))
