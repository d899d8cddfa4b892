"""A suspended organization rests whole: pages, sign-in, sweeps, the valuer; and wakes as it was."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.accounts.models import Act, AuditEntry, User
from apps.accounts.services import change_house, forget_surroundings
from apps.portfolio.management.commands.value_portfolios import Command as Valuer
from apps.tenants.middleware import forget_hosts
from apps.tenants.models import Organization, Standing
from apps.tenants.services import (
    StandingError,
    close_organization,
    reopen_organization,
    resume_organization,
    suspend_organization,
)
from tests.conftest import ClientOf
from tests.contracts.addresses import NAMES, OF_OBJECTS, path_of

pytestmark = pytest.mark.django_db
WITHOUT_KEYS = sorted(set(NAMES) - set(OF_OBJECTS))


def _operator() -> User:
    with schema_context("public"):
        return User.objects.get(email="op@stockintel.test")


def _suspend(organization: Organization, reason: str = "Invoice 17") -> Organization:
    found = suspend_organization(organization=organization, by=_operator(), reason=reason)
    forget_hosts()
    return found


def test_the_calm_page_names_the_organizations_own_contact(
    client_of: ClientOf, ann: User, acme: Organization, globex: Organization
) -> None:
    change_house(by=ann, contact="Ann <ann@acme.test>")
    forget_surroundings()
    for organization, is_named in ((acme, True), (globex, False)):
        _suspend(organization)
        page = Client(HTTP_HOST=organization.host).get("/").text
        assert ("ask Ann &lt;ann@acme.test&gt;" in page) is is_named


@override_settings(OPERATOR_CONTACT="help@example.com")
@pytest.mark.parametrize("name", WITHOUT_KEYS)
def test_every_page_of_a_suspended_organization_says_whom_to_ask(
    client_of: ClientOf, ann: User, acme: Organization, name: str
) -> None:
    client, path = client_of(ann), path_of(name)
    assert client.get(path).status_code != 403  # positive control
    _suspend(acme)
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 403
        assert "help@example.com" in answer.text
        assert "Invoice 17" not in answer.text


def test_nobody_signs_in_and_the_neighbour_works(acme: Organization, client_of: ClientOf, eve: User) -> None:
    _suspend(acme)
    form = {"login": "ann@acme.test", "password": "demo-please-change"}
    refused = Client(HTTP_HOST=acme.host).post("/accounts/login/", form)
    assert (refused.status_code, refused.cookies.get(settings.SESSION_COOKIE_NAME)) == (403, None)
    assert client_of(eve).get("/").status_code == 200


def test_a_part_of_a_page_becomes_the_calm_page(client_of: ClientOf, ann: User, acme: Organization) -> None:
    client = client_of(ann)
    _suspend(acme)
    assert client.get("/portfolios/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_after_a_resume_people_are_still_signed_in(client_of: ClientOf, ann: User, acme: Organization) -> None:
    client = client_of(ann)
    _suspend(acme)
    assert client.get("/").status_code == 403
    resume_organization(organization=acme, by=None)
    forget_hosts()
    assert client.get("/").status_code == 200


def test_closing_says_until_when_and_can_be_taken_back(client_of: ClientOf, ann: User, acme: Organization) -> None:
    client = client_of(ann)
    closing = close_organization(organization=acme, by=None)
    forget_hosts()
    assert closing.closes_at is not None
    assert timedelta(days=6) < closing.closes_at - timezone.now() <= timedelta(days=7)
    assert f"{closing.closes_at:%B %Y}" in client.get("/").text
    reopened = reopen_organization(organization=acme, by=None)
    forget_hosts()
    assert (reopened.standing, reopened.closes_at) == (Standing.ACTIVE, None)
    assert client.get("/").status_code == 200


def test_what_an_operator_did_is_written_down_on_both_sides(acme: Organization) -> None:
    operator = _operator()
    suspend_organization(organization=acme, by=operator, reason="Invoice 17", address="203.0.113.77")
    theirs = AuditEntry.objects.get(act=Act.ORGANIZATION_SUSPENDED)
    assert (theirs.by_id, theirs.by_operator, theirs.details) == (None, True, {"before": "active"})
    with schema_context("public"):
        ours = AuditEntry.objects.get(act=Act.ORGANIZATION_SUSPENDED, subject_id=acme.pk)
    assert (ours.by_id, ours.network) == (operator.pk, "203.0.113.0/24")
    assert ours.details["reason"] == "Invoice 17"


def test_a_step_that_does_not_follow_changes_nothing(acme: Organization) -> None:
    for step in (resume_organization, reopen_organization):
        with pytest.raises(StandingError, match="Acme Capital is active"):
            step(organization=acme, by=None)
    _suspend(acme)
    with pytest.raises(StandingError, match="is suspended"):
        suspend_organization(organization=acme, by=None, reason="again")
    with schema_context("public"):
        assert Organization.objects.get(pk=acme.pk).standing_reason == "Invoice 17"
    written = AuditEntry.objects.filter(act__startswith="organization.").exclude(act=Act.ORGANIZATION_CREATED)
    assert [entry.act for entry in written] == [Act.ORGANIZATION_SUSPENDED]


def test_the_valuer_leaves_it_alone(acme: Organization) -> None:
    assert Valuer().is_active(acme.schema_name)
    _suspend(acme)
    assert not Valuer().is_active(acme.schema_name)
