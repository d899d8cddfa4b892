"""Owners and operators ask for an export, see how far it is and take it home; nobody else does."""

import io
import zipfile
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import Act, AuditEntry, User
from apps.tenants import actors
from apps.tenants.live.archives import ExportsTopic, archive_cell, exports_topic
from apps.tenants.models import Archive, ArchiveStatus, Organization
from apps.tenants.services import archives
from tests.conftest import ClientOf, signed_in

PAGE = "/settings/export/"


def _ready(organization: Organization) -> Archive:
    """Asked for by an operator and built as the worker does."""
    archive = archives.request_archive(organization, by_operator=True)
    with schema_context("public"):  # as the middleware of jobs does
        actors.build_archive(str(archive.pk))
        return Archive.objects.get(pk=archive.pk)


@pytest.mark.django_db
def test_an_owner_asks_and_the_row_is_the_promise(client_of: ClientOf, ann: User, acme: Organization) -> None:
    answer = client_of(ann).post(f"{PAGE}new/")
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.FOUND, PAGE)
    with schema_context("public"):
        archive = Archive.objects.of(acme).get(status=ArchiveStatus.PENDING)
        assert (archive.status, archive.asked_by_id, archive.by_operator) == (ArchiveStatus.PENDING, ann.pk, False)
        assert AuditEntry.objects.filter(act=Act.ORGANIZATION_EXPORTED).latest("at").by_id is None
    assert AuditEntry.objects.filter(act=Act.ORGANIZATION_EXPORTED).latest("at").by_id == ann.pk
    assert "Waiting" in client_of(ann).get(PAGE).text


@pytest.mark.django_db
@pytest.mark.parametrize("path", [PAGE, f"{PAGE}new/"])
def test_who_is_no_owner_may_not(client_of: ClientOf, ben: User, acme: Organization, path: str) -> None:
    client = client_of(ben)
    answers = {client.get(path).status_code, client.post(path).status_code}
    assert answers <= {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}
    with schema_context("public"):
        assert not Archive.objects.of(acme).filter(status=ArchiveStatus.PENDING).exists()
    assert ExportsTopic.allowed(ben, [exports_topic()]) == set()


@pytest.mark.django_db
def test_an_owner_hears_only_the_own_organization(ann: User) -> None:
    assert ExportsTopic.allowed(ann, [exports_topic(), "org_other:exports"]) == {exports_topic()}
    assert ExportsTopic.cells(["org_other:exports"]) == {}


@pytest.mark.django_db
def test_whoever_sits_at_an_old_session_is_asked_again(client_of: ClientOf, ann: User, acme: Organization) -> None:
    client = client_of(ann)
    with time_machine.travel("2200-01-01"):
        answer = client.post(f"{PAGE}new/")
    assert "/accounts/" in answer.headers["Location"]
    with schema_context("public"):
        assert not Archive.objects.of(acme).filter(status=ArchiveStatus.PENDING).exists()


@pytest.mark.django_db
def test_a_fourth_export_at_once_is_refused(client_of: ClientOf, ann: User, acme: Organization) -> None:
    for _ in range(3):
        archives.request_archive(acme)
    answer = client_of(ann).post(f"{PAGE}new/")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "being made already" in answer.text


def test_the_owner_takes_it_home(penetrode: Organization, committed: None) -> None:
    archive = _ready(penetrode)
    with tenant_context(penetrode):
        bill = User.objects.get(email="bill@penetrode.test")
    answer = signed_in(bill).get(f"{PAGE}{archive.pk}/download/")
    content = answer.getvalue()
    assert answer.headers["Content-Length"] == str(len(content)) == str(archive.size)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{archive.download_name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    with tenant_context(penetrode):
        steps = AuditEntry.objects.filter(act=Act.ORGANIZATION_EXPORTED, details__archive=str(archive.pk))
        assert set(steps.values_list("details__step", flat=True)) == {"asked", "built", "downloaded"}


def test_after_a_week_the_file_is_gone_and_the_row_says_so(penetrode: Organization, committed: None) -> None:
    archive = _ready(penetrode)
    with time_machine.travel("2200-01-01", tick=False):
        assert archives.expire_archives() >= 1
    assert not archive.path.exists()
    with schema_context("public"):
        archive.refresh_from_db()
    assert archive.status == ArchiveStatus.EXPIRED
    assert "Deleted" in archive_cell(archive)


@pytest.mark.django_db
def test_what_died_three_times_is_given_up(acme: Organization) -> None:
    archive = archives.request_archive(acme)
    with schema_context("public"):
        Archive.objects.filter(pk=archive.pk).update(attempts=3, requested_at="2026-01-01T00:00Z")
    actors.sweep_archives()
    with schema_context("public"):
        archive.refresh_from_db()
    assert (archive.status, archive.failure) == (ArchiveStatus.FAILED, "It could not be made.")


@pytest.mark.django_db
def test_an_operator_asks_on_the_platforms_page(operator_client: Client, acme: Organization) -> None:
    answer = operator_client.post("/admin/tenants/archive/add/", {"organization": acme.pk})
    assert answer.status_code == HTTPStatus.FOUND
    assert "acme" in operator_client.get("/admin/tenants/archive/").text
    entry = AuditEntry.objects.filter(act=Act.ORGANIZATION_EXPORTED).latest("at")
    assert (entry.by_operator, entry.by_id) == (True, None)


@pytest.mark.django_db
def test_an_operator_takes_one_home(operator_client: Client, operator: User, acme: Organization) -> None:
    """Through the same blocks; who it was is known in `public` alone."""
    with schema_context("public"):
        archive = Archive.objects.create(
            organization=acme, subdomain="acme", status=ArchiveStatus.READY, file_name="taken.zip",
            built_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    archive.path.write_bytes(bytes(600_000))
    answer = operator_client.get(f"/admin/tenants/archive/{archive.pk}/download/")
    assert answer.getvalue() == bytes(600_000)
    with schema_context("public"):
        assert AuditEntry.objects.filter(act=Act.ORGANIZATION_EXPORTED).latest("at").by_id == operator.pk
