"""Pages: who gets what, and what an invalid form says."""

import re
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_tenants.utils import tenant_context

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.models import Dashboard, Portfolio, Transaction, Watchlist
from apps.portfolio.views.portfolios import PORTFOLIOS_A_PAGE
from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]
HTMX = {"HX-Request": "true"}
AMOUNT = re.compile(r"\d{2},\d{3}\.\d{2}")


@pytest.fixture
def equity() -> Portfolio:
    return Portfolio.objects.get(name="Global Equity")


@pytest.fixture
def private() -> Portfolio:
    return Portfolio.objects.get(name="Private account")


@pytest.fixture
def starter() -> Watchlist:
    return Watchlist.objects.get(is_starter=True)


def test_the_dashboard_shows_the_starter_and_the_books(client_of: ClientOf, ann: User) -> None:
    page = client_of(ann).get("/")
    text = page.content.decode()
    assert page.status_code == HTTPStatus.OK
    assert [row.instrument.symbol for row in page.context["rows"]] == ["AAPL", "MSFT", "GOOG", "IBM", "FB"]
    assert {figure.label for figure in page.context["figures"]} == {"Global Equity", "Private account"}
    assert page.context["title_quote"].instrument.symbol == "AAPL"
    assert 'data-live="' in text


def test_the_dashboard_needs_eight_queries(client_of: ClientOf, ann: User) -> None:
    client = client_of(ann)
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert len([q for q in queries if not q["sql"].startswith("SET ")]) <= 8


def test_the_remembered_list_comes_first(client_of: ClientOf, ben: User) -> None:
    own = Watchlist.objects.create(name="Ben's", owner=ben)
    client_of(ben).post(reverse("watchlist_select", args=[own.pk]))
    assert client_of(ben).get("/").context["watchlist"] == own
    assert Dashboard.objects.get(user=ben).watchlist == own


def test_a_list_of_the_address_is_shown_but_not_remembered(client_of: ClientOf, ben: User, starter: Watchlist) -> None:
    own = Watchlist.objects.create(name="Ben's", owner=ben)
    assert client_of(ben).get("/", {"watchlist": str(own.pk)}).context["watchlist"] == own
    assert client_of(ben).get("/").context["watchlist"] == starter


def test_an_address_in_capitals_is_the_same(client_of: ClientOf, ben: User, starter: Watchlist) -> None:
    answer = client_of(ben).get("/", {"watchlist": str(starter.pk).upper()})
    assert (answer.status_code, answer.context["watchlist"]) == (HTTPStatus.OK, starter)


def test_portfolios_come_in_pages(client_of: ClientOf, ben: User) -> None:
    for number in range(PORTFOLIOS_A_PAGE):
        services.create_portfolio(name=f"Book {number:02}", owner=ben)
    first, second = (client_of(ben).get("/portfolios/", {"page": page}) for page in (1, 2))
    assert len(first.context["figures"]) == PORTFOLIOS_A_PAGE
    assert 0 < len(second.context["figures"]) < PORTFOLIOS_A_PAGE
    assert 'href="?page=2"' in first.text


def test_a_strangers_list_is_not_found(client_of: ClientOf, ann: User, ben: User) -> None:
    private = Watchlist.objects.create(name="Ann's", owner=ann)
    for address in ("/?watchlist=" + str(private.pk), private.get_absolute_url(), "/?watchlist=x"):
        assert client_of(ben).get(address).status_code == HTTPStatus.NOT_FOUND


def test_the_instrument_page_has_candles_news_and_our_positions(client_of: ClientOf, ben: User) -> None:
    ctx = client_of(ben).get("/i/XNAS/AAPL/").context
    assert len(ctx["bars"]) > 400
    assert ctx["bars"] == sorted(ctx["bars"])
    assert [held.portfolio.name for held in ctx["positions"]] == ["Global Equity"]


@pytest.mark.parametrize("address", ["/i/XNAS/NOPE/", "/i/XXXX/AAPL/", "/i/XNAS/%00/", "/i/%00/AAPL/"])
def test_an_unknown_instrument_is_not_found(client_of: ClientOf, ben: User, address: str) -> None:
    assert client_of(ben).get(address).status_code == HTTPStatus.NOT_FOUND


def test_a_page_can_be_asked_for_its_headers(client_of: ClientOf, ben: User) -> None:
    assert client_of(ben).head("/").status_code == HTTPStatus.OK


def test_a_colleagues_private_portfolio_is_not_found(client_of: ClientOf, ben: User, private: Portfolio) -> None:
    assert client_of(ben).get(private.get_absolute_url()).status_code == HTTPStatus.NOT_FOUND
    assert b"Private account" not in client_of(ben).get("/portfolios/").content


def test_another_organizations_portfolio_is_not_found(
    client_of: ClientOf, ann: User, eve: User, equity: Portfolio, globex: Organization
) -> None:
    with tenant_context(globex):
        theirs = Portfolio.objects.get(name="Global Equity")
    assert client_of(eve).get(equity.get_absolute_url()).status_code == HTTPStatus.NOT_FOUND
    assert client_of(eve).get(theirs.get_absolute_url()).status_code == HTTPStatus.OK
    assert client_of(ann).get(theirs.get_absolute_url()).status_code == HTTPStatus.NOT_FOUND


def test_the_portfolio_page_adds_up(client_of: ClientOf, ann: User, equity: Portfolio) -> None:
    ctx = client_of(ann).get(equity.get_absolute_url()).context
    assert sum(row.value for row in ctx["positions"]) == ctx["totals"].value
    assert ctx["transactions"]


def test_without_amounts_no_amount_reaches_the_page(
    client_of: ClientOf, vic_without_amounts: User, equity: Portfolio
) -> None:
    client = client_of(vic_without_amounts)
    for address in ("/", "/portfolios/", equity.get_absolute_url(), "/i/XNAS/AAPL/"):
        page = client.get(address)
        assert page.status_code == HTTPStatus.OK
        assert not AMOUNT.findall(page.content.decode())
    page = client.get(equity.get_absolute_url())
    assert page.context["transactions"] == []
    assert not hasattr(page.context["positions"][0], "quantity")
    assert not hasattr(page.context["totals"], "value")


def test_the_same_page_with_amounts_has_them(client_of: ClientOf, vic: User, equity: Portfolio) -> None:
    assert AMOUNT.findall(client_of(vic).get(equity.get_absolute_url()).content.decode())


@pytest.mark.parametrize("name", ["watchlist_create", "portfolio_create", "transaction_create", "watchlist_item_add"])
def test_a_viewer_may_not_change_anything(
    client_of: ClientOf, vic: User, equity: Portfolio, starter: Watchlist, name: str
) -> None:
    keys = {"transaction_create": [equity.pk], "watchlist_item_add": [starter.pk]}.get(name, [])
    assert client_of(vic).post(reverse(name, args=keys)).status_code == HTTPStatus.FORBIDDEN


def test_a_purchase_is_recorded(client_of: ClientOf, ben: User, equity: Portfolio) -> None:
    before = Transaction.objects.of(equity).count()
    form = {"kind": "buy", "symbol": "ibm", "traded_on": "2013-02-01", "quantity": "2", "price": "205.1"}
    answer = client_of(ben).post(reverse("transaction_create", args=[equity.pk]), form)
    assert answer.headers["Location"] == equity.get_absolute_url()
    assert Transaction.objects.of(equity).count() == before + 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "sell", "quantity": "100000"}, "held on 2013-02-01"),
        ({"symbol": "NOPE"}, "No instrument has the symbol NOPE."),
        ({"traded_on": "2031-01-01"}, "has not come yet"),
        ({"price": "0"}, "price must be more than zero"),
        ({"quantity": ""}, "quantity must be more than zero"),
        ({"quantity": "1" + "0" * 15}, "less than or equal to"),
        ({"traded_on": "0001-01-01"}, "nothing to record"),
        ({"kind": "nonsense"}, "nonsense"),
    ],
)
def test_what_cannot_be_true_comes_back_with_the_reason(
    client_of: ClientOf, ben: User, equity: Portfolio, changes: dict[str, str], said: str
) -> None:
    form = {"kind": "buy", "symbol": "AAPL", "traded_on": "2013-02-01", "quantity": "2", "price": "450"} | changes
    answer = client_of(ben).post(reverse("transaction_create", args=[equity.pk]), form, headers=HTMX)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in answer.content.decode()
    assert b"<html" not in answer.content


def test_a_portfolio_is_made(client_of: ClientOf, ben: User) -> None:
    form = {"name": "Income", "base_currency": "USD", "cost_method": "average", "shared": "on"}
    made = client_of(ben).post("/portfolios/new/", form)
    portfolio = Portfolio.objects.get(name="Income")
    assert made.headers["Location"] == portfolio.get_absolute_url()
    assert (portfolio.owner, portfolio.shared, portfolio.accounts.count()) == (ben, True, 1)
    again = client_of(ben).post("/portfolios/new/", form)
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert b"You have a portfolio of this name." in again.content


def test_a_currency_has_three_capitals(client_of: ClientOf, ben: User) -> None:
    form = {"name": "Income", "base_currency": "us", "cost_method": "fifo"}
    assert client_of(ben).post("/portfolios/new/", form).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_symbols_are_added_moved_and_removed(client_of: ClientOf, ben: User) -> None:
    client = client_of(ben)
    own = Watchlist.objects.create(name="Ben's", owner=ben)
    for symbol in ("aapl", "IBM"):
        client.post(reverse("watchlist_item_add", args=[own.pk]), {"symbol": symbol})
    last = own.items.get(instrument=Instrument.objects.get(symbol="IBM"))
    moved = client.post(reverse("watchlist_item_move", args=[own.pk, last.pk]), {"direction": "up"}, headers=HTMX)
    assert [row.instrument.symbol for row in moved.context["rows"]] == ["IBM", "AAPL"]
    client.post(reverse("watchlist_item_remove", args=[own.pk, last.pk]))
    assert [item.instrument.symbol for item in own.items.all()] == ["AAPL"]


def test_an_unknown_symbol_is_not_added(client_of: ClientOf, ben: User, starter: Watchlist) -> None:
    answer = client_of(ben).post(reverse("watchlist_item_add", args=[starter.pk]), {"symbol": "NOPE"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert b"No instrument has the symbol NOPE." in answer.content


def test_a_direction_is_up_or_down(client_of: ClientOf, ben: User, starter: Watchlist) -> None:
    address = reverse("watchlist_item_move", args=[starter.pk, starter.items.earliest("position").pk])
    assert client_of(ben).post(address, {"direction": "left"}).status_code == HTTPStatus.BAD_REQUEST


def test_a_list_is_made_private_on_request(client_of: ClientOf, ben: User) -> None:
    client_of(ben).post("/watchlists/new/", {"name": "Ideas"})
    assert Watchlist.objects.get(name="Ideas").shared is False
