"""The operator's page of market data: what it shows, and what can be decided there."""

from datetime import timedelta

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from apps.accounts.models import AuditEntry, User
from apps.market import services
from apps.market.models import Bar, Instrument, Quarantine, Quote
from apps.market.providers.base import Tick

pytestmark = pytest.mark.django_db
PAGE = "/admin/market/quarantine/"


@pytest.fixture
def suspect(apple: Instrument) -> Quarantine:
    """Apple at a hundred times its price."""
    with schema_context("public"):
        quote = Quote.objects.get(pk=apple.pk)
        at = quote.as_of + timedelta(days=1)
        services.record_quotes([Tick("AAPL", quote.price * 100, at, at.date(), "test")])
        return Quarantine.objects.get(instrument=apple)


def price_of(instrument: Instrument) -> float:
    with schema_context("public"):
        return Quote.objects.get(pk=instrument.pk).price


def test_it_shows_queues_jobs_gaps_and_prices(operator_client: Client, suspect: Quarantine, apple: Instrument) -> None:
    with schema_context("public"):
        run = services.begin_progress("backfill", 200)
        services.advance_progress(run, 50, note="AAPL to IBM")
        last = Bar.objects.filter(instrument=apple).latest("on").on
        Bar.objects.filter(instrument=apple, on__gte=last - timedelta(days=7), on__lt=last).delete()
    page = operator_client.get(PAGE).text
    for words in (
        "100 times the price before",
        "backfill",
        "50 of 200",
        "Ready or at work",
        "history",
        "1 instrument;",
    ):
        assert words in page


def test_an_accepted_price_is_stored_and_written_down(
    operator_client: Client, operator: User, suspect: Quarantine, apple: Instrument
) -> None:
    answer = operator_client.post(f"{PAGE}{suspect.pk}/decide/", {"decision": "accept"}, follow=True)
    assert "The price is stored." in answer.text
    assert price_of(apple) == suspect.price
    with schema_context("public"):
        entry = AuditEntry.objects.latest("at")
    assert (entry.act, entry.by_id, entry.details["symbol"]) == ("price.accepted", operator.pk, "AAPL")


def test_a_dropped_price_leaves_what_is_stored(operator_client: Client, suspect: Quarantine, apple: Instrument) -> None:
    before = price_of(apple)
    operator_client.post(f"{PAGE}{suspect.pk}/decide/", {"decision": "drop"})
    assert price_of(apple) == before
    again = operator_client.post(f"{PAGE}{suspect.pk}/decide/", {"decision": "accept"}, follow=True)
    assert "decided about this price already" in again.text
    assert price_of(apple) == before


def test_there_is_no_third_decision_and_none_by_reading(operator_client: Client, suspect: Quarantine) -> None:
    assert operator_client.post(f"{PAGE}{suspect.pk}/decide/", {"decision": "maybe"}).status_code == 400
    assert operator_client.get(f"{PAGE}{suspect.pk}/decide/").status_code == 405


def test_a_member_decides_nothing(client_of: object, ann: User, suspect: Quarantine, apple: Instrument) -> None:
    before = price_of(apple)
    Client(HTTP_HOST="localhost").post(f"{PAGE}{suspect.pk}/decide/", {"decision": "accept"})
    assert price_of(apple) == before
