"""What a person could read in a file that was taken home."""

import zipfile
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO

from pypdf import PdfReader


def words(body: bytes, kind: str) -> str:
    """What a person could read in a file: of a PDF and an archive, what is in it."""
    return _inside(body, kind) if kind in {"application/pdf", "application/zip"} else body.decode("utf-8", "replace")


@lru_cache(maxsize=256)
def _inside(body: bytes, kind: str) -> str:
    return "\n".join(_parts(body)) if kind == "application/zip" else _pdf(body)


def _pdf(body: bytes) -> str:
    """A word may be broken at the end of a line."""
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages).split())


def _parts(body: bytes) -> Iterator[str]:
    with zipfile.ZipFile(BytesIO(body)) as archive:
        for name in archive.namelist():
            raw = archive.read(name)
            yield name
            yield _pdf(raw) if name.endswith(".pdf") else raw.decode("utf-8", "replace")
