"""What leaves an organization as a file or a mail is searched for the neighbour's marks, and has its own."""

from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches
from django_tenants.utils import tenant_context
from pypdf import PdfReader

from apps.accounts import mail
from apps.portfolio.models import Portfolio
from apps.reports import actors
from apps.reports.models import Report
from apps.reports.services import request_report
from tests.contracts.test_matrix import person
from tests.contracts.twins import Twin

pytestmark = pytest.mark.django_db
TEMPLATES = settings.BASE_DIR / "templates"
PAGES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.glob("*/mail/*.html") if path.stem != "frame")


def built_at(twin: Twin) -> tuple[Report, str]:
    """The job itself, of a book whose key exists next door, and the words of its PDF."""
    user = person(twin, "owner")
    assert user
    with tenant_context(twin.organization):
        book = Portfolio.objects.filter(shared=True).order_by("pk")[0]
        report = request_report(portfolio=book, by=user)
        actors.build_report(str(report.pk))
        report.refresh_from_db()
        with report.file.open("rb") as file:
            text = "".join(page.extract_text() for page in PdfReader(BytesIO(file.read())).pages)
    return report, "".join(text.split())


def test_a_report_tells_of_its_own_organization(north: Twin, south: Twin, caplog: pytest.LogCaptureFixture) -> None:
    """Its words, its file's name and folder, and what was logged meanwhile."""
    for twin in (north, south):
        caplog.clear()
        report, words = built_at(twin)
        assert twin.mark in words
        assert twin.other not in words + str(report.file.name) + caplog.text
        with tenant_context(twin.organization):
            assert Path(report.file.path).is_relative_to(Path(settings.MEDIA_ROOT) / twin.organization.schema_name)


@pytest.mark.parametrize("template", PAGES)
def test_a_mail_tells_of_its_own_organization(north: Twin, south: Twin, template: str) -> None:
    for twin in (north, south):
        with tenant_context(twin.organization):
            ctx = {"organization": twin.organization, "name": twin.mark, "url": twin.organization.url}
            letter = mail.compose(subject=twin.mark, template=template, ctx=ctx)
        assert twin.mark in letter.as_json()
        assert twin.other not in letter.as_json()


def test_every_key_in_the_cache_names_its_schema(north: Twin, south: Twin) -> None:
    for twin in (north, south):
        with tenant_context(twin.organization):
            caches["default"].set("mark", twin.mark, 60)
    for twin in (north, south):
        with tenant_context(twin.organization):
            assert caches["default"].get("mark") == twin.mark
            assert caches["default"].make_key("mark").startswith(twin.organization.schema_name)
