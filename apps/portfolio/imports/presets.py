"""What the brokers call their columns and kinds: data files, one a broker (presets/*.toml)."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from apps.portfolio.imports.layouts import named_columns, normal

FOLDER = Path(__file__).with_name("presets")
GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Preset:
    """A broker's file: `signature` are columns that only it has together, `columns` field -> names in use.

    `mark` and `order` are given where the broker always writes the same. See Layout for the others.
    """

    key: str
    name: str
    signature: Sequence[str]
    columns: Mapping[str, Sequence[str]]
    kinds: Mapping[str, str]
    mark: str | None = None
    order: str | None = None
    section: str = ""
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fee_currency: str = ""

    def knows(self, cells: Sequence[str]) -> bool:
        """Whether a header with these cells is this broker's."""
        present = {normal(cell) for cell in cells}
        return bool(self.signature) and {normal(name) for name in self.signature} <= present

    def columns_in(self, cells: Sequence[str]) -> dict[str, str]:
        """Field -> the column of this header."""
        return named_columns(cells, self.columns)


@cache
def presets() -> Mapping[str, Preset]:
    """All of them by key, the generic one last."""
    found = [_preset(path) for path in sorted(FOLDER.glob("*.toml"), key=lambda path: (path.stem == GENERIC, path))]
    return {preset.key: preset for preset in found}


def _preset(path: Path) -> Preset:
    data = tomllib.loads(path.read_text())
    kinds = {normal(word): kind for kind, words in data.pop("kinds", {}).items() for word in words}
    return Preset(key=path.stem, kinds=kinds, signature=data.pop("signature", ()), **data)
