"""Another installation: another key, other keys of instruments, an older version; and no one else's rows travel."""

import os
import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import SignInProvider, User
from apps.tenants.models import Organization
from apps.tenants.services import archives
from deploy.local.background import own_database
from deploy.local.services import with_parts
from tests.tenants.archives.processes import environment, run
from tests.tenants.archives.test_damaged import Entries, Said, forged
from tests.tenants.archives.test_round_trip import LOGS, SEALED, contents

pytestmark = pytest.mark.usefixtures("as_owner")


@pytest.fixture
def elsewhere(database: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation whose instruments have keys of their own."""
    name = f"{database}_elsewhere"
    with own_database(name, os.environ):
        env = environment(name, tmp_path / "media", SECRET_KEY="another installation's key, long enough to be one")
        run(env, "migrate_schemas", "-v0")
        with psycopg.connect(with_parts(os.environ["OWNER_DATABASE_URL"], dbname=name)) as owner:
            owner.execute("ALTER SEQUENCE market_instrument_id_seq RESTART WITH 70001")
        run(env, "import_reference")
        yield env


def _seal_something(penetrode: Organization) -> None:
    with tenant_context(penetrode):
        bill = User.objects.get(email="bill@penetrode.test")
        Authenticator.objects.get_or_create(user=bill, type="totp", defaults={"data": {"secret": "sealed"}})
        if not SignInProvider.objects.exists():
            SignInProvider.objects.create(name="IdP", issuer_url="https://id.penetrode.test", client_secret="sealed")


def test_it_comes_back_on_another_installation(
    penetrode: Organization, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    _seal_something(penetrode)
    call_command("export_organization", "penetrode", to=tmp_path / "here.zip", stdout=StringIO())
    said = run(elsewhere, "restore_organization", str(tmp_path / "here.zip"))
    assert "members add their second factors again" in said
    run(elsewhere, "export_organization", "penetrode", "--to", str(tmp_path / "there.zip"))
    here, there = contents(tmp_path / "here.zip"), contents(tmp_path / "there.zip")
    assert set(here) == set(there)
    assert {name for name in here if here[name] != there[name]} <= LOGS | SEALED
    assert b"XNAS:AAPL" in there["data/portfolio_transaction.csv"]
    assert all(there[name].count(b"\n") == 1 for name in SEALED)
    with psycopg.connect(elsewhere["OWNER_DATABASE_URL"]) as owner:
        assert owner.execute("SELECT min(id) > 70000 FROM market_instrument").fetchone() == (True,)


def test_here_what_was_sealed_comes_back(penetrode: Organization, tmp_path: Path) -> None:
    """The control of the test above: in place, under the same key, second factors and single sign-on stay."""
    _seal_something(penetrode)
    call_command("export_organization", "penetrode", to=tmp_path / "here.zip", stdout=StringIO())
    with tenant_context(penetrode):
        Authenticator.objects.all().delete()
    call_command("restore_organization", tmp_path / "here.zip", replace=True, stdout=StringIO())
    with tenant_context(penetrode):
        assert Authenticator.objects.get().data == {"secret": "sealed"}
        assert SignInProvider.objects.get().client_secret == "sealed"


def test_an_archive_of_an_older_version_is_migrated_forward(penetrode: Organization, archive: Path) -> None:
    """Made when mail was not yet promised by rows: that table is not in it, and is there afterwards."""

    def change(_entries: Entries, said: Said) -> None:
        said["migrations"] = [name for name in said["migrations"] if not name.startswith("accounts.0003")]

    older = forged(archive, change)
    call_command("restore_organization", older, replace=True, stdout=StringIO())
    again = archive.with_name("again.zip")
    archives.write_archive(penetrode, again)
    before, after = contents(archive), contents(again)
    assert {name for name in before if after[name] != before[name]} <= LOGS


def test_nothing_of_another_organization_is_in_an_archive(penetrode: Organization, tmp_path: Path) -> None:
    """Nor of the operators. Each organization's own mark is in its own archive: the control."""
    marks = {"penetrode": b"peter@penetrode.test", "acme": b"ann@acme.test", "globex": b"eve@globex.test"}
    for subdomain, mark in marks.items():
        with schema_context("public"):
            organization = Organization.objects.get(subdomain=subdomain)
        path = tmp_path / f"{subdomain}.zip"
        archives.write_archive(organization, path)
        with zipfile.ZipFile(path) as archive:
            everything = b"\n".join(archive.read(name) for name in archive.namelist())
        found = {name for name, canary in {**marks, "public": b"op@stockintel.test"}.items() if canary in everything}
        assert found == {subdomain}
        assert mark in everything
