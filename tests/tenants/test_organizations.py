"""An organization is made whole or not at all, through the one service."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.accounts.permissions import Role
from apps.portfolio.models import Watchlist, WatchlistItem
from apps.tenants.models import Domain, Organization, Quota, ReadySchema
from apps.tenants.services import NoReadySchemaError, OrganizationExistsError, create_organization
from tests.conftest import SYMBOLS


def _create(**changes: Any) -> Organization:
    values = {
        "name": "Initech",
        "subdomain": "initech",
        "owner_email": "bill@initech.test",
        "password": "stapler-red-42",
    }
    return create_organization(**(values | changes))


def _counts() -> tuple[int, ...]:
    with schema_context("public"):
        return Organization.objects.count(), Domain.objects.count(), ReadySchema.objects.count()


@pytest.mark.django_db
def test_an_organization_begins_with_its_owner_and_a_full_watchlist() -> None:
    organization = _create()
    with tenant_context(organization):
        owner = User.objects.get()
        assert (owner.email, owner.role) == ("bill@initech.test", Role.OWNER)
        starter = Watchlist.objects.get(is_starter=True)
        assert [item.instrument.symbol for item in starter.items.all()] == list(SYMBOLS)
    assert Client(HTTP_HOST="initech.localhost").get("/accounts/login/").status_code == 200


@pytest.mark.django_db
def test_a_claim_takes_one_ready_schema() -> None:
    before = _counts()
    organization = _create()
    assert _counts() == (before[0] + 1, before[1] + 1, before[2] - 1)
    with schema_context("public"):
        assert not ReadySchema.objects.filter(schema_name=organization.schema_name).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "subdomain",
    [
        "www",
        "admin",
        "a",
        "-acme",
        "acme-",
        "ac_me",
        "a.b",
        "a" * 31,
        "xn--80ak6aa",
        "é",
        "",
        "Initech",
        "initech\n.",
        "\u0430cme",
        "init ech",
    ],
)
def test_a_reserved_or_malformed_subdomain_is_refused(subdomain: str) -> None:
    before = _counts()
    with pytest.raises(ValidationError):
        _create(subdomain=subdomain)
    assert _counts() == before


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"name": "ACME capital"}, {"subdomain": "acme"}, {"subdomain": " acme "}])
def test_a_name_is_taken_once(changes: dict[str, str]) -> None:
    before = _counts()
    with pytest.raises(OrganizationExistsError):
        _create(**changes)
    assert _counts() == before


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"owner_email": "no e-mail"}, {"password": "12345678"}])
def test_a_step_that_fails_leaves_nothing(changes: dict[str, str]) -> None:
    before = _counts()
    with pytest.raises(ValidationError):
        _create(**changes)
    assert _counts() == before
    with schema_context("public"):
        ready = ReadySchema.objects.earliest("prepared_at")
    with schema_context(ready.schema_name):
        assert User.objects.count() == 0
        assert Watchlist.objects.count() == 0


@pytest.mark.django_db
def test_without_a_ready_schema_the_operator_is_told_what_to_do() -> None:
    with schema_context("public"):
        ReadySchema.objects.all().delete()
    with pytest.raises(NoReadySchemaError, match="prepare_schemas"):
        _create()


def test_ten_at_once_make_exactly_one(committed: None) -> None:
    """The threads have connections of their own; what they commit is taken back at the end."""
    with ThreadPoolExecutor(10) as threads:
        outcomes = list(threads.map(_attempt, range(10)))
    made = [outcome for outcome in outcomes if isinstance(outcome, Organization)]
    try:
        assert len(made) == 1, outcomes
        assert all(isinstance(o, OrganizationExistsError) for o in outcomes if o not in made)
        with tenant_context(made[0]):
            assert User.objects.count() == 1
    finally:
        for organization in made:
            _take_back(organization)


def _attempt(_: int) -> object:
    try:
        return _create()
    except Exception as error:
        return error
    finally:
        connections.close_all()


def _take_back(organization: Organization) -> None:
    """Empty tables again, in the order of their keys, and the schema back among the ready ones."""
    with tenant_context(organization):
        for model in (WatchlistItem, Watchlist, User):
            model.objects.all()._raw_delete("default")
    with schema_context("public"):
        for rows in (
            Domain.objects.filter(tenant=organization),
            Quota.objects.filter(organization=organization),
            Organization.objects.filter(pk=organization.pk),
        ):
            rows._raw_delete("default")
        ReadySchema.objects.create(schema_name=organization.schema_name, version=organization.schema_version)


@pytest.mark.django_db
def test_the_command_says_where_members_sign_in(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_organization", "Initech", subdomain="initech", owner="bill@initech.test")
    assert "http://initech.localhost" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_refuses_in_one_line() -> None:
    with pytest.raises(CommandError, match="exists"):
        call_command("create_organization", "Acme Capital", subdomain="other", owner="bill@initech.test")


@pytest.mark.django_db
def test_repeating_the_demo_changes_nothing(acme: Organization) -> None:
    before = _counts(), User.objects.count()
    call_command("demo_organizations")
    assert (_counts(), User.objects.count()) == before
