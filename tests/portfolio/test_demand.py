"""What an organization's lists and books need is written down for the market; nothing of one that rests."""

from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.market.models import Bar, Demand, Errand, Exchange, Instrument, Mention, Priority, Quote, SignalState
from apps.portfolio import actors, services
from apps.portfolio.models import Portfolio, Watchlist, WatchlistItem
from apps.tenants.models import Organization, Standing
from tests.accounts.conftest import enqueued as enqueued
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def noted(organization: Organization) -> dict[str, int]:
    with schema_context("public"):
        found = Demand.objects.filter(holder=organization.schema_name)
        return dict(found.values_list("instrument__symbol", "priority"))


def watched() -> dict[str, int]:
    return dict.fromkeys(WatchlistItem.objects.values_list("instrument__symbol", flat=True), Priority.WATCHED)


def test_lists_are_needed_and_what_is_held_sooner(books: None, acme: Organization) -> None:
    actors.record_demand()
    held = {
        position.instrument.symbol
        for valuation in services.value_portfolios(Portfolio.objects.all()).values()
        for position in valuation.positions
    }
    assert held
    assert noted(acme) == watched() | dict.fromkeys(held, Priority.HELD)


def test_each_organization_says_what_it_needs_itself(acme: Organization, globex: Organization) -> None:
    WatchlistItem.objects.exclude(instrument__symbol="IBM").delete()
    actors.record_demand()
    with tenant_context(globex):
        actors.record_demand()
    assert noted(acme) == {"IBM": Priority.WATCHED}
    assert set(noted(globex)) > {"IBM"}


def test_a_change_of_a_list_is_noted(client_of: ClientOf, ann: User, acme: Organization, enqueued: Any) -> None:
    watchlist = Watchlist.objects.get(is_starter=True)
    item = watchlist.items.first()
    assert item is not None
    client_of(ann).post(reverse("watchlist_item_remove", args=[watchlist.pk, item.pk]))
    client_of(ann).post(reverse("watchlist_item_add", args=[watchlist.pk]), {"symbol": item.instrument.symbol})
    sent = enqueued("record_demand")
    assert [message.options["schema"] for message in sent] == [acme.schema_name] * 2


def test_the_sweep_asks_every_active_organization_and_forgets_the_others(
    acme: Organization, globex: Organization, enqueued: Any
) -> None:
    for organization in (acme, globex):
        with tenant_context(organization):
            actors.record_demand()
    with schema_context("public"):
        Organization.objects.filter(pk=globex.pk).update(standing=Standing.SUSPENDED)
        actors.sweep_demand()
    schemas = [message.options["schema"] for message in enqueued("record_demand")]
    assert acme.schema_name in schemas
    assert globex.schema_name not in schemas
    assert noted(acme)
    assert noted(globex) == {}


@pytest.fixture
def newcomer(apple: Instrument) -> Instrument:
    """Apple, as if nobody had ever held it."""
    with schema_context("public"), connection.cursor() as cursor:
        for model in (SignalState, Quote, Bar, Mention):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE instrument_id = %s', [apple.pk])
    return Instrument.objects.get(pk=apple.pk)


def test_what_a_lost_job_left_without_a_price_is_fetched_again(newcomer: Instrument, enqueued: Any) -> None:
    actors.record_demand()
    assert [message.args for message in enqueued("fetch_newcomers")] == [([newcomer.pk],)]


def test_while_one_job_asks_no_other_does(newcomer: Instrument) -> None:
    """Two organizations took it up at the same moment; the claim of a killed job lapses."""
    with schema_context("public"):
        Errand.objects.create(instrument=newcomer, kind=Errand.Kind.HISTORY, asked_at="2100-01-01T00:00Z")
        actors.fetch_newcomers([newcomer.pk])
        assert not Quote.objects.filter(pk=newcomer.pk).exists()
        Errand.objects.update(asked_at="2013-01-01T00:00Z")
        actors.fetch_newcomers([newcomer.pk])
        assert Quote.objects.filter(pk=newcomer.pk).exists()


def test_what_no_source_knows_is_not_asked_about_again_and_again(acme: Organization, enqueued: Any) -> None:
    with schema_context("public"):
        exchange = Exchange.objects.get(mic="XNAS")
        stranger = Instrument.objects.create(symbol="ZZZZ", exchange=exchange, name="Nobody")
    WatchlistItem.objects.create(watchlist=Watchlist.objects.get(is_starter=True), instrument=stranger, position=99)
    with schema_context("public"):
        actors.fetch_newcomers([stranger.pk])
    actors.record_demand()
    assert enqueued("fetch_newcomers") == []
