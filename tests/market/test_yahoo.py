"""Yahoo's bad answers: none becomes a price, all become one kind of error."""

import json
from datetime import UTC, date, datetime

import pytest
import time_machine

from apps.market.columns import Bars
from apps.market.providers.base import Listing, ProviderError
from apps.market.providers.yahoo.parsing import parse_news
from apps.market.providers.yahoo.probe import answers
from apps.market.providers.yahoo.provider import Yahoo
from tests.market.folder import DAYS, day
from tests.market.yahoo_server import Answer, YahooServer, chart, not_found, quotes

AFTER = datetime(2013, 3, 1, 22, tzinfo=UTC)
JUNK: dict[str, Answer] = {
    "429": (429, "text/plain", "Too Many Requests\r\n"),
    "html": (200, "text/html", "<html>Will be right back</html>"),
    "cut": (200, "application/json", '{"chart": {"result": [{"meta"'),
    "empty": (200, "application/json", "{}"),
    "null": (200, "application/json", json.dumps({"chart": {"result": None, "error": None}})),
    "500": (500, "text/plain", "oops"),
}


def history(yahoo: Yahoo) -> Bars:
    """The sessions of WALK."""
    return yahoo.histories(["WALK"], DAYS[0], DAYS[-1])["WALK"]


@pytest.fixture(autouse=True)
def _after_the_close() -> object:
    with time_machine.travel(AFTER, tick=False):
        yield


@pytest.mark.parametrize("name", sorted(JUNK))
def test_junk_is_an_error_and_no_bars(yahoo: Yahoo, server: YahooServer, name: str) -> None:
    server.answer = lambda symbol, interval: JUNK[name]
    with pytest.raises(ProviderError):
        history(yahoo)


@pytest.mark.parametrize("name", sorted(JUNK))
def test_junk_is_an_error_and_no_quote(yahoo: Yahoo, server: YahooServer, name: str) -> None:
    server.quotes = lambda symbols: JUNK[name]
    with pytest.raises(ProviderError):
        yahoo.quotes(["WALK"])


def test_a_refusal_in_place_of_the_crumb_stops_nothing(yahoo: Yahoo, server: YahooServer) -> None:
    server.crumb = (200, "text/plain", "Too Many Requests\r\n")
    assert len(history(yahoo)) == len(DAYS)


def test_an_unknown_symbol_is_left_out(yahoo: Yahoo, server: YahooServer) -> None:
    server.answer = lambda symbol, interval: not_found() if symbol == "GONE" else chart(symbol)
    assert list(yahoo.histories(["GONE", "WALK"], DAYS[0], DAYS[-1])) == ["WALK"]
    assert yahoo.histories(["GONE"], DAYS[0], DAYS[-1]) == {}


def test_half_of_the_symbols_missing_leaves_the_others(yahoo: Yahoo, server: YahooServer) -> None:
    server.quotes = lambda symbols: quotes(["WALK"])
    assert [tick.symbol for tick in yahoo.quotes(["MINS", "WALK"])] == ["WALK"]


def test_quotes_are_asked_for_together(yahoo: Yahoo, server: YahooServer) -> None:
    assert {tick.symbol for tick in yahoo.quotes(["MINS", "SPLT", "WALK"])} == {"MINS", "SPLT", "WALK"}
    assert len(server.data()) == 1


def test_a_failing_source_is_not_asked_for_every_symbol(yahoo: Yahoo, server: YahooServer) -> None:
    server.answer = lambda symbol, interval: JUNK["html"]
    with pytest.raises(ProviderError):
        yahoo.histories([f"S{place}" for place in range(20)], DAYS[0], DAYS[-1])
    assert len(server.data()) == 2


def test_a_bad_answer_is_not_remembered(yahoo: Yahoo, server: YahooServer) -> None:
    """The client keeps answers about the past, whatever they are."""
    server.answer = lambda symbol, interval: JUNK["html"]
    with pytest.raises(ProviderError):
        history(yahoo)
    server.answer = lambda symbol, interval: chart(symbol, interval)
    assert len(history(yahoo)) == len(DAYS)


def test_symbols_are_found_by_name_where_we_know_their_market(yahoo: Yahoo) -> None:
    assert yahoo.find("walk") == [Listing("WALK", "XNAS", "Walk Inc.", sector="Industrials")]


def test_rates_are_those_of_days_that_are_over(yahoo: Yahoo) -> None:
    found = yahoo.rates([("EUR", "USD")], DAYS[0], DAYS[-1])
    assert [rate.on for rate in found] == DAYS[:-1]
    assert (found[0].base, found[0].quote, found[0].rate) == ("EUR", "USD", 1.3)


def test_a_last_row_without_prices_is_no_bar(yahoo: Yahoo, server: YahooServer) -> None:
    closes = [day("WALK", place)[5] for place in range(len(DAYS) - 1)]
    server.answer = lambda symbol, interval: chart(symbol, close=[*closes, None])
    assert history(yahoo).on.tolist()[-1] == DAYS[-2]


@pytest.mark.parametrize("price", [0, -3, None, "NaN"])
def test_an_impossible_price_is_no_quote(yahoo: Yahoo, server: YahooServer, price: object) -> None:
    server.quotes = lambda symbols: quotes(symbols, regularMarketPrice=price)
    with pytest.raises(ProviderError, match="without a price"):
        yahoo.quotes(["WALK"])


def test_an_absurd_price_goes_on_to_be_judged(yahoo: Yahoo, server: YahooServer) -> None:
    server.quotes = lambda symbols: quotes(symbols, regularMarketPrice=9e9)
    assert [tick.price for tick in yahoo.quotes(["WALK"])] == [9e9]


def test_an_answer_about_another_symbol_is_no_quote(yahoo: Yahoo, server: YahooServer) -> None:
    server.quotes = lambda symbols: quotes(["MINS"])
    with pytest.raises(ProviderError, match="without a price"):
        yahoo.quotes(["WALK"])


def test_a_running_session_is_no_bar(yahoo: Yahoo) -> None:
    with time_machine.travel(AFTER.replace(hour=16), tick=False):
        assert history(yahoo).on.tolist()[-1] == DAYS[-2]


def test_an_open_market_is_live(yahoo: Yahoo) -> None:
    with time_machine.travel(AFTER.replace(hour=16), tick=False):
        assert (yahoo.channel().mode, yahoo.channel().first_session) == ("live", date(2013, 3, 1))


def test_a_dividend_is_kept(yahoo: Yahoo) -> None:
    assert history(yahoo).dividend.tolist()[0] == 0.25


def test_yahoo_is_asked_once_before_it_is_chosen(server: YahooServer) -> None:
    assert answers(f"{server.url}/v8/finance/chart/SPY", 3)
    assert len(server.asked) == 1


@pytest.mark.parametrize("name", sorted(JUNK))
def test_junk_is_no_reason_to_choose_yahoo(server: YahooServer, name: str) -> None:
    server.answer = lambda symbol, interval: JUNK[name]
    assert not answers(f"{server.url}/v8/finance/chart/SPY", 3)


def test_nobody_there_is_no_reason_to_choose_yahoo() -> None:
    assert not answers("http://127.0.0.1:9/v8/finance/chart/SPY", 3)


def test_news_without_a_title_are_left_out() -> None:
    item = {"title": "Walk wins", "pubDate": "2013-02-28T12:00:00Z", "provider": {"displayName": "Wire"}}
    found = parse_news("WALK", [{"content": item}, {"content": {"pubDate": "2013-02-28T12:00:00Z"}}, {}])
    assert [(one.title, one.source, one.symbols) for one in found] == [("Walk wins", "Wire", ("WALK",))]
