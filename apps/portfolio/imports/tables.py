"""Text becomes numbered lines of cells; what is wrong with a line is said at that line."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from apps.portfolio.imports.encodings import UnreadableFileError

DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
MOST_COLUMNS, MOST_LETTERS, MOST_ROWS = 200, 131_072, 200_000
_SAMPLE_LINES = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the file: the line that it begins on (from 1), its cells, and why it cannot be read if so."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing but separators."""
        return not self.problem and not any(self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns, each once, and what stands below them."""

    names: tuple[str, ...]
    header: int
    lines: tuple[Line, ...]


def delimiter_of(text: str) -> str:
    """The separator that cuts most lines of the beginning into the same number of cells, more than one."""
    sample = "\n".join(text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES])
    return max(DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter))


def _agreement(sample: str, delimiter: str) -> tuple[int, int]:
    widths = Counter(len(line.cells) for line in lines_of(sample, delimiter) if not line.is_blank)
    widths.pop(1, 0)
    width, times = max(widths.items(), key=lambda found: (found[0] * found[1], found[0]), default=(0, 0))
    return width * times, times


def lines_of(text: str, delimiter: str) -> Iterator[Line]:
    """Every record, in order; one that cannot be read has a problem and no cells, and the next follows."""
    reader = csv.reader(StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    number = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(number, (), _in_words(error))
        else:
            yield _line(number, cells)
        number = reader.line_num + 1


def _in_words(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"A cell is longer than {MOST_LETTERS:,} characters."
    if "end of data" in str(error):
        return "A quotation mark is opened and never closed."
    return f"The quotation marks do not fit: {error}."


def _line(number: int, cells: Sequence[str]) -> Line:
    if len(cells) > MOST_COLUMNS:
        return Line(number, (), f"The row has {len(cells):,} columns; at most {MOST_COLUMNS} are read.")
    if any("\x00" in cell for cell in cells):
        return Line(number, (), "The row holds a NUL character: the file is damaged or no text.")
    return Line(number, tuple(cell.strip() for cell in cells))


def table_of(lines: Sequence[Line], header: int, section: str = "") -> Table:
    """The columns named on line `header`, and every line below it that is not blank.

    With a `section`, lines are "Section,Header,…" and "Section,Data,…", and only that section's are read. Raises
    UnreadableFileError where there is no such header or too many rows.
    """
    if section:
        lines = [_inside(line) for line in lines if line.problem or line.cells[:1] == (section,)]
        lines = [line for line in lines if line.problem or line.cells]
    head = next((line for line in lines if line.number >= header and not line.problem and not line.is_blank), None)
    if head is None:
        raise UnreadableFileError(f"There are no columns on line {header}.")
    below = tuple(line for line in lines if line.number > head.number and not line.is_blank)
    if len(below) > MOST_ROWS:
        raise UnreadableFileError(f"The file has {len(below):,} rows; at most {MOST_ROWS:,} are read at once.")
    names = unique_names(head.cells)
    return Table(names, head.number, tuple(line for line in below if unique_names(line.cells) != names))


def _inside(line: Line) -> Line:
    """Without the section's own two cells; a total is no row."""
    if line.problem:
        return line
    return Line(line.number, line.cells[2:] if line.cells[1:2] in {("Header",), ("Data",)} else ())


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """A column without a name is called after its left neighbour ("Price +1"), a second one of a name "Name (2)"."""
    names: list[str] = []
    named, gap = "Column", 0
    seen: Counter[str] = Counter()
    for cell in cells:
        text = " ".join(cell.split())[:80]
        named, gap = (text, 0) if text else (named, gap + 1)
        name = named if text else f"{named} +{gap}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)
