"""What the operator sees of the sources, and what members are told of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.market import services
from apps.market.models import Feed, Fetch, Instrument, SourceState
from apps.market.providers.terms import TERMS
from apps.market.services import breaker, budgets
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
PAGE = "/admin/market/fetch/"


@pytest.fixture
def _calls(settings: Any) -> None:
    """A source that answers, and one that is left alone; a budget that time does not refill within a test."""
    settings.BUDGETS = {"yahoo": "100/d"}
    with schema_context("public"):
        Fetch.objects.all().delete()
        SourceState.objects.all().delete()
        for took in (100, 200, 300):
            Fetch.objects.create(provider="yahoo", capability="quotes", outcome="ok", took_ms=took)
        breaker.close("yahoo", "quotes")
        for _ in range(breaker.OPENS_AFTER):
            breaker.fail("yahoo", "history", "WALK: no JSON but '<html>'")
        budgets.spend("yahoo")


@pytest.mark.usefixtures("_calls")
def test_the_operator_sees_how_each_source_does(operator_client: Client) -> None:
    page = operator_client.get(PAGE).text
    for text in ("Left alone", "no JSON but", "200 ms", "100 in 86400 s", "49 of 50 at once", "Personal use only"):
        assert text in page


def test_a_commercial_installation_says_whom_it_refuses(operator_client: Client, settings: Any) -> None:
    assert "Refused" not in operator_client.get(PAGE).text
    settings.COMMERCIAL = True
    assert "Refused: this installation is commercial." in operator_client.get(PAGE).text


@pytest.mark.usefixtures("_calls")
def test_no_organization_reads_how_sources_do(ann: User) -> None:
    with connection.cursor() as cursor:
        for table in ("market_fetch", "market_sourcebudget", "market_sourcestate"):
            cursor.execute("SELECT has_table_privilege(current_user, %s, 'SELECT')", [f"public.{table}"])
            assert cursor.fetchone() == (False,)


def test_a_chart_names_whose_data_it_shows(client_of: ClientOf, ann: User, apple: Instrument) -> None:
    terms = TERMS[Feed.objects.get().provider]
    assert terms.attribution in client_of(ann).get(apple.get_absolute_url()).text


def test_old_calls_are_forgotten(market: None) -> None:
    Fetch.objects.all().delete()
    for days in (1, 40):
        at = timezone.now() - timedelta(days=days)
        Fetch.objects.create(at=at, provider="yahoo", capability="quotes", outcome="ok", took_ms=1)
    assert services.trim_fetches() == 1
    assert Fetch.objects.count() == 1
