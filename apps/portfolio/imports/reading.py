"""A whole file, line by line: a draft, a message, or a line that is no entry."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.portfolio.imports.encodings import UnreadableFileError, text_of
from apps.portfolio.imports.entries import Draft, EntryError, Reader
from apps.portfolio.imports.layouts import Layout
from apps.portfolio.imports.tables import Table, lines_of, table_of


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a line: a draft, or a problem about a field; neither, where it is no entry or is left out."""

    number: int
    cells: tuple[str, ...]
    draft: Draft | None = None
    problem: str = ""
    about: str = ""


def table_in(content: bytes, layout: Layout) -> Table:
    """Raises UnreadableFileError where the layout does not fit the file."""
    lines = list(lines_of(text_of(content, layout.encoding), layout.delimiter))
    return table_of(lines, layout.header, layout.section)


def read(content: bytes, layout: Layout, base_currency: str) -> Iterator[Read]:
    """Every line below the header. Raises UnreadableFileError where the layout does not fit, and nothing else."""
    table = table_in(content, layout)
    said = layout.problems(table.names)
    if said:
        raise UnreadableFileError(" ".join(said))
    reader = Reader(layout, table.names, base_currency)
    for line in table.lines:
        try:
            yield Read(line.number, line.cells, reader.draft_of(line))
        except EntryError as error:
            yield Read(line.number, line.cells, problem=str(error), about=error.about)
