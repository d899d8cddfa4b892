"""What an archive says about itself: its versions, its tables, its files and the checksum of each."""

import json
import re
import uuid
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.utils.crypto import salted_hmac

FORMAT = 1
PRODUCT = "stock-intelligence 0.1.0"
MANIFEST = "manifest.json"
MOST_BYTES = 2**40
SHA256 = re.compile(r"[0-9a-f]{64}")
TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")


class DamagedArchiveError(Exception):
    """The archive is not as it was written, or was written to do harm."""


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table's rows; `references` are its columns that hold names of public rows instead of keys."""

    table: str
    path: str
    columns: tuple[str, ...]
    rule: str
    rows: int
    size: int
    sha256: str
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the organization under the name that its row says."""

    name: str
    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first thing that a restore reads."""

    made_at: str
    schema_version: str
    migrations: tuple[str, ...]
    organization: dict[str, Any]
    tables: tuple[TableEntry, ...]
    files: tuple[FileEntry, ...]
    missing_files: tuple[str, ...]
    left_behind: dict[str, str]
    sealed_by: str
    format: int = FORMAT
    product: str = PRODUCT

    @property
    def entries(self) -> tuple[TableEntry | FileEntry, ...]:
        """Everything in the archive but the manifest itself."""
        return (*self.tables, *self.files)

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(entry.rows for entry in self.tables)


def sealing_mark(schema: str) -> str:
    """Tells whether what was sealed in `schema` (see apps/tenants/sealing.py) can be read here; nothing of the key."""
    return salted_hmac("archives.sealed", schema, algorithm="sha256").hexdigest()[:32]


def as_json(manifest: Manifest) -> bytes:
    """Readable, in the order of the fields."""
    return json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode()


def parsed(text: bytes) -> Manifest:
    """Raises DamagedArchiveError for whatever is not a manifest of ours."""
    try:
        said = json.loads(text)
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise DamagedArchiveError(f"This version reads archives of format {FORMAT} only.")
        return _manifest(said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DamagedArchiveError("The manifest cannot be read.") from error


def _manifest(said: dict[str, Any]) -> Manifest:
    known = {one.name for one in fields(Manifest)}
    values = {name: value for name, value in said.items() if name in known}
    values |= {
        "tables": tuple(_table(entry) for entry in said["tables"]),
        "files": tuple(_file(entry) for entry in said["files"]),
        "migrations": tuple(_text(name, 200) for name in said["migrations"]),
        "missing_files": tuple(_text(name, 500) for name in said["missing_files"]),
    }
    datetime.fromisoformat(said["made_at"])
    uuid.UUID(said["organization"]["id"])
    for name in ("name", "subdomain", "timezone", "schema"):
        _text(said["organization"][name], 200)
    for name, number in said["organization"]["quota"].items():
        _number(number, 2**31, name)
    return Manifest(**values)


def _table(said: dict[str, Any]) -> TableEntry:
    name = _text(said["table"], 63)
    entry = TableEntry(
        table=name, path=_text(said["path"], 100), columns=tuple(_text(c, 63) for c in said["columns"]),
        rule=_text(said["rule"], 10), rows=_number(said["rows"], MOST_BYTES, "rows"),
        size=_number(said["size"], MOST_BYTES, "size"), sha256=_digest(said["sha256"]),
        references={_text(c, 63): _text(t, 63) for c, t in said["references"].items()},
    )  # fmt: skip
    if not TABLE.fullmatch(name) or entry.path != table_path(name) or len(set(entry.columns)) != len(entry.columns):
        raise DamagedArchiveError("The manifest names a table that cannot be.")
    return entry


def _file(said: dict[str, Any]) -> FileEntry:
    entry = FileEntry(
        name=_text(said["name"], 500), path=_text(said["path"], 600),
        size=_number(said["size"], MOST_BYTES, "size"), sha256=_digest(said["sha256"]),
    )  # fmt: skip
    if not is_safe_name(entry.name) or entry.path != file_path(entry.name):
        raise DamagedArchiveError(f"The archive names a file outside of its folder: {entry.name[:80]!r}.")
    return entry


def table_path(table: str) -> str:
    """Where a table's rows lie in the archive."""
    return f"data/{table}.csv"


def file_path(name: str) -> str:
    """Where a file lies in the archive."""
    return f"files/{name}"


def is_safe_name(name: str) -> bool:
    """A relative path that leads nowhere else, written in the one way in which it can be."""
    parts = PurePosixPath(name).parts
    return (
        bool(parts)
        and "/".join(parts) == name
        and not name.startswith("/")
        and ".." not in parts
        and not any(ord(letter) < 32 or letter in "\\\x7f" for letter in name)
        and all(len(part.encode()) <= 255 for part in parts)
    )


def _text(value: object, most: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most or "\0" in value:
        raise DamagedArchiveError("The manifest cannot be read.")
    return value


def _number(value: object, most: int, name: str) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise DamagedArchiveError(f"The manifest says an impossible number of {name}.")
    return value


def _digest(value: object) -> str:
    if not isinstance(value, str) or not SHA256.fullmatch(value):
        raise DamagedArchiveError("The manifest says an impossible checksum.")
    return value
