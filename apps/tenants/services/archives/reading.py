"""An archive is looked through before a byte of it is used: whole, honest about itself, and no bigger than it says."""

import hashlib
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

from apps.tenants.services.archives.manifest import (
    MANIFEST,
    DamagedArchiveError,
    FileEntry,
    Manifest,
    TableEntry,
    parsed,
)
from apps.tenants.services.archives.writing import BLOCK, SEAL_SIZE, whole_digest

MOST_ENTRIES = 500_000
MOST_MANIFEST = 128 * 2**20
MOST_RATIO = 200  # rows of text shrink to a twentieth; a bomb to a thousandth
SMALL = 2**20
SEALED = re.compile(rb"manifest sha256 ([0-9a-f]{64})\narchive sha256 ([0-9a-f]{64})\n")


@dataclass(frozen=True, slots=True)
class SoundArchive:
    """An archive whose every checksum was found right."""

    manifest: Manifest
    _zip: zipfile.ZipFile

    def blocks(self, entry: TableEntry | FileEntry) -> Iterator[bytes]:
        """The bytes of one entry; raises DamagedArchiveError at their end if they are not those that were checked."""
        digest, left = hashlib.sha256(), entry.size
        with self._zip.open(entry.path) as source:
            while block := source.read(BLOCK):
                digest.update(block)
                left -= len(block)
                if left < 0:
                    break
                yield block
        if left or digest.hexdigest() != entry.sha256:
            raise DamagedArchiveError(f"{entry.path} is not what the manifest says.")


@contextmanager
def sound_archive(path: Path) -> Iterator[SoundArchive]:
    """Open for reading once everything was verified; raises DamagedArchiveError and has then changed nothing."""
    with ExitStack() as opened:
        try:
            sound = _verified(path, opened)
        except _UNREADABLE as error:
            raise DamagedArchiveError(f"The archive cannot be read: {str(error) or type(error).__name__}.") from error
        yield sound


def _verified(path: Path, opened: ExitStack) -> SoundArchive:
    raw = opened.enter_context(path.open("rb"))
    digest = _require_seal(raw)
    archive = opened.enter_context(zipfile.ZipFile(raw))
    sound = SoundArchive(_verified_manifest(archive, digest), archive)
    for entry in sound.manifest.entries:
        for _block in sound.blocks(entry):
            pass
    return sound


# What zipfile and its decompressors raise for bytes that nobody of good will wrote.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


def _require_seal(raw: IO[bytes]) -> str:
    size = raw.seek(0, 2)
    if size < SEAL_SIZE:
        raise DamagedArchiveError("This is no archive of an organization.")
    raw.seek(size - SEAL_SIZE)
    found = SEALED.fullmatch(raw.read())
    if found is None:
        raise DamagedArchiveError("This is no archive of an organization, or its end is missing.")
    raw.seek(0)
    if whole_digest(raw) != found[2]:
        raise DamagedArchiveError("The archive was changed after it was made: its checksum is wrong.")
    return found[1].decode()


def _verified_manifest(archive: zipfile.ZipFile, digest: str) -> Manifest:
    infos = archive.infolist()
    _require_honest(infos)
    sizes = {info.filename: info.file_size for info in infos}
    if sizes.get(MANIFEST, MOST_MANIFEST + 1) > MOST_MANIFEST:
        raise DamagedArchiveError("The archive has no manifest, or an absurd one.")
    text = archive.read(MANIFEST)
    if hashlib.sha256(text).hexdigest() != digest:
        raise DamagedArchiveError("The manifest is not the one that the archive was sealed with.")
    manifest = parsed(text)
    said = {entry.path: entry.size for entry in manifest.entries}
    if len(said) != len(manifest.entries) or said != {name: n for name, n in sizes.items() if name != MANIFEST}:
        raise DamagedArchiveError("The archive does not hold exactly what its manifest lists.")
    return manifest


def _require_honest(infos: list[zipfile.ZipInfo]) -> None:
    """Plain files only, each once, one after the other, none of which unpacks to absurd sizes."""
    if len(infos) > MOST_ENTRIES or len({info.filename for info in infos}) != len(infos):
        raise DamagedArchiveError("The archive names an entry twice, or too many of them.")
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or kind not in {0, stat.S_IFREG} or info.flag_bits & 1:
            raise DamagedArchiveError(f"{info.filename[:80]!r} is no plain file.")
        if info.file_size > max(SMALL, MOST_RATIO * info.compress_size):
            raise DamagedArchiveError(f"{info.filename[:80]!r} would unpack to an absurd size.")
    for one, following in pairwise(sorted(infos, key=lambda info: info.header_offset)):
        if one.header_offset + one.compress_size > following.header_offset:
            raise DamagedArchiveError("Entries of the archive overlap.")
