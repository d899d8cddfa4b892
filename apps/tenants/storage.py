"""Files of an organization live in one folder, which its schema names."""

from math import ceil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from apps.tenants.backend.connections import connection

_NAMED = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s"


def media_folder(schema: str) -> Path:
    """MEDIA_ROOT/<schema>, or after a restore the folder that the schema's comment names.

    The comment changes hands in the commit that changes the rows: rows and files are of one state at every moment.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [schema])
        row = cursor.fetchone()
    return Path(settings.MEDIA_ROOT).absolute() / Path((row and row[0]) or schema).name


def media_folders(schema: str) -> list[Path]:
    """Every folder that was ever this schema's: the plain one, and those that restores have made."""
    root = Path(settings.MEDIA_ROOT).absolute()
    return [folder for pattern in (schema, f"{schema}.*") for folder in root.glob(pattern)]


class TenantStorage(FileSystemStorage):
    """The current organization's files; the folder is asked for at each use, never remembered."""

    @property
    def location(self) -> str:
        """The current organization's folder, out of which no name leads; without an organization there is none."""
        schema = connection.schema_name
        if not schema or schema == "public":
            raise SuspiciousFileOperation("No organization in context: files belong to one.")
        return str(media_folder(schema))

    def used_mb(self) -> int:
        """What the organization's files take, in whole megabytes."""
        files = (path for path in Path(self.location).rglob("*") if path.is_file())
        return ceil(sum(path.stat().st_size for path in files) / 1_000_000)

    def url(self, name: str | None) -> Any:
        """Files are handed out by views that ask who is asking."""
        raise SuspiciousFileOperation("Files have no address of their own.")
