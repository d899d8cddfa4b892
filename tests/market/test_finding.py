"""The index that a web process keeps: built beside the requests, built anew when the instruments change."""

import time
from collections.abc import Iterator

import pytest
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context

from apps.market import services
from apps.market.models import Instrument, find_instruments, finding
from apps.market.providers.base import Listing
from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization

PATIENCE = 30.0  # a busy machine builds slowly


@pytest.fixture
def indexed(market: None) -> Iterator[None]:
    """Of what this test's transaction sees."""
    assert finding.refresh()
    yield
    finding.forget()


def first(query: str) -> str:
    return find_instruments(query)[0].symbol


@pytest.mark.parametrize(
    ("query", "symbol"), [("aple", "AAPL"), ("mircosoft", "MSFT"), ("IBM", "IBM"), ("appl inc", "AAPL")]
)
def test_the_index_forgives_a_typo(indexed: None, query: str, symbol: str) -> None:
    assert first(query) == symbol


@pytest.mark.usefixtures("indexed")
def test_an_answer_is_one_query_with_the_quotes() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert (find_instruments("apple")[0].price or 0) > 0
    assert len([one for one in asked.captured_queries if not one["sql"].startswith("SET search_path")]) == 1


@pytest.mark.usefixtures("indexed")
def test_it_is_built_anew_only_after_a_change() -> None:
    assert not finding.refresh()
    services.request_symbol("XYZW", name="Zweig and Zwei")
    assert finding.refresh()
    assert first("zweig") == "XYZW"
    services.refuse_symbol(Instrument.objects.get(symbol="XYZW"))
    assert find_instruments("zweig") == []  # before the index knows
    assert finding.refresh()


@pytest.mark.usefixtures("market")
def test_what_somebody_holds_comes_first_then_exchanges_then_the_rest() -> None:
    listings = [Listing("AAA", "PINX", "Apple Inc."), Listing("AAB", "XNYS", "Apple Inc.")]
    services.import_universe(listings, source="test", except_for=["AAPL"])
    finding.refresh()
    assert [one.symbol for one in find_instruments("apple inc")] == ["AAPL", "AAB", "AAA"]
    finding.forget()


@pytest.mark.usefixtures("committed")
def test_a_serving_process_builds_it_beside_its_first_search(acme: Organization) -> None:
    """Two organizations ask; the thread reads the public tables in a context of its own."""
    finding.serve()
    with tenant_context(acme):
        limit = time.monotonic() + PATIENCE
        while not find_instruments("mircosoft") and time.monotonic() < limit:
            time.sleep(0.05)
        assert first("mircosoft") == "MSFT"
        assert connection.schema_name == acme.schema_name
    with schema_context("public"):
        assert first("mircosoft") == "MSFT"
    finding.forget()
