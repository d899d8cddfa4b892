"""Profiles, days to come and actions by yfinance's real client, through the door that production uses."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django_tenants.utils import schema_context

from apps.market import actors, providers, services
from apps.market.models import (
    PAGES,
    CorporateAction,
    CurrencyDemand,
    Errand,
    Event,
    Exchange,
    Feed,
    Instrument,
    Priority,
)
from apps.market.providers import PROVIDERS
from apps.market.providers.base import Listing, ProviderError
from apps.market.providers.yahoo.provider import Yahoo
from apps.market.services.fetching import fetch_actions
from apps.market.services.fx import needed_rates
from tests.accounts.conftest import enqueued as enqueued
from tests.faults.test_outage import LocalYahoo
from tests.market.folder import DAYS
from tests.market.yahoo_server import YahooServer, chart

NOW = datetime(2013, 3, 1, 15, tzinfo=UTC)  # within the last session
AWAY = (503, "text/html", "<html></html>")


@pytest.fixture
def walk(
    market: None, yahoo: Yahoo, server: YahooServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Instrument]:
    """Known by its symbol and market alone; Yahoo carries the market."""
    settings.MARKET_PROVIDER, settings.BUDGETS = "yahoo", {"yahoo": "9999/m"}
    monkeypatch.setitem(PROVIDERS, "yahoo", "tests.faults.test_outage.LocalYahoo")
    LocalYahoo.url = server.url
    providers.forget()
    with time_machine.travel(NOW, tick=False):
        services.import_reference(yahoo)
        Feed.objects.update(market_at=NOW)
        yield Instrument.objects.get(symbol="WALK")
    providers.forget()


def told(walk: Instrument) -> tuple[str, str, str]:
    walk.refresh_from_db()
    return walk.sector, walk.industry, walk.country


def days(walk: Instrument) -> list[tuple[str, date]]:
    return list(Event.objects.filter(instrument=walk).coming(DAYS[0]).values_list("kind", "on"))


def test_a_company_gets_sector_industry_and_country(walk: Instrument) -> None:
    assert told(walk) == ("", "", "")
    actors.fetch_companies([walk.pk])
    assert told(walk) == ("Information Technology", "Software", "CA")


def test_what_was_said_once_is_not_blanked(walk: Instrument, server: YahooServer, yahoo: Yahoo) -> None:
    actors.fetch_companies([walk.pk])
    Errand.objects.all().delete()
    server.profile = {"country": "Atlantis"}
    actors.fetch_companies([walk.pk])
    services.import_reference(yahoo)
    services.import_universe([Listing("WALK", walk.exchange_id, "Walk", country="US")], source="test")
    assert told(walk) == ("Information Technology", "Software", "CA")


def test_it_is_asked_for_once_a_month(walk: Instrument, server: YahooServer) -> None:
    actors.fetch_companies([walk.pk])
    before = len(server.data())
    actors.fetch_companies([walk.pk])
    assert len(server.data()) == before


def test_who_was_not_told_of_is_asked_for_again(walk: Instrument, server: YahooServer) -> None:
    server.fault = lambda handler: handler.send_error(503)
    actors.fetch_companies([walk.pk])
    assert told(walk) == ("", "", "")
    server.fault = None
    actors.fetch_companies([walk.pk])
    assert told(walk)[2] == "CA"


def test_days_to_come_are_stored_and_those_gone_by_are_not(walk: Instrument) -> None:
    actors.fetch_companies([walk.pk])
    assert days(walk) == [("dividend", date(2013, 3, 20)), ("earnings", date(2013, 4, 24))]


def test_a_day_that_moves_is_moved(walk: Instrument, server: YahooServer) -> None:
    actors.fetch_companies([walk.pk])
    Errand.objects.all().delete()
    server.calendar = {"dividendDate": int(datetime(2013, 3, 22, 12, tzinfo=UTC).timestamp())}
    actors.fetch_companies([walk.pk])
    assert days(walk) == [("dividend", date(2013, 3, 22))]


def test_shares_that_are_needed_are_asked_for_a_batch_a_minute(walk: Instrument, enqueued: Any) -> None:
    fund = Instrument.objects.create(
        symbol="FUND", exchange=Exchange.objects.get(pk=walk.exchange_id), name="Fund", asset_class="etf"
    )
    with schema_context("public"):
        services.record_demand(PAGES, dict.fromkeys([walk.pk, fund.pk], Priority.SEEN))
        actors.refresh_companies()
    assert [list(message.args) for message in enqueued("fetch_companies")] == [[[walk.pk]]]


def test_a_split_of_the_running_day_is_known_before_its_close(walk: Instrument, server: YahooServer) -> None:
    """The running row has no prices yet."""

    def split(symbol: str, interval: str) -> tuple[int, str, str]:
        status, kind, body = chart(symbol, interval, close=[*[100.0] * (len(DAYS) - 1), None])
        document = json.loads(body)
        result = document["chart"]["result"][0]
        at = result["timestamp"][-1]
        result["events"]["splits"] = {str(at): {"date": at, "numerator": 4, "denominator": 1, "splitRatio": "4:1"}}
        return status, kind, json.dumps(document)

    server.answer = split
    services.expect_actions(providers.active(), DAYS[-1])
    action = CorporateAction.objects.get(instrument=walk, kind="split")
    assert (action.on, action.numerator, action.denominator) == (DAYS[-1], 4, 1)


def test_actions_of_a_source_that_is_away_change_nothing(walk: Instrument, server: YahooServer) -> None:
    server.answer = lambda symbol, interval: AWAY
    services.expect_actions(providers.active(), DAYS[-1])
    assert CorporateAction.objects.count() == 0
    with pytest.raises(ProviderError):
        list(fetch_actions([walk], DAYS[0], DAYS[-1]))


def test_rates_are_needed_of_the_currencies_that_organizations_count_in(market: None) -> None:
    assert ("CAD", "USD") not in needed_rates()
    services.record_currencies("org_a", ["CAD", "USD"])
    services.record_currencies("org_b", ["SEK"])
    assert {("CAD", "USD"), ("SEK", "USD")} <= needed_rates()
    services.record_currencies("org_a", ["USD"])
    services.forget_demand(keep=["org_a"])
    assert not {("CAD", "USD"), ("SEK", "USD")} & needed_rates()
    assert list(CurrencyDemand.objects.values_list("holder", "currency")) == [("org_a", "USD")]
