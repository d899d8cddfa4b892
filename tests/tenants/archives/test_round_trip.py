"""What leaves comes back: the same rows and files, here, under another name, and nothing else changes."""

import hashlib
import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import Act, AuditEntry, House, Invitation, User
from apps.accounts.services import record_audit
from apps.portfolio.models import Transaction
from apps.reports.models import Report
from apps.tenants.backend.connections import connection
from apps.tenants.models import Archive, Domain, Organization, Quota
from apps.tenants.services import archives
from apps.tenants.services.archives.reading import sound_archive
from apps.tenants.services.archives.rules import table_rules
from apps.tenants.storage import media_folder
from tests.tenants.archives.conftest import PASSWORD, drop

pytestmark = pytest.mark.usefixtures("as_owner")
SEALED = {f"data/{table}.csv" for table, rule in table_rules().items() if rule.rule == "sealed"}
LOGS = {"data/accounts_auditentry.csv"}  # an export and a restore are written down


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}


def everything_else(than: str) -> dict[str, str]:
    """A checksum of every table and every file on this installation outside of one schema (and its public rows)."""
    mine = {"public.tenants_archive", "public.accounts_auditentry", "public.tenants_organization",
            "public.tenants_domain", "public.tenants_quota"}  # fmt: skip
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'public' OR schemaname LIKE 'org\\_%%'", []
        )
        tables = [(s, t) for s, t in cursor.fetchall() if s != than and f"{s}.{t}" not in mine]
        found = {}
        for schema, table in tables:
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{schema}\".\"{table}\" t"
            )
            found[f"{schema}.{table}"] = str(cursor.fetchone()[0])
    return found | dict(_files(than))


def _files(than: str) -> Iterator[tuple[str, str]]:
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        name = path.relative_to(settings.MEDIA_ROOT)
        if path.is_file() and name.parts[0].partition(".")[0] != than:
            yield str(name), hashlib.md5(path.read_bytes()).hexdigest()


def _export(subdomain: str, to: Path) -> Path:
    call_command("export_organization", subdomain, to=to, stdout=StringIO())
    return to


def test_what_comes_back_in_place_is_what_left(penetrode: Organization, archive: Path, tmp_path: Path) -> None:
    before, others = contents(archive), everything_else(penetrode.schema_name)
    with tenant_context(penetrode):
        Transaction.objects.all().delete()
        Report.objects.all().delete()
        User.objects.filter(email="peter@penetrode.test").update(name="Somebody else")
    answer = StringIO()
    call_command("restore_organization", archive, replace=True, stdout=answer)
    after = contents(_export("penetrode", tmp_path / "again.zip"))
    assert set(after) == set(before)
    assert {name for name in before if after[name] != before[name]} <= LOGS
    assert everything_else(penetrode.schema_name) == others
    assert any(name.startswith("files/reports/") for name in before)
    assert b"private" in before["data/portfolio_portfolio.csv"]


def test_the_application_works_on_what_came_back(penetrode: Organization, archive: Path) -> None:
    """Under its own login: rights, files, sequences and passwords are there."""
    call_command("restore_organization", archive, replace=True, stdout=StringIO())
    client = Client(HTTP_HOST=penetrode.host)
    with tenant_context(penetrode):
        assert authenticate(username="bill@penetrode.test", password=PASSWORD)
        client.force_login(User.objects.get(email="peter@penetrode.test"))
        report = Report.objects.get()
    download = client.get(f"/reports/{report.pk}/download/")
    assert download.getvalue().startswith(b"%PDF canary of penetrode")
    with tenant_context(penetrode), connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{connection.settings_dict["NAME"]}_{penetrode.schema_name}"')
        cursor.execute("SELECT count(*), (SELECT count(*) FROM market_instrument) FROM portfolio_transaction")
        assert cursor.fetchone()[0] == 3
        cursor.execute("SELECT has_table_privilege('accounts_auditentry', 'DELETE'),"
                       " has_table_privilege('accounts_auditentry', 'INSERT')")  # fmt: skip
        assert cursor.fetchone() == (False, True)
        cursor.execute("RESET ROLE")
        assert media_folder(penetrode.schema_name).name != penetrode.schema_name


def test_sessions_end_and_the_audit_log_keeps_every_entry(penetrode: Organization, archive: Path) -> None:
    with tenant_context(penetrode):
        Client(HTTP_HOST=penetrode.host).force_login(User.objects.get(email="bill@penetrode.test"))
        assert Session.objects.exists()
        since = record_audit("member.changed")
    call_command("restore_organization", archive, replace=True, stdout=StringIO())
    with tenant_context(penetrode):
        assert not Session.objects.exists()
        assert AuditEntry.objects.filter(pk=since.pk).exists()
        entry = AuditEntry.objects.filter(act=Act.ORGANIZATION_RESTORED)[0]
        assert (entry.by_operator, entry.by_id) == (True, None)
    with schema_context("public"):
        assert AuditEntry.objects.filter(act=Act.ORGANIZATION_RESTORED, subject_id=penetrode.pk).exists()


def test_an_invitation_that_was_open_is_not_opened_again(penetrode: Organization, tmp_path: Path) -> None:
    with tenant_context(penetrode):
        Invitation.objects.all().delete()
        Invitation.objects.create(email="milton@penetrode.test", role="viewer", token_digest="0" * 64,
                                  invited_by_id=penetrode.pk, expires_at="2100-01-01T00:00Z")  # fmt: skip
    path = _export("penetrode", tmp_path / "open.zip")
    call_command("restore_organization", path, replace=True, stdout=StringIO())
    with tenant_context(penetrode):
        assert not Invitation.objects.open().exists()
        Invitation.objects.all().delete()


def test_a_copy_under_another_name(penetrode: Organization, archive: Path, database: str, tmp_path: Path) -> None:
    others = everything_else("")
    call_command("restore_organization", archive, subdomain="initrode", name="Initrode", stdout=StringIO())
    with schema_context("public"):
        copy = Organization.objects.get(subdomain="initrode")
        assert (copy.name, copy.timezone, copy.pk != penetrode.pk) == ("Initrode", penetrode.timezone, True)
        assert Domain.objects.get(domain=copy.host).tenant == copy
        assert Quota.objects.get(organization=copy).members == 50
    after = contents(_export("initrode", tmp_path / "copy.zip"))
    before = contents(archive)
    assert {name for name in before if after[name] != before[name]} <= LOGS | SEALED  # sealed under another schema
    assert {k: v for k, v in everything_else(copy.schema_name).items() if k in others} == others
    drop("initrode", database)


@pytest.mark.parametrize(("options", "why"), [
    ({}, "already exists"),
    ({"subdomain": "www"}, "reserved"),
    ({"subdomain": "globex", "replace": True}, "another organization"),
    ({"subdomain": "nobody", "replace": True}, "no organization to replace"),
])  # fmt: skip
def test_what_cannot_be_is_refused(archive: Path, options: dict[str, str], why: str) -> None:
    before = everything_else("")
    with pytest.raises(CommandError, match=why):
        call_command("restore_organization", archive, stdout=StringIO(), **options)
    assert everything_else("") == before


def test_what_is_replaced_is_kept(penetrode: Organization, archive: Path) -> None:
    """The way back from a restore that should not have been."""
    answer = StringIO()
    call_command("restore_organization", archive, replace=True, stdout=answer)
    with schema_context("public"):
        kept = Archive.objects.ready().filter(organization=penetrode)[0]
    assert str(kept.path) in answer.getvalue()
    with sound_archive(kept.path) as sound:
        assert sound.manifest.organization["subdomain"] == "penetrode"


def test_the_login_of_the_application_restores_nothing(committed: None, archive: Path) -> None:
    connection.settings_dict["ROLE_PREFIX"] = "{database}_"
    try:
        with pytest.raises(archives.RestoreRefusedError, match="DB_LOGIN=owner"):
            archives.restore_as_new(archive)
    finally:
        connection.settings_dict["ROLE_PREFIX"] = ""


def test_secrets_that_were_sealed_elsewhere_stay_out(penetrode: Organization, archive: Path) -> None:
    with sound_archive(archive) as sound:
        entries = {entry.table: entry.rule for entry in sound.manifest.tables}
        assert entries["mfa_authenticator"] == "sealed"
        left = set(sound.manifest.left_behind)
    assert {"django_session", "accounts_knowndevice", "usersessions_usersession", "socialaccount_socialtoken"} <= left


def test_the_house_and_its_logo_come_back(penetrode: Organization, archive: Path) -> None:
    with tenant_context(penetrode):
        House.objects.all().delete()
    call_command("restore_organization", archive, replace=True, stdout=StringIO())
    with tenant_context(penetrode), House.current().logo.open() as logo:
        assert logo.read() == b"\x89PNG of penetrode"
