"""A portfolio over a period: what the page says is what the arithmetic of one document says."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.accounts.models import User
from apps.market.models import Bar, Instrument
from apps.portfolio import services
from apps.portfolio.evaluation.figures import evaluate
from apps.portfolio.models import Kind, Portfolio
from apps.portfolio.periods import Period, opening_day
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
BOUGHT, SOLD, UNTIL = date(2012, 12, 3), date(2013, 1, 15), date(2013, 2, 22)


@pytest.fixture
def book(ann: User, apple: Instrument) -> Portfolio:
    made = services.create_portfolio(name="Measured", owner=ann)
    for kind, quantity, price, on in ((Kind.BUY, 10, 590, BOUGHT), (Kind.SELL, 4, 486, SOLD)):
        services.record_transaction(
            portfolio=made, kind=kind, instrument=apple, quantity=Decimal(quantity), price=Decimal(price),
            fee=Decimal("4.95"), traded_on=on, by=ann,
        )  # fmt: skip
    return made


def document(apple: Instrument) -> dict[str, Any]:
    row = {"instrument": "AAPL", "currency": "USD", "fee": "4.95"}
    closes = Bar.objects.filter(instrument=apple).between(BOUGHT, UNTIL).values_list("on", "close")
    return {
        "transactions": [
            {**row, "date": BOUGHT, "kind": "buy", "quantity": 10, "price": 590},
            {**row, "date": SOLD, "kind": "sell", "quantity": 4, "price": 486},
        ],
        "prices": {"AAPL": [[on, repr(close)] for on, close in closes]},
        "options": {"cash": False, "period": {"end": UNTIL}},
    }


def test_the_page_and_the_document_agree(book: Portfolio, apple: Instrument) -> None:
    measured = services.measure_portfolio(book, since=None, until=UNTIL)
    figures = evaluate(document(apple))
    assert measured.twr.value == figures["twr"]["value"]
    assert measured.xirr.value == pytest.approx(figures["xirr"]["value"], abs=1e-12)
    assert measured.bridge.end == figures["bridge"]["end"]
    assert measured.bridge.fees == Decimal("9.90")
    assert abs(measured.bridge.residual) < Decimal("1e-20")


def test_parts_of_a_period_link_to_the_whole(book: Portfolio) -> None:
    def over(since: date | None, until: date) -> float:
        value = services.measure_portfolio(book, since=since, until=until).twr.value
        assert value is not None
        return value

    middle = date(2012, 12, 31)
    assert (1 + over(None, middle)) * (1 + over(middle, UNTIL)) == pytest.approx(1 + over(None, UNTIL), abs=1e-12)


def test_an_empty_book_says_why_there_is_nothing(ann: User) -> None:
    measured = services.measure_portfolio(services.create_portfolio(name="Empty", owner=ann), since=None, until=UNTIL)
    assert (measured.twr.value, measured.reason) == (None, "Nothing is recorded yet.")


@pytest.mark.parametrize("period", [*Period, "tomorrow"])
def test_every_period_has_a_page(client_of: ClientOf, ann: User, book: Portfolio, period: str) -> None:
    page = client_of(ann).get(f"/portfolios/{book.pk}/performance/?period={period}")
    assert page.status_code == 200
    assert "Time-weighted return" in page.text


def test_a_viewer_without_amounts_sees_no_bridge(client_of: ClientOf, vic: User, book: Portfolio) -> None:
    Portfolio.objects.filter(pk=book.pk).update(shared=True)
    User.objects.filter(pk=vic.pk).update(sees_amounts=False)
    page = client_of(vic).get(f"/portfolios/{book.pk}/performance/?period=all")
    assert "Contribution to return" in page.text
    assert "From start to end" not in page.text


def test_a_year_opens_on_the_last_day_of_the_one_before() -> None:
    assert opening_day(Period.YEAR, date(2024, 2, 29)) == date(2023, 12, 31)
    assert opening_day(Period.QUARTER, date(2024, 5, 1)) == date(2024, 3, 31)
    assert opening_day(Period.ONE, date(2024, 2, 29)) == date(2023, 2, 28)
    assert opening_day(Period.ALL, date(2024, 2, 29)) is None
