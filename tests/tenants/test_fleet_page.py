"""What the operator's page shows of a fleet migration."""

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from apps.tenants.models import FleetRun, Organization

pytestmark = pytest.mark.django_db


def test_a_run_shows_who_stayed_behind_and_why(operator_client: Client, acme: Organization) -> None:
    with schema_context("public"):
        run = FleetRun.objects.create(version="abc", schemas=3, migrated=2, failed=1)
        run.failures.create(schema_name=acme.schema_name, organization=acme, reason="lock timeout")
    assert "abc" in operator_client.get("/admin/tenants/fleetrun/").text
    page = operator_client.get(f"/admin/tenants/fleetrun/{run.pk}/change/").text
    assert all(text in page for text in (acme.name, "lock timeout"))


@pytest.mark.parametrize("path", ["add/", "1/delete/"])
def test_runs_are_not_edited(operator_client: Client, path: str) -> None:
    with schema_context("public"):
        FleetRun.objects.create(pk=1, version="abc")
    assert operator_client.post(f"/admin/tenants/fleetrun/{path}").status_code == 403
