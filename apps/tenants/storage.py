"""Files of an organization live under a folder of its schema."""

from math import ceil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from apps.tenants.backend.connections import connection


class TenantStorage(FileSystemStorage):
    """MEDIA_ROOT/<schema>/...; the schema is asked for at each use, never remembered."""

    @property
    def location(self) -> str:
        """The current organization's folder, out of which no name leads; without an organization there is none."""
        schema = connection.schema_name
        if not schema or schema == "public":
            raise SuspiciousFileOperation("No organization in context: files belong to one.")
        return str(Path(settings.MEDIA_ROOT).absolute() / schema)

    def used_mb(self) -> int:
        """What the organization's files take, in whole megabytes."""
        files = (path for path in Path(self.location).rglob("*") if path.is_file())
        return ceil(sum(path.stat().st_size for path in files) / 1_000_000)

    def url(self, name: str | None) -> Any:
        """Files are handed out by views that ask who is asking."""
        raise SuspiciousFileOperation("Files have no address of their own.")
