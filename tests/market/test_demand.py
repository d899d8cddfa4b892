"""Who needs what: written by holder, counted for active organizations, read by no organization, asked once."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import ProgrammingError, transaction
from django_tenants.utils import schema_context

from apps.market import services
from apps.market.models import PAGES, Demand, Errand, Instrument, Priority
from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization, Standing
from tests.conftest import organization_named

HOUR = timedelta(hours=1)


@pytest.fixture
def ids(market: None) -> list[int]:
    Demand.objects.all().delete()
    return list(Instrument.objects.order_by("pk").values_list("pk", flat=True)[:3])


@pytest.fixture
def holders(ids: list[int]) -> tuple[str, str]:
    return organization_named("acme").schema_name, organization_named("globex").schema_name


def test_the_most_urgent_need_of_anybody_counts(ids: list[int], holders: tuple[str, str]) -> None:
    one, two, three = ids
    services.record_demand(holders[0], {one: Priority.WATCHED, two: Priority.HELD, three: Priority.BACKFILL})
    services.record_demand(holders[1], {one: Priority.ALERTS})
    services.record_demand(PAGES, {three: Priority.SEEN})
    assert Demand.objects.in_turn() == [(three, Priority.SEEN), (one, Priority.ALERTS), (two, Priority.HELD)]


def test_what_is_no_longer_needed_is_forgotten(ids: list[int], holders: tuple[str, str]) -> None:
    services.record_demand(holders[0], dict.fromkeys(ids, Priority.WATCHED))
    services.record_demand(holders[0], {ids[0]: Priority.HELD})
    assert Demand.objects.in_turn() == [(ids[0], Priority.HELD)]


def test_only_what_nobody_needed_before_is_told(ids: list[int], holders: tuple[str, str]) -> None:
    assert services.record_demand(holders[0], {ids[0]: Priority.WATCHED}) == [ids[0]]
    assert services.record_demand(holders[1], dict.fromkeys(ids[:2], Priority.WATCHED)) == [ids[1]]
    assert services.record_demand(holders[1], dict.fromkeys(ids[:2], Priority.WATCHED)) == []


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.CLOSING])
def test_an_organization_that_rests_demands_nothing(ids: list[int], holders: tuple[str, str], standing: str) -> None:
    services.record_demand(holders[0], {ids[0]: Priority.WATCHED})
    Organization.objects.filter(schema_name=holders[0]).update(standing=standing)
    assert Demand.objects.in_turn() == []
    Organization.objects.filter(schema_name=holders[0]).update(standing=Standing.ACTIVE)
    assert Demand.objects.in_turn() == [(ids[0], Priority.WATCHED)]


def test_one_that_is_gone_leaves_nothing(ids: list[int], holders: tuple[str, str]) -> None:
    services.record_demand("org_gone", {ids[0]: Priority.WATCHED})
    services.record_demand(holders[0], {ids[1]: Priority.WATCHED})
    assert services.forget_demand(keep=holders) == 1
    assert list(Demand.objects.values_list("holder", flat=True)) == [holders[0]]


def test_what_is_not_traded_any_more_is_not_asked_for(ids: list[int], holders: tuple[str, str]) -> None:
    services.record_demand(holders[0], {ids[0]: Priority.WATCHED})
    Instrument.objects.filter(pk=ids[0]).update(delisted_on="2013-01-01")
    assert Demand.objects.in_turn() == []


@pytest.mark.parametrize("table", sorted(settings.CLOSED_TABLES))
@pytest.mark.django_db
def test_no_organization_reads_who_needs_what(table: str) -> None:
    """At acme; in the schema of the platform the same question is answered."""
    with pytest.raises(ProgrammingError, match="permission denied for table"), transaction.atomic():
        count(table)
    assert count("market_quote")
    with schema_context("public"):
        assert count(table) >= 0


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM public.{table}")
        return int(cursor.fetchone()[0])


def test_every_closed_table_exists(market: None) -> None:
    assert set(connection.introspection.table_names()) >= settings.CLOSED_TABLES


def test_a_source_is_asked_once_whoever_needs_it(ids: list[int]) -> None:
    first = services.claim_errands(Errand.Kind.QUOTES, [ids[2], ids[0]], rest=HOUR)
    assert first == [ids[2], ids[0]]
    assert services.claim_errands(Errand.Kind.QUOTES, ids, rest=HOUR) == [ids[1]]
    assert services.claim_errands(Errand.Kind.HISTORY, ids, rest=HOUR) == ids


def test_a_claim_lapses_and_can_be_given_back(ids: list[int]) -> None:
    services.claim_errands(Errand.Kind.QUOTES, ids, rest=HOUR)
    services.release_errands(Errand.Kind.QUOTES, ids[:1])
    assert services.claim_errands(Errand.Kind.QUOTES, ids, rest=HOUR) == ids[:1]
    Errand.objects.filter(instrument=ids[1]).update(asked_at="2013-01-01T00:00Z")
    assert services.claim_errands(Errand.Kind.QUOTES, ids, rest=HOUR) == ids[1:2]
