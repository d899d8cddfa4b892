"""A watchlist read in one statement says what the models say."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from apps.market.models import Instrument, Quote, QuoteRow
from apps.portfolio.models import Line, Watchlist

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]
FIGURES = ("change", "change_percent", "closes", "age", "calendar", "rsi14", "signal", "sentiment", "as_of", "source")


def starter() -> list[Line]:
    return Watchlist.objects.get(is_starter=True).lines()


def quote_of(line: Line) -> QuoteRow:
    assert line.quote is not None
    return line.quote


def test_lines_come_in_the_lists_order() -> None:
    assert [line.instrument.symbol for line in starter()] == ["AAPL", "MSFT", "GOOG", "IBM", "FB"]


def test_one_query_reads_them() -> None:
    watchlist = Watchlist.objects.get(is_starter=True)
    with CaptureQueriesContext(connection) as captured:
        watchlist.lines()
    assert len(captured) == 1


@pytest.mark.parametrize("figure", FIGURES)
def test_each_figure_is_the_models(figure: str) -> None:
    lines = starter()
    stored = {quote.pk: quote for quote in Quote.objects.of(line.instrument.pk for line in lines)}
    assert lines
    assert all(getattr(quote_of(line), figure) == getattr(stored[quote_of(line).pk], figure) for line in lines)


def test_each_address_is_the_resolvers() -> None:
    for line in starter():
        assert line.instrument.get_absolute_url() == Instrument.objects.get(pk=line.instrument.pk).get_absolute_url()


def test_an_instrument_without_a_price_has_no_quote() -> None:
    watchlist = Watchlist.objects.get(is_starter=True)
    with schema_context("public"):
        unpriced = Instrument.objects.create(symbol="NEWCO", exchange_id="XNAS", name="New Company")
    watchlist.items.create(instrument=unpriced, position=99)
    assert watchlist.lines()[-1].quote is None
