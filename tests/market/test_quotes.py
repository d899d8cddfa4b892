"""Quotes in the real database: one statement for a batch, and what cannot be is refused."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from apps.market import services
from apps.market.models import Instrument, Quote
from apps.market.providers.base import Tick
from apps.tenants.backend.connections import connection
from tests.market.folder import DAYS

pytestmark = pytest.mark.usefixtures("begun")
AT = datetime(2013, 2, 28, 15, tzinfo=UTC)


def tick(**changes: object) -> Tick:
    """A plausible one of WALK."""
    plain = Tick("WALK", 120.5, AT, DAYS[-2], "test", 120.0, 119.0, 121.0, 118.5, 1000)
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_tick_moves_the_quote(walk: Instrument) -> None:
    quote = services.record_quotes([tick()])[0]
    assert (quote.instrument.symbol, quote.price, quote.as_of) == ("WALK", 120.5, AT)
    assert Quote.objects.get(pk=walk.pk).price == 120.5


def test_a_changed_quote_knows_change_and_age(walk: Instrument) -> None:
    quote = services.record_quotes([tick()])[0]
    assert quote.change == 0.5
    assert quote.change_percent == pytest.approx(0.5 / 120)
    assert quote.age.state == "fresh"


def test_spark_and_signal_survive_a_tick(walk: Instrument) -> None:
    before = Quote.objects.get(pk=walk.pk).closes
    assert services.record_quotes([tick()])[0].closes == before != ()


def test_a_batch_is_one_statement(walk: Instrument) -> None:
    instruments = {one.symbol: one for one in Instrument.objects.filter(symbol__in=["WALK", "MINS", "SPLT"])}
    with CaptureQueriesContext(connection) as queries:
        services.record_quotes([tick(), tick(symbol="MINS"), tick(symbol="SPLT", price=60.0)], instruments)
    statements = [query["sql"] for query in queries if "INSERT" in query["sql"] or "SELECT" in query["sql"]]
    assert len(statements) == 1


def test_of_two_ticks_the_last_counts() -> None:
    assert [one.price for one in services.record_quotes([tick(), tick(price=120.7)])] == [120.7]


def test_the_same_tick_again_changes_nothing() -> None:
    services.record_quotes([tick()])
    assert services.record_quotes([tick()]) == []


def test_an_older_tick_changes_nothing() -> None:
    services.record_quotes([tick()])
    assert services.record_quotes([tick(price=99.0, at=AT - timedelta(minutes=1))]) == []


@pytest.mark.parametrize("price", [0.0, -1.0, math.nan, math.inf, 12_500.0, 1.1])
def test_an_absurd_price_is_refused(walk: Instrument, price: float) -> None:
    services.record_quotes([tick()])
    assert services.record_quotes([tick(price=price, at=AT + timedelta(minutes=1))]) == []
    assert Quote.objects.get(pk=walk.pk).price == 120.5


def test_a_tick_without_a_previous_close_keeps_that_of_its_session() -> None:
    services.record_quotes([tick()])
    quote = services.record_quotes([tick(price=121.0, previous_close=None)])[0]
    assert quote.previous_close == 120.0


def test_a_new_session_forgets_the_previous_close() -> None:
    services.record_quotes([tick()])
    later = tick(previous_close=None, session_on=DAYS[-1], at=AT + timedelta(days=1))
    assert services.record_quotes([later])[0].previous_close is None


def test_an_unknown_symbol_is_passed_over() -> None:
    assert services.record_quotes([tick(symbol="NONE")]) == []


def test_a_page_of_quotes_is_one_query(django_assert_num_queries: object) -> None:
    with CaptureQueriesContext(connection) as queries:
        for quote in Quote.objects.of(Quote.objects.values_list("pk", flat=True)):
            assert quote.instrument.exchange.calendar
            assert quote.age.state
    assert len([one for one in queries if "SELECT" in one["sql"]]) == 2  # the ids, and the page
