"""The ledger: what is refused, and what is stored."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.errors import FutureEntryError, InvalidEntryError
from apps.portfolio.lots import InsufficientPositionError
from apps.portfolio.models import Kind, Portfolio, Transaction
from apps.portfolio.services.entries import market_day

pytestmark = pytest.mark.django_db
DAY = date(2013, 1, 7)


@pytest.fixture
def portfolio(ann: User) -> Portfolio:
    return services.create_portfolio(name="Test book", owner=ann)


def record(portfolio: Portfolio, kind: Kind, instrument: Instrument | None = None, **fields: object) -> Transaction:
    defaults: dict[str, object] = {"traded_on": DAY, "by": portfolio.owner, "instrument": instrument}
    if instrument is not None:
        defaults |= {"quantity": Decimal(10), "price": Decimal(100)}
    return services.record_transaction(portfolio=portfolio, kind=kind, **(defaults | fields))  # type: ignore[arg-type]


def test_a_purchase_is_stored_in_the_instruments_currency(portfolio: Portfolio, apple: Instrument, ann: User) -> None:
    entry = record(portfolio, Kind.BUY, apple)
    entry.refresh_from_db()
    assert (entry.currency, entry.recorded_by, entry.total) == ("USD", ann, Decimal(1000))


def test_more_than_held_cannot_be_sold(portfolio: Portfolio, apple: Instrument) -> None:
    record(portfolio, Kind.BUY, apple)
    with pytest.raises(InsufficientPositionError):
        record(portfolio, Kind.SELL, apple, quantity=Decimal(11))
    assert Transaction.objects.of(portfolio).count() == 1


def test_a_back_dated_sale_that_would_break_a_later_one_is_refused(portfolio: Portfolio, apple: Instrument) -> None:
    record(portfolio, Kind.BUY, apple)
    record(portfolio, Kind.SELL, apple, traded_on=DAY + timedelta(days=10))
    with pytest.raises(InsufficientPositionError):
        record(portfolio, Kind.SELL, apple, quantity=Decimal(1), traded_on=DAY + timedelta(days=1))


def test_another_portfolio_lends_nothing(portfolio: Portfolio, apple: Instrument, ann: User) -> None:
    record(portfolio, Kind.BUY, apple)
    with pytest.raises(InsufficientPositionError):
        record(services.create_portfolio(name="Other", owner=ann), Kind.SELL, apple)


@pytest.mark.parametrize("price", [Decimal(0), Decimal(-1), None])
def test_a_price_is_more_than_zero(portfolio: Portfolio, apple: Instrument, price: Decimal | None) -> None:
    with pytest.raises(InvalidEntryError, match="price"):
        record(portfolio, Kind.BUY, apple, price=price)


@pytest.mark.parametrize("quantity", [Decimal(0), Decimal(-5), None])
def test_a_quantity_is_more_than_zero(portfolio: Portfolio, apple: Instrument, quantity: Decimal | None) -> None:
    with pytest.raises(InvalidEntryError, match="quantity"):
        record(portfolio, Kind.BUY, apple, quantity=quantity)


def test_fees_are_not_negative(portfolio: Portfolio, apple: Instrument) -> None:
    with pytest.raises(InvalidEntryError, match="Fees"):
        record(portfolio, Kind.BUY, apple, fee=Decimal(-1))


def test_a_purchase_names_its_instrument(portfolio: Portfolio) -> None:
    with pytest.raises(InvalidEntryError, match="instrument"):
        record(portfolio, Kind.BUY, quantity=Decimal(1), price=Decimal(1))


def test_a_purchase_has_no_amount_of_its_own(portfolio: Portfolio, apple: Instrument) -> None:
    with pytest.raises(InvalidEntryError, match="amount"):
        record(portfolio, Kind.BUY, apple, amount=Decimal(1))


def test_cash_has_an_amount(portfolio: Portfolio) -> None:
    assert record(portfolio, Kind.DEPOSIT, amount=Decimal("12.50")).total == Decimal("12.50")
    with pytest.raises(InvalidEntryError, match="amount"):
        record(portfolio, Kind.DEPOSIT)


def test_cash_has_no_quantity(portfolio: Portfolio) -> None:
    with pytest.raises(InvalidEntryError, match="no quantity"):
        record(portfolio, Kind.DEPOSIT, amount=Decimal(1), quantity=Decimal(1))


def test_a_dividend_names_who_paid(portfolio: Portfolio) -> None:
    with pytest.raises(InvalidEntryError, match="paid"):
        record(portfolio, Kind.DIVIDEND, amount=Decimal(1))


def test_a_split_is_a_ratio(portfolio: Portfolio, apple: Instrument) -> None:
    ratio = {"quantity": None, "price": None, "numerator": 7, "denominator": 1}
    assert record(portfolio, Kind.SPLIT, apple, **ratio).total is None
    for wrong in ({"numerator": None}, {"denominator": 0}, {"numerator": 1}, {"quantity": Decimal(1)}):
        with pytest.raises(InvalidEntryError):
            record(portfolio, Kind.SPLIT, apple, **(ratio | wrong))


def test_the_markets_own_tomorrow_is_the_future(portfolio: Portfolio, apple: Instrument) -> None:
    record(portfolio, Kind.BUY, apple, traded_on=market_day())
    with pytest.raises(FutureEntryError):
        record(portfolio, Kind.BUY, apple, traded_on=market_day() + timedelta(days=1))


def test_the_table_itself_refuses_half_an_entry(portfolio: Portfolio, apple: Instrument) -> None:
    account = portfolio.accounts.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Transaction.objects.create(
            account=account, kind=Kind.BUY, instrument=apple, quantity=1, currency="USD", traded_on=DAY
        )


def test_one_owner_has_one_portfolio_of_a_name(portfolio: Portfolio, ann: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        services.create_portfolio(name=portfolio.name, owner=ann)


def test_private_portfolios_are_seen_by_their_owner_only(portfolio: Portfolio, ann: User, ben: User) -> None:
    assert portfolio in Portfolio.objects.visible_to(ann)
    assert portfolio not in Portfolio.objects.visible_to(ben)
