"""Reports: asked for, built once, told, and taken home by those who may."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.portfolio.models import Portfolio
from apps.reports import actors, live, services
from apps.reports.models import Report, Status
from apps.tenants.live import user_topic
from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def equity() -> Portfolio:
    return Portfolio.objects.get(name="Global Equity")


@pytest.fixture
def pending(equity: Portfolio, ben: User) -> Report:
    return services.request_report(portfolio=equity, by=ben)


@pytest.fixture
def built(pending: Report) -> Report:
    """By the real thing, which takes its time."""
    return services.build_report(pending)


@pytest.fixture
def ready(pending: Report) -> Report:
    """As if it had been built: its file says nothing."""
    pending.file.save("statement.pdf", ContentFile(b"%PDF-1.7"), save=False)
    pending.status, pending.built_at, pending.attempts = Status.READY, timezone.now(), 1
    pending.save()
    return pending


def test_a_report_is_built_into_the_organizations_folder(
    built: Report, acme: Organization, settings: LazySettings
) -> None:
    assert built.status == Status.READY
    assert Path(built.file.path).is_relative_to(Path(settings.MEDIA_ROOT) / acme.schema_name)
    with built.file.open("rb") as file:
        assert file.read(5) == b"%PDF-"


def test_what_is_ready_is_not_built_again(ready: Report) -> None:
    name, built_at = ready.file.name, ready.built_at
    actors.build_report(str(ready.pk))
    ready.refresh_from_db()
    assert (ready.file.name, ready.built_at, ready.attempts) == (name, built_at, 1)


def test_what_somebody_builds_now_is_left_to_them(pending: Report) -> None:
    Report.objects.filter(pk=pending.pk).update(status=Status.BUILDING, claimed_at=timezone.now())
    assert services.build_report(pending).status == Status.BUILDING


def test_a_claim_that_was_lost_is_taken_over(pending: Report) -> None:
    long_ago = timezone.now() - services.CLAIM - timedelta(seconds=1)
    Report.objects.filter(pk=pending.pk).update(status=Status.BUILDING, claimed_at=long_ago, attempts=1)
    assert services.build_report(pending).status == Status.READY


def test_the_fourth_attempt_is_not_made(pending: Report) -> None:
    Report.objects.filter(pk=pending.pk).update(attempts=services.MOST_ATTEMPTS)
    assert services.build_report(pending).status == Status.PENDING
    assert services.give_up(pending).status == Status.FAILED


def test_a_fault_that_may_pass_is_tried_again(pending: Report, settings: LazySettings, tmp_path: Path) -> None:
    folder, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path / "file"
    settings.MEDIA_ROOT.write_text("no folder")
    with pytest.raises(NotADirectoryError):
        services.build_report(pending)
    pending.refresh_from_db()
    assert (pending.status, pending.attempts) == (Status.PENDING, 1)
    settings.MEDIA_ROOT = folder
    assert services.build_report(pending).status == Status.READY


def test_a_failure_is_recorded(pending: Report) -> None:
    Portfolio.objects.filter(pk=pending.portfolio_id).update(cost_method="?")
    failed = services.build_report(pending)
    assert (failed.status, failed.is_ready) == (Status.FAILED, False)
    assert "could not be built" in failed.failure


def test_what_waits_too_long_is_found(pending: Report) -> None:
    assert services.unfinished() == []
    Report.objects.filter(pk=pending.pk).update(requested_at=timezone.now() - timedelta(minutes=2))
    assert services.unfinished() == [pending]


def test_the_sweep_gives_up_in_every_organization(pending: Report) -> None:
    old = timezone.now() - timedelta(hours=1)
    Report.objects.filter(pk=pending.pk).update(requested_at=old, attempts=services.MOST_ATTEMPTS)
    with schema_context("public"):
        actors.sweep_reports()
    pending.refresh_from_db()
    assert pending.status == Status.FAILED


def test_the_page_asks_and_the_row_says_how_far_it_is(client_of: ClientOf, ben: User, equity: Portfolio) -> None:
    client = client_of(ben)
    answer = client.post(reverse("report_create", args=[equity.pk]), headers={"HX-Request": "true"})
    report = Report.objects.get(requested_by=ben)
    assert f'data-live="report:{report.pk}"' in answer.content.decode()
    assert reverse("report_download", args=[report.pk]) not in answer.content.decode()
    services.build_report(report)
    row = client.get(reverse("report_row", args=[report.pk])).content.decode()
    assert reverse("report_download", args=[report.pk]) in row


def test_without_scripts_the_list_follows(client_of: ClientOf, ben: User, equity: Portfolio) -> None:
    answer = client_of(ben).post(reverse("report_create", args=[equity.pk]))
    assert answer.headers["Location"] == "/reports/"


def test_the_download_is_a_file_that_no_cache_keeps(client_of: ClientOf, ben: User, ready: Report) -> None:
    answer = client_of(ben).get(reverse("report_download", args=[ready.pk]))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="global-equity-')
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"".join(answer).startswith(b"%PDF-")


def test_what_is_not_ready_is_not_found(client_of: ClientOf, ben: User, pending: Report) -> None:
    answer = client_of(ben).get(reverse("report_download", args=[pending.pk]))
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_a_report_of_a_private_portfolio_is_its_owners(client_of: ClientOf, ann: User, ben: User) -> None:
    private = Portfolio.objects.get(name="Private account")
    report = services.request_report(portfolio=private, by=ann)
    Report.objects.filter(pk=report.pk).update(status=Status.READY, built_at=timezone.now(), file="reports/x.pdf")
    address = reverse("report_download", args=[report.pk])
    assert client_of(ben).get(address).status_code == HTTPStatus.NOT_FOUND
    assert str(report.pk) not in client_of(ben).get("/reports/").content.decode()
    assert str(report.pk) in client_of(ann).get("/reports/").content.decode()


def test_another_organization_finds_nothing(client_of: ClientOf, eve: User, ready: Report) -> None:
    for name in ("report_download", "report_row"):
        assert client_of(eve).get(reverse(name, args=[ready.pk])).status_code == HTTPStatus.NOT_FOUND


def test_files_of_an_organization_are_not_reached_from_another(ready: Report, globex: Organization) -> None:
    name = str(ready.file.name)
    assert ready.file.storage.exists(name)
    with tenant_context(globex):
        assert not ready.file.storage.exists(name)
    with schema_context("public"), pytest.raises(SuspiciousFileOperation):
        ready.file.storage.exists(name)


def test_a_member_without_amounts_gets_no_report_with_amounts(
    client_of: ClientOf, vic_without_amounts: User, ready: Report
) -> None:
    answer = client_of(vic_without_amounts).get(reverse("report_download", args=[ready.pk]))
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_only_the_member_hears_the_own_topic(ann: User, ben: User, ready: Report) -> None:
    topic = user_topic(ben)
    assert live.UserTopic.allowed(ben, [topic]) == {topic}
    assert live.UserTopic.allowed(ann, [topic]) == set()
    cells = live.UserTopic.cells([topic])[topic]
    assert set(cells) == {f"report:{ready.pk}"}
