"""Everything that is known to go wrong at a source, by yfinance's real client on a server that does it to order."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import stamina
import time_machine
import yfinance
from django.db import connection

from apps.market import services
from apps.market.models import Bar, Fetch, Instrument, Outcome, Quarantine, Quote, SourceBudget, SourceState, Standing
from apps.market.providers.base import AwayError, BreakerOpenError, BudgetSpentError, LaterError, ProviderError
from apps.market.providers.yahoo.provider import Yahoo
from apps.market.services.breaker import OPENS_AFTER
from apps.market.services.fetching import fetch_history, fetch_quotes
from tests.market.folder import DAYS
from tests.market.yahoo_server import LocalSession, YahooServer, chart, quotes, write

AFTER = datetime(2013, 3, 1, 22, tzinfo=UTC)
LATER = datetime(2013, 3, 5, 20, tzinfo=UTC)

type Fault = Callable[[BaseHTTPRequestHandler], None]


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Promises more than it sends."""
    body = chart("WALK")[2][:200]
    write(handler, (200, "application/json", body), Content_Length="100000")


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Never silent for long, never done."""
    write(handler, (200, "application/json", "{"), Content_Length="100000")
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def redirect(handler: BaseHTTPRequestHandler) -> None:
    """To itself."""
    write(handler, (302, "text/html", ""), Location=handler.path)


def always(status: int, kind: str, body: str, **headers: str) -> Fault:
    """The same answer to whatever is asked."""
    return lambda handler: write(handler, (status, kind, body), **headers)


FAULTS: dict[str, Fault] = {
    "429": always(429, "text/plain", "Too Many Requests\r\n"),
    "401": always(401, "application/json", '{"finance":{"result":null,"error":{"code":"Unauthorized"}}}'),
    "500": always(500, "text/plain", "oops"),
    "html": always(200, "text/html", "<html>Will be right back</html>"),
    "empty": always(200, "application/json", "{}"),
    "cut": cut,
    "drip": drip,
    "redirect": redirect,
}


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """No second attempt, except where a test asks for it."""
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


@pytest.fixture
def yahoo(server: YahooServer, tmp_path: Path, settings: Any) -> Yahoo:
    """As in production, with half a second for a request; the client's caches begin empty."""
    settings.LOCAL_ROOT, settings.STARTER_SYMBOLS, settings.BUDGETS = tmp_path, ["WALK", "MINS"], {"yahoo": "1000/m"}
    yfinance.data.SingletonMeta._instances.clear()
    return Yahoo(speed=3600, session=LocalSession(server.url, seconds=0.5))


@pytest.fixture
def walk(market: None, yahoo: Yahoo) -> Iterator[Instrument]:
    """Good data of WALK are stored; the source goes wrong after them."""
    with time_machine.travel(AFTER, tick=False):
        services.import_reference(yahoo)
        walk = Instrument.objects.get(symbol="WALK")
        for _, bars in fetch_history([walk], DAYS[0], DAYS[-1], market=yahoo):
            services.record_bars(bars)
        services.record_quotes(fetch_quotes([walk], market=yahoo))
        yield walk


def stored() -> list[tuple[Any, ...]]:
    bars = Bar.objects.order_by("instrument_id", "on").values_list("instrument_id", "on", "close")
    return [*bars, *Quote.objects.order_by("pk").values_list("pk", "price", "as_of")]


def ask(yahoo: Yahoo, walk: Instrument) -> None:
    """What the jobs do: fetch, then record."""
    services.record_quotes(fetch_quotes([walk], market=yahoo))


def fail(yahoo: Yahoo, walk: Instrument, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ProviderError):
            ask(yahoo, walk)


def wait(seconds: int) -> None:
    """Time goes by in the database."""
    with connection.cursor() as cursor:
        for table, column in (
            *(("sourcestate", name) for name in ("open_until", "probe_until")),
            *(("sourcebudget", name) for name in ("due_at", "paused_until")),
        ):
            cursor.execute(f"UPDATE market_{table} SET {column} = {column} - interval '{seconds} seconds'")


def state() -> SourceState:
    return SourceState.objects.get(provider="yahoo", capability="quotes")


def age_of(walk: Instrument, clock: datetime) -> str:
    """What stands at the price on the market's clock."""
    quote = Quote.objects.of([walk.pk])[0]
    quote.market_at = clock
    return quote.age.state


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_good_data_stay_and_grow_old(yahoo: Yahoo, server: YahooServer, walk: Instrument, name: str) -> None:
    before, server.fault = stored(), FAULTS[name]
    fail(yahoo, walk, 1)
    with pytest.raises(ProviderError):
        list(fetch_history([walk], DAYS[0], DAYS[-1], market=yahoo))
    assert stored() == before
    assert [age_of(walk, clock) for clock in (AFTER, LATER)] == ["fresh", "stale"]


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_everything_heals(yahoo: Yahoo, server: YahooServer, walk: Instrument, name: str) -> None:
    server.fault = FAULTS[name]
    fail(yahoo, walk, OPENS_AFTER)
    server.fault = None
    server.quotes = lambda symbols: quotes(symbols, regularMarketPrice=99.5)
    wait(4000)
    ask(yahoo, walk)
    assert Quote.objects.get(pk=walk.pk).price == 99.5
    assert (state().standing, state().failures) == (Standing.OK, 0)


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - {"429"}))
def test_a_source_that_fails_again_and_again_is_left_alone(
    yahoo: Yahoo, server: YahooServer, walk: Instrument, name: str
) -> None:
    server.fault = FAULTS[name]
    fail(yahoo, walk, OPENS_AFTER)
    assert state().standing is Standing.OPEN
    asked = len(server.asked)
    with pytest.raises(BreakerOpenError, match="yahoo is left alone"):
        ask(yahoo, walk)
    assert len(server.asked) == asked


def test_a_refusal_is_honoured_for_as_long_as_it_says(yahoo: Yahoo, server: YahooServer, walk: Instrument) -> None:
    server.fault = always(429, "text/plain", "Too Many Requests", Retry_After="120")
    fail(yahoo, walk, 1)
    server.fault, asked = None, len(server.asked)
    wait(118)
    with pytest.raises(LaterError, match="left alone"):
        ask(yahoo, walk)
    assert len(server.asked) == asked
    wait(3)
    ask(yahoo, walk)
    assert state().standing is Standing.OK


def test_a_crumb_that_is_a_refusal_heals(yahoo: Yahoo, server: YahooServer, walk: Instrument) -> None:
    """The client keeps the words as if they were the crumb; a server that minds says 401."""
    yfinance.data.SingletonMeta._instances.clear()
    server.crumb = (200, "text/plain", "Too Many Requests\r\n")
    ask(yahoo, walk)
    server.crumb, server.fault = (200, "text/plain", "fresh"), None
    ask(yahoo, walk)
    assert state().standing is Standing.OK


def test_a_symbol_that_nobody_knows_is_no_failure(yahoo: Yahoo, server: YahooServer, walk: Instrument) -> None:
    server.answer = lambda symbol, interval: (404, "application/json", '{"chart":{"result":null,"error":{}}}')
    assert list(fetch_history([walk], DAYS[0], DAYS[-1], market=yahoo)) == []
    assert SourceState.objects.get(provider="yahoo", capability="history").failures == 0


def test_half_of_the_tickers_missing_is_an_answer_in_part(yahoo: Yahoo, server: YahooServer, walk: Instrument) -> None:
    server.quotes = lambda symbols: quotes(["WALK"])
    both = [walk, Instrument(symbol="MINS", exchange=walk.exchange, name="Mins")]
    assert [tick.symbol for tick in fetch_quotes(both, market=yahoo)] == ["WALK"]
    assert Fetch.objects.filter(provider="yahoo").latest("pk").outcome == Outcome.PARTIAL


def test_an_empty_last_row_is_no_session(yahoo: Yahoo, server: YahooServer, walk: Instrument) -> None:
    before = stored()
    server.answer = lambda symbol, interval: chart(symbol, close=[*[1.0] * (len(DAYS) - 1), None])
    server.answer = lambda symbol, interval: chart(symbol, open=[None] * len(DAYS))
    for _, bars in fetch_history([walk], DAYS[0], DAYS[-1], market=yahoo):
        services.record_bars(bars)
    assert stored() == before


def test_a_try_that_fails_is_tried_again(yahoo: Yahoo, server: YahooServer, walk: Instrument) -> None:
    stamina.set_testing(True, attempts=3)
    answers = iter([FAULTS["500"], FAULTS["html"]])

    def fault(handler: BaseHTTPRequestHandler) -> None:
        next(answers, always(*quotes(["WALK"])))(handler)

    server.fault = fault
    ask(yahoo, walk)
    assert state().failures == 0


@pytest.mark.parametrize("name", ["ok", *sorted(FAULTS.keys() - {"drip"})])
def test_calls_stay_within_the_budget(
    yahoo: Yahoo, server: YahooServer, walk: Instrument, settings: Any, name: str
) -> None:
    """Counted by the server: crumbs, redirects and second tries are calls too."""
    SourceBudget.objects.all().delete()
    settings.BUDGETS, server.fault = {"yahoo": "20/m"}, FAULTS.get(name)
    before = len(server.asked)
    for _ in range(40):
        SourceState.objects.all().delete()
        SourceBudget.objects.update(paused_until=None)
        try:
            ask(yahoo, walk)
        except BudgetSpentError:
            break
        except ProviderError:
            continue
    assert len(server.asked) - before == 10  # at once; the other ten come one by one within the minute


def test_every_call_is_written_down(yahoo: Yahoo, server: YahooServer, walk: Instrument) -> None:
    server.fault = FAULTS["html"]
    with pytest.raises(AwayError):
        ask(yahoo, walk)
    note = Fetch.objects.filter(provider="yahoo").latest("pk")
    assert (note.provider, note.capability, note.outcome, note.symbols) == ("yahoo", "quotes", Outcome.FAILED, 1)
    assert "no JSON" in note.detail


def test_a_server_that_keeps_refusing_a_poisoned_crumb(yahoo: Yahoo, server: YahooServer, walk: Instrument) -> None:
    """The words of a refusal came as the crumb, and every question with it is answered 401."""
    before, good = stored(), server.quotes
    yfinance.data.SingletonMeta._instances.clear()
    server.crumb = (200, "text/plain", "Too Many Requests\r\n")

    def minds(handler: BaseHTTPRequestHandler) -> None:
        if "crumb=fresh" in handler.path:
            write(handler, good(["WALK"]))
        else:
            FAULTS["401"](handler)

    server.fault = minds
    fail(yahoo, walk, OPENS_AFTER)
    assert stored() == before
    assert state().standing is Standing.OPEN
    server.crumb, server.quotes = (200, "text/plain", "fresh"), good
    wait(4000)
    ask(yahoo, walk)
    assert state().standing is Standing.OK


def test_a_last_row_without_a_close_changes_nothing_and_its_age_shows(
    yahoo: Yahoo, server: YahooServer, walk: Instrument
) -> None:
    """Through the nightly job: the sessions before it are told as they were."""
    before, closes = stored(), [bar.close for bar in Bar.objects.filter(instrument=walk).order_by("on")]
    server.answer = lambda symbol, interval: chart(symbol, close=[*closes[:-1], None])
    assert services.refresh_history([walk.pk]) == []
    services.settle_quotes([walk.pk])
    assert stored() == before
    assert age_of(walk, LATER) == "stale"


@pytest.mark.parametrize("factor", [0.0, -1.0, 100.0, 0.01, 1.7])
def test_absurd_prices_are_put_aside(yahoo: Yahoo, server: YahooServer, walk: Instrument, factor: float) -> None:
    before, price = stored(), Quote.objects.get(pk=walk.pk).price
    at = int(LATER.timestamp())
    server.quotes = lambda symbols: quotes(symbols, regularMarketPrice=price * factor, regularMarketTime=at)
    with suppress(ProviderError):  # what is no price at all is no answer
        ask(yahoo, walk)
    assert stored() == before
    assert Quarantine.objects.filter(instrument=walk).exists() == (factor > 0)
