"""What portfolios are worth: figures from quotes, splits and the ledger."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django_tenants.utils import schema_context
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.market.models import ActionKind, Bar, CorporateAction, FxRate, Instrument, Quote
from apps.portfolio import services
from apps.portfolio.models import Kind, Portfolio
from apps.portfolio.performance import Quality
from apps.portfolio.services.history import index_history

pytestmark = pytest.mark.django_db
DAY = date(2012, 12, 3)


@pytest.fixture
def portfolio(ann: User, apple: Instrument) -> Portfolio:
    book = services.create_portfolio(name="Test book", owner=ann)
    buy(book, apple, 10, 400)
    return book


def buy(book: Portfolio, instrument: Instrument, quantity: int, price: int, on: date = DAY) -> None:
    services.record_transaction(
        portfolio=book,
        kind=Kind.BUY,
        instrument=instrument,
        quantity=Decimal(quantity),
        price=Decimal(price),
        traded_on=on,
        by=book.owner,
    )


def quoted(instrument: Instrument, **fields: object) -> None:
    """Market rows are written in the shared schema."""
    with schema_context("public"):
        Quote.objects.filter(pk=instrument.pk).update(**fields)


def split(instrument: Instrument, on: date, numerator: int, denominator: int = 1) -> None:
    with schema_context("public"):
        CorporateAction.objects.create(
            instrument=instrument,
            on=on,
            kind=ActionKind.SPLIT,
            numerator=numerator,
            denominator=denominator,
            source="test",
        )


def totals(book: Portfolio) -> services.Totals:
    return services.value_portfolios([book])[book.pk].totals


def test_a_position_is_worth_its_quote(portfolio: Portfolio, apple: Instrument) -> None:
    quoted(apple, price=450.1, previous_close=440.1)
    (position,) = services.value_positions(portfolio)
    assert (position.value, position.gain, position.day_change) == tuple(map(Decimal, (4501, 501, 100)))
    assert position.gain_percent == pytest.approx(0.12525)
    assert position.day_percent == pytest.approx(100 / 4401)
    assert position.weight == 1


def test_prices_become_money_as_they_are_written(portfolio: Portfolio, apple: Instrument) -> None:
    quoted(apple, price=0.1)
    assert services.value_positions(portfolio)[0].value == Decimal("1.0")


def test_what_is_bought_in_this_session_moved_since_then(portfolio: Portfolio, apple: Instrument) -> None:
    quoted(apple, price=450, previous_close=440)
    buy(portfolio, apple, 1, 445, on=Quote.objects.get(pk=apple.pk).session_on)
    assert services.value_positions(portfolio)[0].day_change == 100 + 5


def test_weights_add_up(portfolio: Portfolio) -> None:
    buy(portfolio, Instrument.objects.get(symbol="IBM"), 7, 190)
    weights = [position.weight or 0 for position in services.value_positions(portfolio)]
    assert sum(weights) == pytest.approx(1)
    assert weights == sorted(weights, reverse=True)


def test_a_split_multiplies_what_was_held(portfolio: Portfolio, apple: Instrument) -> None:
    split(apple, date(2013, 1, 15), 7)
    (position,) = services.value_positions(portfolio)
    assert (position.quantity, position.cost) == (Decimal(70), Decimal(4000))


def test_a_split_that_has_not_come_is_not_applied(portfolio: Portfolio, apple: Instrument) -> None:
    split(apple, date(2014, 6, 9), 7)
    assert services.value_positions(portfolio)[0].quantity == 10


def test_without_a_quote_there_is_a_reason_not_a_zero(portfolio: Portfolio, apple: Instrument) -> None:
    with schema_context("public"):
        Quote.objects.filter(pk=apple.pk).delete()
    (position,) = services.value_positions(portfolio)
    assert (position.value, position.gain, position.weight) == (None, None, None)
    assert "no price" in position.reason
    assert totals(portfolio).quality is Quality.UNAVAILABLE


def test_part_without_a_price_is_said(portfolio: Portfolio, apple: Instrument) -> None:
    ibm = Instrument.objects.get(symbol="IBM")
    buy(portfolio, ibm, 1, 190)
    with schema_context("public"):
        Quote.objects.filter(pk=ibm.pk).delete()
    assert totals(portfolio).quality is Quality.DEGRADED
    assert totals(portfolio).reasons[0] == "IBM has no price yet."


def test_a_foreign_currency_has_no_rate_of_one(portfolio: Portfolio, apple: Instrument) -> None:
    with schema_context("public"):
        Instrument.objects.filter(pk=apple.pk).update(currency="EUR")
    foreign = services.value_positions(portfolio)[0]
    assert "rate" in foreign.reason
    assert (foreign.cost, foreign.average_cost, foreign.gain) == (None, None, None)


def test_what_was_paid_in_another_currency_is_in_no_sum(portfolio: Portfolio, apple: Instrument) -> None:
    before = totals(portfolio).cost
    ibm = Instrument.objects.get(symbol="IBM")
    buy(portfolio, ibm, 1, 190)
    assert before is not None
    assert totals(portfolio).cost == before + 190
    with schema_context("public"):
        Instrument.objects.filter(pk=ibm.pk).update(currency="JPY")
    assert (totals(portfolio).cost, totals(portfolio).quality) == (before, Quality.DEGRADED)
    with schema_context("public"):
        Instrument.objects.filter(pk=apple.pk).update(currency="EUR")
    assert (totals(portfolio).cost, totals(portfolio).quality) == (None, Quality.UNAVAILABLE)


def test_an_empty_portfolio_is_worth_nothing(ann: User) -> None:
    empty = totals(services.create_portfolio(name="Empty", owner=ann))
    assert (empty.value, empty.gain) == (Decimal(0), Decimal(0))
    assert empty.gain_percent is None
    assert empty.day_percent is None


def test_what_was_sold_is_no_position(portfolio: Portfolio, apple: Instrument) -> None:
    services.record_transaction(
        portfolio=portfolio,
        kind=Kind.SELL,
        instrument=apple,
        quantity=Decimal(10),
        price=Decimal(500),
        traded_on=date(2013, 1, 4),
        by=None,
    )
    assert services.value_positions(portfolio) == ()


def test_what_was_sold_in_this_session_moved_until_then(portfolio: Portfolio, apple: Instrument) -> None:
    quoted(apple, price=450, previous_close=440)
    sell(portfolio, apple, 4, 446, on=Quote.objects.get(pk=apple.pk).session_on)
    assert services.value_positions(portfolio)[0].day_change == 6 * 10 + 4 * 6
    sell(portfolio, apple, 6, 441, on=Quote.objects.get(pk=apple.pk).session_on)
    assert services.value_positions(portfolio) == ()
    assert totals(portfolio).day_change == 4 * 6 + 6 * 1


def sell(book: Portfolio, instrument: Instrument, quantity: int, price: int, on: date) -> None:
    services.record_transaction(
        portfolio=book, kind=Kind.SELL, instrument=instrument, quantity=Decimal(quantity), price=Decimal(price),
        traded_on=on, by=book.owner,
    )  # fmt: skip


def test_a_foreign_gain_is_told_apart_from_its_currencys(ann: User, apple: Instrument) -> None:
    book = services.create_portfolio(name="Euro", owner=ann, base_currency="EUR")
    with schema_context("public"):
        FxRate.objects.create(base="EUR", quote="USD", on=DAY, rate=1.25, source="test")
        FxRate.objects.create(base="EUR", quote="USD", on=date(2013, 1, 2), rate=2.0, source="test")
    buy(book, apple, 10, 400)
    quoted(apple, price=500, previous_close=490)
    (position,) = services.value_positions(book)
    assert position.value == 2500
    assert position.cost == 3200
    assert [position.gain, position.local_gain, position.fx_gain] == [-700, 500, -1200]
    assert position.day_change == 50


def test_old_prices_of_a_third_of_the_value_are_said(portfolio: Portfolio, apple: Instrument) -> None:
    quoted(apple, as_of=datetime(2013, 1, 3, 21, tzinfo=UTC))
    found = totals(portfolio)
    assert found.quality is Quality.DEGRADED
    assert found.reasons == ("100% of the value rests on prices of earlier sessions.",)


@pytest.mark.usefixtures("books")
def test_two_queries_however_many_portfolios(ann: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    portfolios = list(Portfolio.objects.all())
    services.value_portfolios(portfolios)
    with django_assert_num_queries(2):
        services.value_portfolios(portfolios)


def test_the_index_of_one_holding_follows_its_closes(portfolio: Portfolio, apple: Instrument) -> None:
    until = Bar.objects.filter(instrument=apple, on__lte=date(2013, 2, 1)).latest("on").on
    history = index_history(portfolio, until, 20)
    first, last = (Bar.objects.get(instrument=apple, on=history.days[i]).close for i in (0, -1))
    assert len(history.days) == 20
    assert history.index[-1] == pytest.approx(100 * last / first)


def test_the_index_does_not_see_a_split(portfolio: Portfolio, apple: Instrument) -> None:
    until = date(2013, 2, 1)
    before = index_history(portfolio, until, 20).index
    day = index_history(portfolio, until, 20).days[10]
    split(apple, day, 2)
    with schema_context("public"):
        for bar in Bar.objects.filter(instrument=apple, on__gte=day, on__lte=until):
            Bar.objects.filter(instrument=apple, on=bar.on).update(close=bar.close / 2)
    assert index_history(portfolio, until, 20).index == pytest.approx(before)


def test_what_is_bought_on_a_weekend_is_no_gain(portfolio: Portfolio, apple: Instrument) -> None:
    until, saturday = date(2013, 2, 1), date(2013, 1, 19)
    before = index_history(portfolio, until, 20).index
    price = round(Bar.objects.filter(instrument=apple, on__lt=saturday).latest("on").close)
    buy(portfolio, apple, 10, price, on=saturday)
    assert index_history(portfolio, until, 20).index == pytest.approx(before, rel=2e-3)


def test_what_comes_in_kind_is_no_gain_over_its_cost(portfolio: Portfolio, apple: Instrument) -> None:
    until = date(2013, 2, 1)
    before = index_history(portfolio, until, 20).index
    services.record_transaction(
        portfolio=portfolio,
        kind=Kind.OPENING,
        instrument=apple,
        quantity=Decimal(10),
        price=Decimal(1),
        traded_on=date(2013, 1, 16),
        by=None,
    )
    assert index_history(portfolio, until, 20).index == pytest.approx(before, rel=0.05)


def test_the_index_is_silent_about_days_on_which_a_holding_had_no_price(portfolio: Portfolio) -> None:
    ibm = Instrument.objects.get(symbol="IBM")
    buy(portfolio, ibm, 1, 190, on=date(2013, 1, 16))
    with schema_context("public"):
        Bar.objects.filter(instrument=ibm).delete()
    assert index_history(portfolio, date(2013, 2, 1), 20).change is None


def test_a_portfolio_without_history_has_no_change(ann: User) -> None:
    assert index_history(services.create_portfolio(name="Empty", owner=ann), DAY, 90).change is None
