"""What a file seems to be: every choice of the page, made beforehand where the file is clear."""

from collections.abc import Iterator, Sequence

from apps.portfolio.imports.days import order_of
from apps.portfolio.imports.encodings import UnreadableFileError, encoding_of, text_of
from apps.portfolio.imports.layouts import NUMBERS, Layout, normal
from apps.portfolio.imports.numbers import mark_of
from apps.portfolio.imports.presets import GENERIC, Preset, presets
from apps.portfolio.imports.tables import Line, Table, delimiter_of, lines_of, table_of

SAMPLE = 2000
_HEADER_WITHIN = 200


def detect(content: bytes, *, like: Layout | None = None, preset: str = "") -> Layout:
    """From the whole file's encoding and its first lines; raises UnreadableFileError.

    `like` are choices that stand (a saved mapping, or what the member has set); `preset` names a broker.
    """
    encoding = like.encoding if like else encoding_of(content)
    text = text_of(content, encoding)
    delimiter = like.delimiter if like else delimiter_of(text)
    lines = first_lines(text, delimiter)
    broker, header = _found(lines, preset, like.header if like else None)
    table = table_of(lines, header, broker.section)
    columns = broker.columns_in(table.names) or presets()[GENERIC].columns_in(table.names)
    only = {name: words for name, words in broker.only.items() if name in table.names}
    return Layout(
        encoding=encoding,
        delimiter=delimiter,
        header=table.header,
        mark=broker.mark or mark_of(_cells(table, [columns[one] for one in NUMBERS if one in columns]), delimiter),
        order=broker.order or order_of(_cells(table, [columns["traded_on"]] if "traded_on" in columns else [])),
        columns=columns,
        kinds=dict(broker.kinds),
        section=broker.section,
        only=only,
        preset=broker.key,
        fee_currency=broker.fee_currency,
    )


def first_lines(text: str, delimiter: str) -> list[Line]:
    """As many as the choices are made from."""
    found = []
    for line in lines_of(text, delimiter):
        found.append(line)
        if len(found) >= SAMPLE:
            break
    return found


def _found(lines: Sequence[Line], wanted: str, header: int | None) -> tuple[Preset, int]:
    """The broker whose columns stand in some line, and that line; else the generic one and the likeliest header."""
    asked = [presets()[wanted]] if wanted in presets() else list(presets().values())
    for preset in asked:
        for line in lines:
            if preset.knows(line.cells):
                return preset, line.number
    return asked[-1], header or _likeliest_header(lines)


def _likeliest_header(lines: Sequence[Line]) -> int:
    """The first line with the most names that are known; without any the first with the most cells."""
    known = {normal(name) for names in presets()[GENERIC].columns.values() for name in names}
    usable = [line for line in lines[:_HEADER_WITHIN] if any(line.cells)]
    if not usable:
        problem = lines[0].problem if lines else ""
        raise UnreadableFileError("No line of the file can be read: " + (problem or "it is empty."))
    return max(usable, key=lambda line: (*_points(line, known), -line.number)).number


def _points(line: Line, known: set[str]) -> tuple[int, int]:
    named = sum(normal(cell) in known for cell in line.cells)
    return (named if named > 1 else 0), sum(bool(cell) for cell in line.cells)


def _cells(table: Table, names: Sequence[str]) -> Iterator[str]:
    places = [table.names.index(name) for name in names]
    return (line.cells[place] for line in table.lines for place in places if place < len(line.cells))


def words_in(table: Table, column: str) -> dict[str, str]:
    """Words of the column as they are compared -> as they are written."""
    place = table.names.index(column)
    cells = (line.cells[place] for line in table.lines if place < len(line.cells))
    return {normal(cell): cell for cell in cells if cell}
