"""kill -9 of real processes at every step: the old data stay whole, and the next run ends well."""

import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django_tenants.utils import schema_context

from apps.tenants.models import Archive, Organization
from apps.tenants.services import archives
from apps.tenants.services.archives.reading import sound_archive
from tests.tenants.archives import processes
from tests.tenants.archives.processes import holding, kill, start, wait_until_blocked, wait_until_gone
from tests.tenants.archives.test_round_trip import LOGS, contents, everything_else

pytestmark = pytest.mark.usefixtures("as_owner")


def environment(database: str) -> dict[str, str]:
    return processes.environment(database, PGAPPNAME="killed")


def state(organization: Organization, to: Path) -> dict[str, bytes]:
    """Its rows and files as they are now, with nothing written down."""
    archives.write_archive(organization, to)
    return {name: content for name, content in contents(to).items() if name not in LOGS}


@pytest.fixture
def before(penetrode: Organization, archive: Path, tmp_path: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    return state(penetrode, tmp_path / "before.zip"), everything_else(penetrode.schema_name)


def _is_as_before(organization: Organization, before: tuple[dict[str, bytes], dict[str, str]], tmp_path: Path) -> bool:
    rows, others = before
    return (state(organization, tmp_path / "now.zip"), everything_else(organization.schema_name)) == (rows, others)


def _then_it_works(database: str, organization: Organization, archive: Path) -> None:
    processes.run(environment(database), "restore_organization", str(archive), "--replace")
    with schema_context("public"):
        assert Organization.objects.filter(subdomain=organization.subdomain).count() == 1


def test_killed_when_the_new_rows_wait_to_take_the_place(
    database: str,
    penetrode: Organization,
    archive: Path,
    before: tuple[dict[str, bytes], dict[str, str]],
    tmp_path: Path,
) -> None:
    """Everything is loaded and every file written; somebody still reads the old rows."""
    with holding(database, f'"{penetrode.schema_name}".accounts_house IN ACCESS SHARE MODE'):
        process = start(environment(database), "restore_organization", str(archive), "--replace")
        wait_until_blocked(database, "LOCK TABLE")
        kill(process)
    wait_until_gone(database)
    assert _is_as_before(penetrode, before, tmp_path)
    _then_it_works(database, penetrode, archive)


def test_killed_between_the_swap_and_the_commit(
    database: str,
    penetrode: Organization,
    archive: Path,
    before: tuple[dict[str, bytes], dict[str, str]],
    tmp_path: Path,
) -> None:
    """The old schema is dropped and the new one renamed, in a transaction that never commits."""
    with holding(database, f'"{penetrode.schema_name}".accounts_house IN ACCESS SHARE MODE') as reader:
        process = start(environment(database), "restore_organization", str(archive), "--replace")
        wait_until_blocked(database, "LOCK TABLE")
        with holding(database, "public.accounts_auditentry IN SHARE MODE"):
            reader.rollback()
            wait_until_blocked(database, 'INSERT INTO "accounts_auditentry"')
            kill(process)
    wait_until_gone(database)
    assert _is_as_before(penetrode, before, tmp_path)
    _then_it_works(database, penetrode, archive)


@pytest.mark.parametrize("seconds", [1.5, 3.0, 4.5])
def test_killed_at_any_moment(
    database: str, penetrode: Organization, archive: Path, before: tuple[dict[str, bytes], dict[str, str]],
    tmp_path: Path, seconds: float,
) -> None:  # fmt: skip
    process = start(environment(database), "restore_organization", str(archive), "--replace")
    time.sleep(seconds)
    kill(process)
    wait_until_gone(database)
    assert state(penetrode, tmp_path / "now.zip") == before[0]


def test_a_killed_export_leaves_no_half_and_is_made_again(
    database: str, penetrode: Organization, tmp_path: Path
) -> None:
    to = tmp_path / "taken.zip"
    with holding(database, "public.market_instrument IN ACCESS EXCLUSIVE MODE"):
        process = start(environment(database), "export_organization", "penetrode", "--to", str(to))
        wait_until_blocked(database, "COPY (SELECT")
        kill(process)
    wait_until_gone(database)
    assert not to.exists()
    with schema_context("public"):
        lost = Archive.objects.get(status="building")
        assert not list(Path(settings.ARCHIVE_DIR).glob(f"{lost.pk}-*.zip"))
        Archive.objects.filter(pk=lost.pk).update(claimed_at="2026-01-01T00:00Z")
    assert [one.pk for one in archives.unfinished_archives()] == [lost.pk]
    with sound_archive(archives.build_archive(lost).path) as sound:
        assert sound.manifest.rows > 0


def test_what_a_killed_export_left_is_swept(committed: None, database: str) -> None:
    left = Path(settings.ARCHIVE_DIR) / "00000000-0000-4000-8000-000000000000-ffff.zip.part"
    left.write_bytes(b"half")
    archives.expire_archives()
    assert left.exists()  # somebody may still write it
    os.utime(left, (0, 0))
    archives.expire_archives()
    assert not left.exists()


def test_folders_that_no_schema_names_are_swept(penetrode: Organization) -> None:
    media = Path(settings.MEDIA_ROOT)
    left, young = media / f"{penetrode.schema_name}.00000000", media / f"{penetrode.schema_name}.11111111"
    for folder in (left, young):
        folder.mkdir()
    os.utime(left, (0, 0))
    with schema_context("public"):
        others = {folder.name for folder in media.iterdir()} - {left.name}
    archives.expire_archives()
    assert {folder.name for folder in media.iterdir()} == others
    young.rmdir()
