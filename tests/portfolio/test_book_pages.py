"""Pages of one portfolio: gains, income, risk, allocation, what-if and a position; figures agree with each other."""

import re
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import pytest
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.market.models import CorporateAction, Instrument
from apps.portfolio import services
from apps.portfolio.models import Kind, Portfolio, Transaction
from apps.portfolio.periods import Period
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
AMOUNT = re.compile(r"\d,\d{3}\.\d{2}\b|\d{3}\.\d{2}\b(?!\u2009%)")
HTMX = {"HX-Request": "true"}
PAGES = ("gains", "income", "risk", "allocation", "what-if", "performance", "positions/XNAS/AAPL")
ROWS: tuple[tuple[Kind, str, date, dict[str, str]], ...] = (
    (Kind.DEPOSIT, "", date(2012, 3, 1), {"amount": "50000"}),
    (Kind.BUY, "AAPL", date(2012, 3, 5), {"quantity": "20", "price": "533.16", "fee": "5"}),
    (Kind.BUY, "IBM", date(2012, 3, 5), {"quantity": "50", "price": "200.66", "fee": "5"}),
    (Kind.DIVIDEND, "AAPL", date(2012, 8, 16), {"amount": "53", "tax": "8"}),
    (Kind.SELL, "AAPL", date(2012, 9, 19), {"quantity": "5", "price": "702.10", "fee": "5"}),
    (Kind.SELL, "AAPL", date(2013, 2, 1), {"quantity": "5", "price": "453.62"}),
    (Kind.INTEREST, "", date(2012, 12, 31), {"amount": "12.34"}),
)


@pytest.fixture
def book(ann: User) -> Portfolio:
    made = services.create_portfolio(name="Paged", owner=ann, shared=True)
    for kind, symbol, on, numbers in ROWS:
        instrument = Instrument.objects.get(symbol=symbol) if symbol else None
        amounts: dict[str, Any] = {name: Decimal(text) for name, text in numbers.items()}
        services.record_transaction(portfolio=made, kind=kind, traded_on=on, by=ann, instrument=instrument, **amounts)
    return made


def address(book: Portfolio, page: str) -> str:
    return f"{book.get_absolute_url()}{page}/"


def shown(client_of: ClientOf, user: User, book: Portfolio, page: str, **query: str) -> Any:
    answer = client_of(user).get(address(book, page), query)
    assert answer.status_code == HTTPStatus.OK
    return answer.context


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_every_period(client_of: ClientOf, ann: User, book: Portfolio, page: str) -> None:
    client = client_of(ann)
    for period in (*Period, "2012", "custom"):
        asked = {"period": period, "from": "2012-06-01", "to": "2012-09-01"}
        answer = client.get(address(book, page), asked, headers=HTMX)
        assert answer.status_code == HTTPStatus.OK
        assert "<html" not in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_book_says_what_is_missing(client_of: ClientOf, ann: User, page: str) -> None:
    empty = services.create_portfolio(name="Empty", owner=ann)
    answer = client_of(ann).get(address(empty, page))
    assert answer.status_code == (HTTPStatus.NOT_FOUND if page.startswith("positions") else HTTPStatus.OK)


@pytest.mark.parametrize("page", PAGES)
def test_without_amounts_there_is_none(
    client_of: ClientOf, ann: User, vic_without_amounts: User, book: Portfolio, page: str
) -> None:
    """Dividends a unit, prices of the market and ratios are everybody's; risk has no amount for anybody."""
    for user, has_some in ((vic_without_amounts, False), (ann, page != "risk")):
        answer = client_of(user).get(address(book, page), {"period": "all"})
        text = re.sub(r"<script.*?</script>", "", answer.text, flags=re.DOTALL)
        assert bool(AMOUNT.findall(text)) is has_some


def test_a_colleagues_private_book_is_not_found(client_of: ClientOf, ben: User, book: Portfolio) -> None:
    Portfolio.objects.filter(pk=book.pk).update(shared=False)
    for page in PAGES:
        assert client_of(ben).get(address(book, page)).status_code == HTTPStatus.NOT_FOUND


def test_gains_are_those_of_the_positions(client_of: ClientOf, ann: User, book: Portfolio) -> None:
    """5 x 702.10 - 5 - 5 x (533.16 + 5 / 20) = 838.45, and 5 x 453.62 - 2667.05 = -398.95."""
    for year, gain in (("2012", "838.45"), ("2013", "-398.95")):
        ctx = shown(client_of, ann, book, "gains", year=year)
        assert (ctx["year"], ctx["sums"].gain) == (year, Decimal(gain))
        assert sum(row.sale.gain for row in ctx["rows"]) == ctx["sums"].gain
    assert shown(client_of, ann, book, "gains", begins="04-06")["year"] == "2012/13"
    assert shown(client_of, ann, book, "gains", begins="x", year="1999")["year"] == "2013"


def test_a_position_has_its_lots(client_of: ClientOf, ann: User, book: Portfolio) -> None:
    ctx = shown(client_of, ann, book, "positions/XNAS/AAPL")
    assert [(row.lot.quantity, row.share) for row in ctx["lots"]] == [(10, 1.0)]
    assert len(ctx["closed"]) == 2
    assert [row.net for row in ctx["receipts"]] == [45]
    assert {one["in"] for one in ctx["chart"].marks} == {True, False}


def test_what_was_never_held_has_no_page(client_of: ClientOf, ann: User, book: Portfolio) -> None:
    for symbol in ("MSFT", "NOPE"):
        assert client_of(ann).get(address(book, f"positions/XNAS/{symbol}")).status_code == HTTPStatus.NOT_FOUND


def test_income_counts_what_came_and_what_is_missing(client_of: ClientOf, ann: User, book: Portfolio) -> None:
    ctx = shown(client_of, ann, book, "income", period="all")
    figures = {one.key: one.value for one in ctx["headlines"]}
    assert (figures["gross"], figures["net"]) == (Decimal("65.34"), Decimal("57.34"))
    assert sum(row.received for row in ctx["payers"]) == figures["gross"]
    assert figures["due"] == sum(row.amount for row in ctx["due"]) > 0
    assert {row.instrument.symbol for row in ctx["missing"]} == {"AAPL", "IBM"}


def test_a_declared_dividend_is_expected(client_of: ClientOf, ann: User, book: Portfolio, apple: Instrument) -> None:
    told = {"on": date(2013, 5, 9), "kind": "dividend", "amount": 3.05, "source": "test"}
    with schema_context("public"):
        CorporateAction.objects.create(instrument=apple, **told)
    due = shown(client_of, ann, book, "income")["due"]
    declared = [(row.on, row.per_unit, row.amount) for row in due if row.is_declared]
    assert declared == [(date(2013, 5, 9), Decimal("3.05"), Decimal("30.50"))]


def test_risk_comes_from_the_positions(client_of: ClientOf, ann: User, book: Portfolio) -> None:
    ctx = shown(client_of, ann, book, "risk")
    assert sum(row.part for row in ctx["parts"]) == pytest.approx(ctx["parts_total"])
    assert sum(row.share for row in ctx["parts"]) == pytest.approx(1)
    assert 0 < sum(row.weight for row in ctx["parts"]) < 1  # the rest is cash
    assert [row[at] for at, (_, row) in enumerate(ctx["matrix"])] == [1.0, 1.0]
    assert ctx["falls"][0].depth == ctx["measured"].drawdown.depth
    assert {chart.key for chart in ctx["rolling"]} == {"rolling", "ratios"}


def test_a_benchmark_has_its_figures(client_of: ClientOf, ann: User, book: Portfolio, settings: Any) -> None:
    assert {one.key: one.value for one in shown(client_of, ann, book, "risk")["headlines"]}["beta"] is None
    settings.BENCHMARK = "MSFT"
    figures = {one.key: one.value for one in shown(client_of, ann, book, "risk")["headlines"]}
    assert all(isinstance(figures[key], float) for key in ("alpha", "beta", "correlation", "tracking"))


def test_a_portfolios_own_terms_are_followed(client_of: ClientOf, ann: User, book: Portfolio) -> None:
    before = {one.key: one.value for one in shown(client_of, ann, book, "risk")["headlines"]}
    microsoft = Instrument.objects.get(symbol="MSFT")
    services.set_portfolio_terms(book, by=ann, benchmark=microsoft, risk_free_rate=0.05, keeps_cash=False)
    ctx = shown(client_of, ann, book, "risk")
    after = {one.key: one.value for one in ctx["headlines"]}
    assert ctx["peer"].instrument == microsoft
    assert isinstance(after["beta"], float)
    assert after["sharpe"] < before["sharpe"]
    assert not ctx["measured"].keeps_cash


@pytest.mark.parametrize("by", ["instrument", "sector", "country", "currency", "class", "nonsense"])
def test_groups_sum_to_the_whole(client_of: ClientOf, ann: User, book: Portfolio, by: str) -> None:
    ctx = shown(client_of, ann, book, "allocation", by=by, period="all")
    assert sum(row.weight for row in ctx["rows"]) == pytest.approx(1)
    assert sum(row.part for row in ctx["rows"]) == pytest.approx(ctx["measured"].twr.value)
    ctx = shown(client_of, ann, book, "performance", by=by, period="all")
    assert sum(group.part for group in ctx["groups"]) == pytest.approx(ctx["total"])


def test_before_taxes_a_return_is_higher(client_of: ClientOf, ann: User, book: Portfolio) -> None:
    after, before = (
        shown(client_of, ann, book, "performance", period="all", taxes=taxes)["total"] for taxes in ("", "before")
    )
    assert before > after


def test_a_plan_lists_its_orders_and_writes_nothing(
    client_of: ClientOf, ann: User, book: Portfolio, apple: Instrument
) -> None:
    google, before = Instrument.objects.get(symbol="GOOG"), Transaction.objects.count()
    query = {f"target-{apple.pk}": "0", f"target-{google.pk}": "20", "add": "goog", "whole": "on"}
    ctx = shown(client_of, ann, book, "what-if", **query)
    orders = {instrument.symbol: (order.units, is_buy) for instrument, order, is_buy in ctx["orders"]}
    assert orders["AAPL"] == (10, False)
    assert orders["GOOG"][1]
    after = {row.instrument.symbol: row.after for row in ctx["rows"]}
    assert (after["AAPL"], after["GOOG"]) == (0, pytest.approx(0.2, abs=0.03))
    assert sum(after.values()) + ctx["cash"][1] == pytest.approx(1)
    assert Transaction.objects.count() == before


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"add": "NOPE"}, "No instrument has the symbol NOPE."),
        ({"target": "101"}, "less than or equal to 100"),
        ({"target": "60", "other": "60"}, "more than 100"),
        ({"target": "x"}, "Enter a number."),
        ({"target": "10", "step": "1"}, "not both"),
        ({"step": "-1000"}, "can be sold than is held"),
    ],
)
def test_a_plan_that_cannot_be_says_why(
    client_of: ClientOf, ann: User, book: Portfolio, apple: Instrument, query: dict[str, str], said: str
) -> None:
    other = Instrument.objects.get(symbol="IBM")
    names = {"add": "add", "target": f"target-{apple.pk}", "step": f"step-{apple.pk}", "other": f"target-{other.pk}"}
    answer = client_of(ann).get(address(book, "what-if"), {names[key]: value for key, value in query.items()})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in answer.text


def test_a_viewer_without_amounts_plans_in_weights(
    client_of: ClientOf, vic_without_amounts: User, book: Portfolio, apple: Instrument
) -> None:
    ctx = shown(client_of, vic_without_amounts, book, "what-if", **{f"target-{apple.pk}": "20"})
    assert (ctx["orders"], ctx["has_orders"]) == ([], True)
    assert all(row.units is row.order is row.step is None for row in ctx["rows"])
    assert ctx["rows"][1].after == pytest.approx(0.2)
