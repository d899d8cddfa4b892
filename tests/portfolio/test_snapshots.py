"""Kept days: they are what a replay of the whole ledger says, whatever happened to it and to the market."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.market.models import ActionKind, Bar, CorporateAction, FxRate, Instrument, Restatement
from apps.portfolio import services
from apps.portfolio.errors import LedgerError
from apps.portfolio.lots import InsufficientPositionError
from apps.portfolio.models import Kind, Portfolio, Reckoning, Snapshot, Tally, Transaction
from apps.portfolio.replay import Day, Terms, replay
from apps.portfolio.services.snapshots import days_of
from apps.portfolio.services.tallies import Stakes, stakes_of

pytestmark = pytest.mark.django_db
FIRST, CLOSED = date(2012, 6, 4), date(2013, 2, 22)
SYMBOLS = ("AAPL", "IBM", "MSFT")


@pytest.fixture
def book(ann: User) -> Portfolio:
    made = services.create_portfolio(name="Kept", owner=ann)
    trade(made, Kind.BUY, "AAPL", 10, FIRST)
    trade(made, Kind.BUY, "IBM", 20, date(2012, 9, 12))
    trade(made, Kind.SELL, "AAPL", 4, date(2012, 11, 14))
    services.refresh_snapshots(made, through=CLOSED)
    return made


def trade(book: Portfolio, kind: Kind, symbol: str, quantity: int, on: date, price: int = 200) -> None:
    services.record_transaction(
        portfolio=book, kind=kind, instrument=Instrument.objects.get(symbol=symbol), quantity=Decimal(quantity),
        price=Decimal(price), fee=Decimal("4.95"), traded_on=on, by=book.owner,
    )  # fmt: skip


def pay(book: Portfolio, kind: Kind, amount: int, on: date) -> None:
    services.record_transaction(portfolio=book, kind=kind, amount=Decimal(amount), traded_on=on, by=book.owner)


def replayed(book: Portfolio, on: set[date]) -> list[Day]:
    """The same days by the arithmetic alone."""
    read = services.book_of(book, until=CLOSED)
    days = replay(read.rows, read.series, read.rate, until=CLOSED, terms=Terms(cash=read.keeps_cash))
    return [day for day in days if day.on in on]


def is_whole(book: Portfolio) -> bool:
    """Whether what is kept is what the whole ledger would give, to the last digit."""
    services.refresh_snapshots(book, through=CLOSED)
    stakes = kept_stakes(book)
    is_right = services.verify_snapshots(book, through=CLOSED) == 0
    return is_right and kept_stakes(book) == stakes


def kept_stakes(book: Portfolio) -> Stakes:
    return stakes_of(book, Tally.objects.filter(pk=book.pk).first(), CLOSED)


def test_a_kept_day_is_the_replayed_one(book: Portfolio) -> None:
    kept = {day.on: day for day in days_of(book, since=None, until=CLOSED, closed=CLOSED)}
    days = replayed(book, set(kept))
    assert len(days) > 150
    assert [day.value for day in days] == [kept[day.on].value for day in days]
    assert [(day.inflow, day.outflow, day.is_session) for day in days] == [
        (kept[day.on].inflow, kept[day.on].outflow, kept[day.on].is_session) for day in days
    ]


def test_every_weekday_is_kept_once(book: Portfolio) -> None:
    days = set(Snapshot.objects.filter(portfolio=book).values_list("on", flat=True))
    span = [FIRST + timedelta(days=after) for after in range((CLOSED - FIRST).days + 1)]
    assert {day for day in span if day.weekday() < 5} <= days
    assert services.refresh_snapshots(book, through=CLOSED) == 0


def test_a_new_day_is_appended(book: Portfolio) -> None:
    before = list(Snapshot.objects.filter(portfolio=book).order_by("on").values_list("on", "value"))
    assert services.refresh_snapshots(book, through=CLOSED + timedelta(days=3)) == 1
    after = list(Snapshot.objects.filter(portfolio=book).order_by("on").values_list("on", "value"))
    assert (after[:-1], after[-1][0]) == (before, date(2013, 2, 25))


def test_a_back_dated_row_is_recomputed_from_its_day(book: Portfolio) -> None:
    trade(book, Kind.BUY, "MSFT", 5, date(2012, 12, 12), price=30)
    kept = Snapshot.objects.filter(portfolio=book)
    assert kept.latest("on").on == date(2012, 12, 3)  # the standing before it
    assert is_whole(book)


def test_random_edits_leave_what_the_whole_ledger_says(book: Portfolio) -> None:
    chance = Random(5)
    for _ in range(12):
        on = FIRST + timedelta(days=chance.randrange((CLOSED - FIRST).days))
        try:
            edit(book, chance, on)
        except (InsufficientPositionError, LedgerError):
            continue
        if chance.random() < 0.6:
            assert is_whole(book)
    assert is_whole(book)


def edit(book: Portfolio, chance: Random, on: date) -> None:
    """A trade, a payment, or one row less."""
    match chance.randrange(4):
        case 0:
            pay(book, chance.choice([Kind.DEPOSIT, Kind.INTEREST, Kind.FEE]), 1 + chance.randrange(5000), on)
        case 1:
            entry = chance.choice(list(Transaction.objects.filter(account__portfolio=book, kind=Kind.BUY)))
            Transaction.objects.filter(pk=entry.pk).update(price=entry.price + 1 if entry.price else None)
            services.forget_snapshots(book, entry.traded_on, [entry.instrument_id or 0])
        case _:
            kind = chance.choice([Kind.BUY, Kind.BUY, Kind.SELL])
            trade(book, kind, chance.choice(SYMBOLS), 1 + chance.randrange(9), on)


def test_the_first_deposit_makes_the_whole_book_keep_cash(book: Portfolio) -> None:
    assert not Reckoning.objects.get(portfolio=book).keeps_cash
    pay(book, Kind.DEPOSIT, 100_000, date(2013, 1, 15))
    assert not Snapshot.objects.filter(portfolio=book).exists()
    assert is_whole(book)


def test_a_split_that_is_told_later_is_counted(book: Portfolio) -> None:
    apple = Instrument.objects.get(symbol="AAPL")
    with schema_context("public"):
        CorporateAction.objects.create(
            instrument=apple, on=date(2013, 1, 15), kind=ActionKind.SPLIT, numerator=2, denominator=1, source="test"
        )
    assert services.refresh_snapshots(book, through=CLOSED) > 20
    assert is_whole(book)


def test_a_restated_session_is_counted(book: Portfolio) -> None:
    apple, on = Instrument.objects.get(symbol="AAPL"), date(2013, 1, 15)
    before = Snapshot.objects.get(portfolio=book, on=on).value
    with schema_context("public"):
        Bar.objects.filter(instrument=apple, on=on).update(close=1.0)
        Restatement.objects.create(instrument=apple, first_on=on, last_on=on, sessions=1, source="test")
    days = {day.on: day for day in days_of(book, since=on, until=CLOSED, closed=CLOSED)}
    assert days[on].value < before
    assert is_whole(book)


def test_a_close_that_comes_late_is_counted(book: Portfolio) -> None:
    apple, on = Instrument.objects.get(symbol="AAPL"), date(2013, 2, 21)
    right = Snapshot.objects.get(portfolio=book, on=on).value
    with schema_context("public"):
        bar = Bar.objects.get(instrument=apple, on=on)
        Bar.objects.filter(instrument=apple, on=on).delete()
    services.refresh_snapshots(book, through=CLOSED)
    assert Snapshot.objects.get(portfolio=book, on=on).value != right
    with schema_context("public"):
        bar.save(force_insert=True)
    services.refresh_snapshots(book, through=CLOSED)
    assert Snapshot.objects.get(portfolio=book, on=on).value == right


def test_a_rate_that_comes_late_is_counted(ann: User) -> None:
    book, on = services.create_portfolio(name="Euro", owner=ann, base_currency="EUR"), date(2013, 2, 21)
    rated(FIRST - timedelta(days=30), 1.25)
    trade(book, Kind.BUY, "AAPL", 10, FIRST)
    services.refresh_snapshots(book, through=CLOSED)
    before = Snapshot.objects.get(portfolio=book, on=on)
    rated(on, 1.5)
    services.refresh_snapshots(book, through=CLOSED)
    after = Snapshot.objects.get(portfolio=book, on=on)
    assert after.value * 6 == pytest.approx(before.value * 5)
    assert after.fx < 0
    assert is_whole(book)


def rated(on: date, dollars: float) -> None:
    with schema_context("public"):
        FxRate.objects.create(base="EUR", quote="USD", on=on, rate=dollars, source="test")


def test_what_nobody_noticed_the_verification_puts_right(book: Portfolio) -> None:
    Snapshot.objects.filter(portfolio=book, on=date(2012, 8, 1)).update(value=1)
    assert services.verify_snapshots(book, through=CLOSED) == 1
    assert is_whole(book)


def test_a_currency_without_a_way_is_an_error_and_keeps_nothing(ann: User) -> None:
    book = services.create_portfolio(name="Krona", owner=ann, base_currency="SEK")
    trade(book, Kind.BUY, "AAPL", 1, FIRST)
    measured = services.measure_portfolio(book, since=None, until=CLOSED)
    assert "No rate leads" in measured.reason
    assert not Snapshot.objects.filter(portfolio=book).exists()
