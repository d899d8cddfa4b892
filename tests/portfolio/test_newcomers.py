"""A symbol that nobody held before: put on a list, its row fills while the page is open."""

import re
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.market.models import Bar, Exchange, Instrument, Mention, Quote, SignalState
from apps.portfolio import actors
from apps.portfolio.models import Watchlist
from tests.accounts.conftest import enqueued as enqueued
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
CELLS = ("price", "change", "percent", "spark", "signal", "age")


@pytest.fixture
def newcomer(apple: Instrument) -> Instrument:
    """Apple, as if nobody had ever held it: named, and nothing more."""
    with schema_context("public"), connection.cursor() as cursor:
        for model in (SignalState, Quote, Bar, Mention):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE instrument_id = %s', [apple.pk])
    return Instrument.objects.get(pk=apple.pk)


def _add(client_of: ClientOf, ann: User, symbol: str) -> Any:
    watchlist = Watchlist.objects.get(is_starter=True)
    watchlist.items.filter(instrument__symbol=symbol).delete()
    address = reverse("watchlist_item_add", args=[watchlist.pk])
    return client_of(ann).post(address, {"symbol": symbol}, headers={"HX-Request": "true"})


def test_its_row_waits_with_cells_that_a_frame_fills(
    client_of: ClientOf, ann: User, newcomer: Instrument, enqueued: Any
) -> None:
    page = _add(client_of, ann, "AAPL").text
    assert set(re.findall(rf'data-live="{newcomer.pk}:(\w+)"', page)) == set(CELLS)
    assert "being fetched" in page
    assert [message.args for message in enqueued("fetch_newcomers")] == [([newcomer.pk],)]


def test_the_job_brings_everything_that_a_row_shows(newcomer: Instrument) -> None:
    with schema_context("public"):
        for _ in range(2):
            actors.fetch_newcomers([newcomer.pk])
        quote = Quote.objects.get(pk=newcomer.pk)
        assert quote.previous_close
        assert quote.rsi14
        assert len(quote.closes) == 90
        assert quote.signal != "no_data"
        assert Bar.objects.filter(instrument=newcomer).count() > 3_000


def test_a_symbol_that_is_held_is_not_fetched_again(client_of: ClientOf, ann: User, enqueued: Any) -> None:
    _add(client_of, ann, "MSFT")
    assert enqueued("fetch_newcomers") == []


def test_a_symbol_that_the_feed_does_not_know_is_told(acme: Any) -> None:
    with schema_context("public"):
        stranger = Instrument.objects.create(symbol="ZZZZ", exchange=Exchange.objects.get(mic="XNAS"), name="Nobody")
        actors.fetch_newcomers([stranger.pk])
        assert not Quote.objects.filter(pk=stranger.pk).exists()


def test_a_symbol_that_nobody_knows_is_refused_at_its_field(client_of: ClientOf, ann: User, enqueued: Any) -> None:
    answer = _add(client_of, ann, "NOSUCH")
    assert answer.status_code == 422
    assert enqueued("fetch_newcomers") == []
