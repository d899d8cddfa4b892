"""Hosts are remembered until one of them, or an organization, is written."""

import pytest
from django_tenants.utils import schema_context
from pytest_django import DjangoAssertNumQueries

from apps.tenants import middleware
from apps.tenants.middleware import compare_hosts, forget_hosts, place_of
from apps.tenants.models import Domain, Organization, Standing
from apps.tenants.services import add_domain, suspend_organization

pytestmark = pytest.mark.django_db
LOCKS = 2  # into `public` and back


@pytest.fixture(autouse=True)
def _unknown() -> None:
    forget_hosts()


def test_a_known_host_costs_one_question_for_all_hosts(
    acme: Organization, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    place_of("acme.localhost"), place_of("globex.localhost")
    compare_hosts()
    with django_assert_max_num_queries(1 + LOCKS):
        place = place_of("acme.localhost")
    assert place
    assert place.organization == acme


def test_a_change_of_an_organization_is_seen(acme: Organization) -> None:
    place_of("acme.localhost")
    suspend_organization(organization=acme, reason="", by=None)
    compare_hosts()
    place = place_of("acme.localhost")
    assert place
    assert place.organization.standing == Standing.SUSPENDED


def test_a_host_that_comes_and_goes_is_seen(acme: Organization) -> None:
    assert place_of("portal.firm.com") is None
    add_domain(organization=acme, domain="portal.firm.com", by=None)
    compare_hosts()
    assert place_of("portal.firm.com")
    with schema_context("public"):
        Domain.objects.filter(domain="portal.firm.com").delete()
    compare_hosts()
    assert place_of("portal.firm.com") is None


def test_hosts_that_nobody_has_are_not_remembered_without_end() -> None:
    place_of("acme.localhost")
    known = middleware._known.places
    known.update((f"nobody{number}.localhost", None) for number in range(middleware.MOST_HOSTS))
    compare_hosts()
    place_of("acme.localhost")
    assert list(middleware._known.places) == ["acme.localhost"]
