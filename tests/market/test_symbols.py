"""Symbols that members ask for."""

import pytest

from apps.market import services
from apps.market.models import Instrument
from apps.market.providers.base import Listing
from apps.market.search import SymbolError

pytestmark = pytest.mark.usefixtures("market")


@pytest.mark.parametrize("text", ["!!!", "A" * 60, "AA\u200bPL", "", "ABC\x00", "AB CD", "--", "ж", "=A", "A/B"])
def test_nonsense_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(SymbolError, match=r"\w+ .*\."):
        services.request_symbol(text)


@pytest.mark.parametrize("text", ["SAP.DE", " btc-usd ", "^GSPC", "EURUSD=X", "0700.HK"])
def test_what_a_source_may_know_is_taken_up_once(text: str) -> None:
    instrument, is_to_ask = services.request_symbol(text)
    assert is_to_ask
    assert instrument.is_awaited
    assert services.request_symbol(text.lower())[0].pk == instrument.pk


def test_a_known_symbol_is_not_asked_for_again() -> None:
    instrument, is_to_ask = services.request_symbol("aapl")
    assert (instrument.name, is_to_ask) == ("Apple Inc.", False)


def test_a_source_that_names_it_is_believed() -> None:
    instrument, _ = services.request_symbol("XYZW")
    services.confirm_symbol(instrument, Listing("XYZW", "XNYS", "Xyz Works", currency="CHF"))
    found = Instrument.objects.get(pk=instrument.pk)
    assert (found.exchange_id, found.name, found.currency, found.is_awaited) == ("XNYS", "Xyz Works", "CHF", False)


def test_a_market_where_the_symbol_is_taken_stays_away() -> None:
    instrument, _ = services.request_symbol("XYZW")
    Instrument.objects.create(symbol="XYZW", exchange_id="XNYS", name="Another", delisted_on="2020-01-01")
    assert services.confirm_symbol(instrument, Listing("XYZW", "XNYS", "Xyz")).exchange_id == "XNAS"


def test_what_no_source_knows_leaves_the_search_and_may_be_asked_for_again() -> None:
    instrument, _ = services.request_symbol("XYZW")
    services.refuse_symbol(instrument)
    assert not Instrument.objects.listed().filter(symbol="XYZW").exists()
    again, is_to_ask = services.request_symbol("XYZW")
    assert (again.pk, is_to_ask, again.delisted_on) == (instrument.pk, True, None)


def test_a_confirmed_symbol_is_not_refused_by_a_late_answer() -> None:
    instrument, _ = services.request_symbol("XYZW")
    services.confirm_symbol(instrument)
    services.refuse_symbol(instrument)
    assert Instrument.objects.get(pk=instrument.pk).delisted_on is None
