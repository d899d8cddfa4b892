"""Files of an organization live under a folder of its schema."""

from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from apps.tenants.backend.connections import connection


class TenantStorage(FileSystemStorage):
    """MEDIA_ROOT/<schema>/...; the schema is asked for at each use, never remembered."""

    def path(self, name: str) -> str:
        """A path below the current organization's folder; without an organization there is none."""
        schema = connection.schema_name
        if not schema or schema == "public":
            raise SuspiciousFileOperation("No organization in context: files belong to one.")
        return super().path(f"{schema}/{name}")

    def url(self, name: str | None) -> Any:
        """Files are handed out by views that ask who is asking."""
        raise SuspiciousFileOperation("Files have no address of their own.")
