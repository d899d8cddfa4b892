"""Cells that are kept as rendered show a change at once, whoever made it."""

from apps.market.models import Instrument, Quote
from apps.market.templatetags.market import cell


def quote_of(instrument: Instrument) -> Quote:
    return Quote.objects.of([instrument.pk]).get()


def test_a_cell_is_kept_until_its_quote_changes(walk: Instrument) -> None:
    assert cell(quote_of(walk), "price") is cell(quote_of(walk), "price")


def test_a_new_price_is_shown_though_no_clock_moved(walk: Instrument) -> None:
    cell(quote_of(walk), "price")
    Quote.objects.filter(pk=walk.pk).update(price=123.45)
    assert "123.45" in cell(quote_of(walk), "price")


def test_a_new_mood_is_shown(walk: Instrument) -> None:
    cell(quote_of(walk), "sentiment")
    Quote.objects.filter(pk=walk.pk).update(sentiment=0.4215, sentiment_n=7)
    assert "7 headlines" in cell(quote_of(walk), "sentiment")
