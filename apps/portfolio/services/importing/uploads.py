"""A file comes in, is looked at, and can be thrown away again."""

from hashlib import sha256
from math import ceil
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from apps.accounts.models import User
from apps.portfolio.imports.detection import detect
from apps.portfolio.imports.encodings import UnreadableFileError
from apps.portfolio.imports.layouts import Layout
from apps.portfolio.models import Import, Portfolio
from apps.portfolio.models.imports import State
from apps.tenants.backend.connections import connection
from apps.tenants.services.quotas import require_room
from apps.tenants.storage import TenantStorage

MOST_BYTES = 25_000_000
LONGEST_NAME = 160


class TooLargeError(Exception):
    """Larger than any file that is read here; the message is for the member."""


def upload_import(*, portfolio: Portfolio, upload: UploadedFile[Any], by: User) -> Import:
    """Kept under a name of its own, with what it seems to be.

    Raises TooLargeError, UnreadableFileError or QuotaError; then nothing was kept.
    """
    if (upload.size or 0) > MOST_BYTES:
        raise TooLargeError(
            f"The file has {(upload.size or 0) / 1e6:,.1f} MB; at most {MOST_BYTES / 1e6:,.0f} are read."
        )
    content = upload.read(MOST_BYTES + 1)
    layout = detect(content)
    name = "".join(letter for letter in PurePath(upload.name or "").name if letter.isprintable())[-LONGEST_NAME:]
    with transaction.atomic():
        more = ceil(len(content) / 1_000_000)
        require_room(connection.tenant, "storage_mb", used=TenantStorage().used_mb, more=more)
        imported = Import(portfolio=portfolio, name=name or "file.csv", size=len(content), by=by)
        imported.sha256, imported.layout = sha256(content).hexdigest(), layout.as_json()
        imported.file.save("file.csv", ContentFile(content), save=False)
        imported.save(force_insert=True)
    return imported


def layout_of(imported: Import) -> Layout:
    """How its file is read."""
    return Layout.from_json(imported.layout)


def content_of(imported: Import) -> bytes:
    """The whole file. Raises UnreadableFileError where it is gone."""
    try:
        with imported.file.open("rb") as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        raise UnreadableFileError("The file is no longer kept: upload it again.") from error


def remove_import(imported: Import) -> bool:
    """With its file, unless it stands in the ledger or somebody works on it; false then."""
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=imported.pk)
        if held.state not in {State.MAPPING, State.READY, State.UNDONE}:
            return False
        storage, name = held.file.storage, held.file.name
        held.delete()
    if name:
        storage.delete(name)
    return True
