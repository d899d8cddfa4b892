"""What a member decides about themselves is kept, is theirs alone, and is what pages are written by."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
GOOD = {
    "name": "Ann Other",
    "timezone": "Asia/Tokyo",
    "number_format": "comma",
    "date_format": "month_first",
    "theme": "light",
}


def test_everything_that_is_chosen_is_kept(client_of: ClientOf, ann: User) -> None:
    answer = client_of(ann).post("/settings/", GOOD, follow=True)
    ann.refresh_from_db()
    assert "Saved." in answer.text
    assert (ann.name, ann.timezone, ann.number_format, ann.date_format) == (
        *("Ann Other", "Asia/Tokyo", "comma", "month_first"),
    )
    assert (ann.theme, ann.notifies_by_mail) == ("light", False)


def test_the_page_carries_the_members_choices(client_of: ClientOf, ann: User, ben: User) -> None:
    client_of(ann).post("/settings/", GOOD)
    hers, his = client_of(ann).get("/").text, client_of(ben).get("/").text
    for attribute in ('data-theme="light"', 'data-numbers="comma"', 'data-zone="Asia/Tokyo"', 'data-bs-theme="light"'):
        assert attribute in hers
        assert attribute not in his


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "Asia/\x00"),
        ("name", ""),
        ("name", "a\nBcc: all@example.com"),
        ("name", "n" * 121),
        ("number_format", "roman"),
        ("date_format", "d"),
        ("theme", "pink"),
    ],
)
def test_what_nobody_can_mean_is_refused_and_changes_nothing(
    client_of: ClientOf, ann: User, field: str, value: str
) -> None:
    client = client_of(ann)
    before = User.objects.values().get(pk=ann.pk)
    answer = client.post("/settings/", GOOD | {field: value})
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.text
    assert User.objects.values().get(pk=ann.pk) == before


def test_a_role_that_is_slipped_in_is_not_taken(client_of: ClientOf, vic: User) -> None:
    client_of(vic).post("/settings/", GOOD | {"role": "owner", "sees_amounts": "", "is_staff": "on", "email": "x@y.z"})
    vic.refresh_from_db()
    assert (vic.name, vic.role, vic.sees_amounts, vic.is_staff) == ("Ann Other", "viewer", True, False)
    assert vic.email == "vic@acme.test"


def test_a_zone_is_found_however_it_is_written(client_of: ClientOf, ann: User) -> None:
    client_of(ann).post("/settings/", GOOD | {"timezone": " america/new york"})
    ann.refresh_from_db()
    assert ann.timezone == "America/New_York"


def _written(text: str, value: object) -> str:
    return Template("{% load times %}" + text).render(Context({"value": value}))


def test_moments_are_written_in_the_zone_in_context() -> None:
    at = datetime(2026, 3, 27, 18, 30, tzinfo=UTC)
    assert ">27 Mar 2026, 18:30 UTC<" in _written("{{ value|moment }}", at)
    with timezone.override("Asia/Tokyo"):
        assert ">28 Mar 2026, 03:30<" in _written("{{ value|moment }}", at)
        assert ">28 Mar, 03:30<" in _written('{{ value|moment:"short" }}', at)
        assert 'datetime="2026-03-27T18:30:00+00:00"' in _written("{{ value|moment }}", at)
    assert ">Fri 27 Mar 2026<" in _written('{{ value|day:"weekday" }}', at.date())
    assert _written("{{ value|moment }}{{ value|day }}", None) == ""


def test_a_request_leaves_no_clock_behind(client_of: ClientOf, ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(timezone="Asia/Tokyo")
    client_of(ann).get("/settings/")
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_zone_that_is_known_no_more_breaks_nothing(client_of: ClientOf, ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(timezone="Atlantis/Capital")
    assert client_of(ann).get("/reports/").status_code == 200


def test_pages_are_dark_until_somebody_chooses(client_of: ClientOf, ann: User, anonymous: Client) -> None:
    assert (User().theme, ann.theme) == ("dark", "dark")
    for client in (anonymous, client_of(ann)):
        assert 'data-bs-theme="dark"' in client.get("/accounts/login/", follow=True).text
    assert 'data-theme="dark"' in client_of(ann).get("/").text
