"""What must hold before anything is served, and how a process says that it does."""

import pytest
from django.conf import settings
from django.test import Client, override_settings

from apps.tenants.checks import check_tenant_applications

LISTS = {"TENANT_APPS": [*settings.TENANT_APPS, "apps.market"]}


def test_an_application_in_both_lists_is_an_error_unless_it_is_named() -> None:
    """A table that is missing in an organization's schema would be read from `public`."""
    assert check_tenant_applications() == []
    with override_settings(**LISTS):
        assert [error.id for error in check_tenant_applications()] == ["tenants.E001"]
    with override_settings(**LISTS, APPS_IN_BOTH={*settings.APPS_IN_BOTH, "market"}):
        assert check_tenant_applications() == []


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["localhost", "acme.localhost"])
def test_a_process_says_that_it_is_ready_and_what_it_plays(host: str) -> None:
    client = Client(HTTP_HOST=host)
    assert client.get("/healthz").json() == {"ok": True}
    answer = client.get("/readyz").json()
    assert answer["ok"]
    assert answer["feed"].startswith("Replay of ")


@pytest.mark.django_db
def test_a_carrier_that_is_away_is_named() -> None:
    """Nothing listens on port 1 of the loopback interface."""
    with override_settings(LIVE_URL="redis://127.0.0.1:1/0"):
        answer = Client(HTTP_HOST="localhost").get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == "live carrier"
