"""How a file is to be read: what is known of it, what members answer, and layouts that they gave a name."""

from collections.abc import Mapping as Words
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.db.models import Count, Min

from apps.accounts.models import User
from apps.portfolio.imports.detection import detect, first_lines, words_in
from apps.portfolio.imports.encodings import UnreadableFileError, text_of
from apps.portfolio.imports.layouts import MOST_WORDS, Layout
from apps.portfolio.imports.tables import table_of
from apps.portfolio.models import Import, Mapping
from apps.portfolio.models.imports import State, Status
from apps.portfolio.services.importing.matching import proposals
from apps.portfolio.services.importing.uploads import content_of, layout_of


@dataclass(frozen=True, slots=True)
class Beginning:
    """Names of the columns, the first lines below them, and the words of the column of kinds (as compared -> written).

    `problem` says why there are none.
    """

    names: Sequence[str] = ()
    lines: Sequence[tuple[int, Sequence[str]]] = ()
    words: Words[str, str] = field(default_factory=dict)
    problem: str = ""


def beginning_of(imported: Import, most: int) -> Beginning:
    """As the present layout cuts the file."""
    layout = layout_of(imported)
    try:
        text = text_of(content_of(imported), layout.encoding)
        table = table_of(first_lines(text, layout.delimiter), layout.header, layout.section)
    except UnreadableFileError as error:
        return Beginning(problem=str(error))
    column = layout.columns.get("kind", "")
    words = dict(list(words_in(table, column).items())[:MOST_WORDS]) if column in table.names else {}
    lines = [(line.number, line.cells or (line.problem,)) for line in table.lines[:most]]
    return Beginning(table.names, lines, words)


def choose_file(imported: Import, layout: Layout, source: str) -> bool:
    """The file cut anew: by a broker ("preset:…") columns are found again, a saved mapping brings its own.

    Raises UnreadableFileError; false where the file is past being mapped.
    """
    kind, _, key = source.partition(":")
    found = detect(content_of(imported), like=layout, preset=key if kind == "preset" else layout.preset)
    if kind == "mapping":
        found = replace(layout, header=found.header)
    with transaction.atomic():
        free = Import.objects.filter(pk=imported.pk, state=State.MAPPING)
        return bool(free.update(layout=found.as_json(), failure=""))


def map_again(imported: Import) -> bool:
    """From the preview back to the mapping; false where it is somewhere else."""
    with transaction.atomic():
        return bool(Import.objects.filter(pk=imported.pk, state=State.READY).update(state=State.MAPPING, failure=""))


def proposed_symbols(imported: Import, most: int) -> dict[str, str]:
    """Names in the file that no one instrument is known by, in its order -> the likeliest "MIC:SYMBOL", or ""."""
    rows = imported.rows.filter(status=Status.SYMBOL).order_by()
    named = rows.values("key").annotate(first=Min("number"), n=Count("pk")).order_by("first")[:most]
    return {row["key"]: _likeliest(row["key"]) for row in named}


def _likeliest(key: str) -> str:
    found = proposals(key)
    return f"{found[0].exchange_id}:{found[0].symbol}" if found else ""


@transaction.atomic
def save_mapping(*, name: str, layout: Layout, by: User) -> Mapping:
    """A name that is there already now means this layout."""
    mapping, _ = Mapping.objects.update_or_create(name=name.strip(), defaults={"layout": layout.as_json(), "by": by})
    return mapping


@transaction.atomic
def forget_mapping(mapping: Mapping) -> None:
    """What was read by it stays as it was read."""
    mapping.delete()
