"""The provider is away for a day of the market clock: pages answer, figures say their age, nothing is overwritten."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import pytest
import yfinance
from django.conf import settings as project
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.market import actors, providers, services
from apps.market.calendars import session_close
from apps.market.models import Bar, Errand, Feed, Instrument, Quote
from apps.market.providers.base import ProviderError
from apps.market.providers.replay import Replay
from apps.market.providers.yahoo.provider import Yahoo
from apps.market.templatetags.market import forget_clock
from apps.portfolio.models import Kind, Watchlist, WatchlistItem
from apps.portfolio.services import create_portfolio, record_transaction
from apps.tenants.models import Organization
from tests.conftest import signed_in
from tests.market.folder import DAYS, day
from tests.market.yahoo_server import Answer, LocalSession, YahooServer

AWAY = (503, "text/html", "<html><body>Service unavailable</body></html>")
BEGAN = session_close("XNYS", DAYS[-3])


class LocalYahoo(Yahoo):
    """The real client, on the local server."""

    url = ""

    @classmethod
    def from_settings(cls) -> Self:
        return cls(project.REPLAY_SPEED, session=LocalSession(cls.url))


class FlakyServer(YahooServer):
    """Answers as Yahoo does, or whatever it is asked as a site that is down."""

    is_away = False

    def reply(self, path: str) -> Answer:
        found = super().reply(path)
        return AWAY if self.is_away else found


@pytest.fixture
def flaky() -> Iterator[FlakyServer]:
    with FlakyServer() as running:
        yield running


@pytest.fixture
def away(
    begun: Replay, flaky: FlakyServer, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FlakyServer]:
    """Yahoo carries the market, the clock stands at a close, and from now on every answer is an error."""
    settings.MARKET_PROVIDER, settings.LOCAL_ROOT, settings.STARTER_SYMBOLS = "yahoo", tmp_path, ["WALK"]
    monkeypatch.setitem(providers.PROVIDERS, "yahoo", f"{__name__}.LocalYahoo")
    LocalYahoo.url, flaky.is_away = flaky.url, True
    yfinance.data.YfData.cache_get.cache_clear()
    providers.forget()
    Feed.objects.update(provider="yahoo", mode="live", market_at=BEGAN)
    yield flaky
    providers.forget()


@pytest.fixture
def pages(away: FlakyServer, acme: Organization, ann: User, walk: Instrument) -> dict[str, str]:
    """Every member page that shows the instrument, by name."""
    with tenant_context(acme):
        watchlist = Watchlist.objects.get(is_starter=True)
        WatchlistItem.objects.create(watchlist=watchlist, instrument=walk, position=99)
        book = create_portfolio(name="Walks", owner=ann, base_currency="USD", shared=True, cost_method="fifo")
        bought: dict[str, Any] = {"traded_on": DAYS[3], "quantity": Decimal(10), "price": Decimal(100)}
        record_transaction(portfolio=book, by=ann, kind=Kind.BUY, instrument=walk, **bought)
        shown = {"watchlist": watchlist.get_absolute_url(), "instrument": walk.get_absolute_url()}
        shown |= {"portfolio": book.get_absolute_url(), "portfolios": "/portfolios/", "reports": "/reports/"}
        return {"dashboard": "/", "search": "/search/?q=WALK", **shown}


def jobs(walk: Instrument, on: date) -> None:
    """Everything that asks the provider; what fails is tried again by the worker."""
    provider = providers.active()
    work: list[Callable[[], object]] = [
        lambda: actors.fetch_quotes([walk.pk]),
        lambda: actors.refresh_history([walk.pk]),
        lambda: actors.record_news(),
        lambda: services.close_session(provider, on),
        lambda: services.expect_actions(provider, on),
    ]
    for job in work:
        with suppress(ProviderError):
            job()


def data() -> list[tuple[object, ...]]:
    """All that members are shown prices from."""
    bars = Bar.objects.order_by("instrument_id", "on").values_list("instrument_id", "on", "close", "source")
    quotes = Quote.objects.order_by("pk").values_list("pk", "price", "as_of", "session_on", "previous_close", "rsi14")
    return [*bars, *quotes]


def look(client: Client, pages: dict[str, str]) -> dict[str, str]:
    """The pages as a member gets them now."""
    forget_clock()
    with schema_context("public"):  # a request leaves its thread without an organization
        found = {name: client.get(path) for name, path in pages.items()}
    assert {name: answer.status_code for name, answer in found.items()} == dict.fromkeys(pages, 200)
    return {name: answer.text for name, answer in found.items()}


def browser(person: User) -> Client:
    with schema_context("public"):
        return signed_in(person)


def shown(page: str) -> str:
    """Without the dot before an age."""
    return page.replace('<span class="dot" aria-hidden="true"></span>', "")


def age(walk: Instrument) -> str:
    return Quote.objects.get(pk=walk.pk).age.label


def test_a_day_without_the_provider(pages: dict[str, str], walk: Instrument, ann: User, away: FlakyServer) -> None:
    client, before, ages = browser(ann), data(), []
    for hour in range(0, 25, 3):
        clock = BEGAN + timedelta(hours=hour)
        services.move_clock(DAYS[-2], clock)
        jobs(walk, DAYS[-2])
        seen = look(client, pages)
        ages.append(age(walk))
        assert all(f">{ages[-1]}</span>" in shown(seen[name]) for name in ("dashboard", "watchlist", "instrument"))
    assert data() == before
    assert away.asked
    assert list(dict.fromkeys(ages)) == ["fresh", "1 session old"]


def test_after_three_sessions_the_age_is_an_error(pages: dict[str, str], walk: Instrument, ann: User) -> None:
    client, ages = browser(ann), []
    for on in (datetime(2013, 2, 28, 15, tzinfo=UTC) + timedelta(days=n) for n in (0, 1, 4, 5)):
        services.move_clock(on.date(), on)
        look(client, pages)
        ages.append(Quote.objects.get(pk=walk.pk).age.state)
    assert ages == ["stale", "stale", "error", "error"]


def test_it_heals_when_the_provider_is_back(
    pages: dict[str, str], walk: Instrument, ann: User, away: FlakyServer
) -> None:
    away.is_away = False
    assert providers.active().quotes(["WALK"])  # it was there before
    away.is_away = True
    jobs(walk, DAYS[-2])
    assert Quote.objects.get(pk=walk.pk).session_on == DAYS[-3]
    away.is_away = False
    Errand.objects.update(asked_at=BEGAN)  # a minute later
    actors.fetch_quotes([walk.pk])
    quote = Quote.objects.get(pk=walk.pk)
    assert (quote.session_on, quote.price) == (DAYS[-1], day("WALK", len(DAYS) - 1)[5])
    services.move_clock(DAYS[-1], quote.as_of)
    assert "fresh" in look(browser(ann), pages)["instrument"]
