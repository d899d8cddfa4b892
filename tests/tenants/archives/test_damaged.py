"""An archive that was damaged, or made to do harm, is refused before anything is changed."""

import json
import os
import random
import stat
import zipfile
from collections.abc import Callable
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context
from hypothesis import given
from hypothesis import strategies as st

from apps.tenants.models import Organization
from apps.tenants.services.archives.manifest import DamagedArchiveError, is_safe_name, parsed
from apps.tenants.services.archives.reading import sound_archive
from apps.tenants.services.archives.writing import SEAL, seal
from tests.tenants.archives.test_round_trip import everything_else

pytestmark = pytest.mark.usefixtures("as_owner")
type Entries = dict[str, bytes]
type Said = dict[str, Any]


def forged(path: Path, change: Callable[[Entries, Said], None], **wrong: Any) -> Path:
    """Made by somebody who knows how archives are sealed: every checksum is right, unless `wrong` says not."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    said = json.loads(entries.pop("manifest.json"))
    change(entries, said)
    text = wrong.get("text", json.dumps(said).encode())
    digest = wrong.get("digest", sha256(text).hexdigest().encode())
    target = path.with_name("forged.zip")
    with target.open("w+b") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(wrong.get("info", {}).get(name, name), content)
            for name, content in wrong.get("added", ()):
                archive.writestr(name, content)
            archive.writestr("manifest.json", text)
            archive.comment = SEAL % (digest, b"0" * 64)
        seal(raw, digest)
    return target


def restated(said: Said, path: str, content: bytes) -> None:
    """The manifest agrees with the new content."""
    entry = next(one for one in [*said["tables"], *said["files"]] if one["path"] == path)
    entry |= {"size": len(content), "sha256": sha256(content).hexdigest()}


def refused(path: Path, why: str | None = None, *, while_loading: bool = False) -> None:
    """As a new organization and in place.

    What only the database can judge is refused while it loads: the export of what would have been replaced is by then
    in the organization's audit log, and nothing else is different.
    """
    before = everything_else("")
    for options in ({"subdomain": "initrode", "name": "Initrode"}, {"replace": True}):
        with pytest.raises(CommandError, match=why):
            call_command("restore_organization", path, stdout=StringIO(), **options)
    after = everything_else("")
    assert {name for name in before if after.get(name) != before[name]} <= ({audit_log()} if while_loading else set())
    assert set(after) == set(before)


def audit_log() -> str:
    with schema_context("public"):
        return f"{Organization.objects.get(subdomain='penetrode').schema_name}.accounts_auditentry"


def test_a_forged_archive_without_a_change_is_sound(archive: Path) -> None:
    """The control of all tests below: what they change is the reason for the refusal."""
    with sound_archive(forged(archive, lambda _entries, _said: None)) as sound:
        assert sound.manifest.organization["subdomain"] == "penetrode"


@pytest.mark.parametrize("seed", range(40))
def test_one_flipped_bit_is_seen(archive: Path, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(archive.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    archive.write_bytes(content)
    with pytest.raises(DamagedArchiveError), sound_archive(archive):
        pass


@pytest.mark.parametrize("cut", [0, 1, 22, 100, 5000])
def test_a_cut_archive_is_refused(archive: Path, cut: int) -> None:
    archive.write_bytes(archive.read_bytes()[: cut or -1])
    refused(archive, "no archive of an organization")


def test_a_missing_file_is_refused(archive: Path) -> None:
    refused(forged(archive, lambda entries, _: entries.clear()), "exactly what")


def test_an_entry_that_nobody_lists_is_refused(archive: Path) -> None:
    refused(forged(archive, lambda _e, _s: None, added=[("data/extra.csv", b"x")]), "exactly what")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_that_comes_twice_is_refused(archive: Path) -> None:
    refused(forged(archive, lambda _e, _s: None, added=[("data/accounts_user.csv", b"x")]), "twice")


def test_a_manifest_with_another_digest_is_refused(archive: Path) -> None:
    refused(forged(archive, lambda _e, _s: None, digest=b"0" * 64), "not the one")


@pytest.mark.parametrize("name", ["../../escape.pdf", "/etc/escape", "a/../../b", "a\\b", "a//b", "./a", "a\0b", "."])
def test_a_path_that_leads_outside_is_refused(archive: Path, name: str) -> None:
    def change(entries: Entries, said: Said) -> None:
        entries[f"files/{name}"] = b"x"
        said["files"].append({"name": name, "path": f"files/{name}", "size": 1, "sha256": sha256(b"x").hexdigest()})

    refused(forged(archive, change))


@given(st.text())
def test_a_safe_name_stays_inside(name: str) -> None:
    if is_safe_name(name):
        assert os.path.normpath(f"/media/org/{name}") == f"/media/org/{name}"


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o600, stat.S_IFBLK | 0o600, stat.S_IFDIR])
def test_an_entry_that_is_no_plain_file_is_refused(archive: Path, mode: int) -> None:
    info = zipfile.ZipInfo("data/accounts_user.csv")
    info.external_attr = mode << 16
    refused(forged(archive, lambda _e, _s: None, info={info.filename: info}), "no plain file")


def test_a_bomb_is_refused(archive: Path) -> None:
    def change(entries: Entries, said: Said) -> None:
        entries["data/accounts_house.csv"] = bytes(50_000_000)
        restated(said, "data/accounts_house.csv", bytes(50_000_000))

    refused(forged(archive, change), "absurd size")


@pytest.mark.parametrize(("key", "value"), [
    ("rows", 10**30), ("rows", -1), ("size", 10**30), ("size", "1"), ("sha256", "x"), ("table", "no such table"),
    ("table", "pg_authid"), ("columns", ["id", "id"]), ("columns", ["is_superuser"]), ("path", "data/other.csv"),
    ("rows", 7), ("references", {"email": 1}),
])  # fmt: skip
def test_a_manifest_that_says_what_cannot_be_is_refused(archive: Path, key: str, value: object) -> None:
    def change(_entries: Entries, said: Said) -> None:
        next(one for one in said["tables"] if one["table"] == "accounts_user")[key] = value

    refused(forged(archive, change), while_loading=(key, value) in (("rows", 7), ("columns", ["is_superuser"])))


@given(st.binary() | st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner)
       | st.dictionaries(st.sampled_from(["format", "tables", "files", "organization"]), inner)).map(
           lambda value: json.dumps(value).encode()))  # fmt: skip
def test_no_text_upsets_the_reader_of_manifests(text: bytes) -> None:
    with pytest.raises(DamagedArchiveError):
        parsed(text)


def test_sessions_cannot_be_brought_in(archive: Path) -> None:
    """An archive that names a table which never leaves would sign somebody in."""

    def change(entries: Entries, said: Said) -> None:
        content = b"session_key,session_data,expire_date\nabc,x,2100-01-01\n"
        entries["data/django_session.csv"] = content
        said["tables"].append(said["tables"][0] | {"table": "django_session", "path": "data/django_session.csv",
            "columns": ["session_key", "session_data", "expire_date"], "rows": 1, "references": {},
            "size": len(content), "sha256": sha256(content).hexdigest()})  # fmt: skip

    refused(forged(archive, change), "never leaves")


def test_an_archive_of_a_later_version_is_refused(archive: Path) -> None:
    refused(forged(archive, lambda _e, said: said["migrations"].append("accounts.9999_later")), "later version")


@pytest.mark.parametrize(("old", "new", "why"), [
    (b"XNAS:AAPL", b"XNAS:NONE", "does not know XNAS:NONE"),
    (b"buy", b"bye", "do not fit together"),
])  # fmt: skip
def test_rows_that_fit_nothing_are_refused(
    penetrode: Organization, archive: Path, old: bytes, new: bytes, why: str
) -> None:
    """Seen by the database while it loads: the transaction ends and everything is as it was."""

    def change(entries: Entries, said: Said) -> None:
        path = "data/portfolio_transaction.csv"
        assert old in entries[path]
        entries[path] = entries[path].replace(old, new)
        restated(said, path, entries[path])

    path, before = forged(archive, change), everything_else(penetrode.schema_name)
    with pytest.raises(CommandError, match=why):
        call_command("restore_organization", path, replace=True, stdout=StringIO())
    assert everything_else(penetrode.schema_name) == before


def test_a_row_whose_owner_is_missing_is_refused(penetrode: Organization, archive: Path) -> None:
    def change(entries: Entries, said: Said) -> None:
        path = "data/accounts_user.csv"
        lines = [line for line in entries[path].splitlines(keepends=True) if b"bill@penetrode" not in line]
        entries[path] = b"".join(lines)
        restated(said, path, entries[path])
        next(one for one in said["tables"] if one["path"] == path)["rows"] -= 1

    with pytest.raises(CommandError, match="do not fit together"):
        call_command("restore_organization", forged(archive, change), replace=True, stdout=StringIO())
