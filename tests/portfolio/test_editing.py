"""Rows of a ledger changed, deleted, transferred and brought back: what is refused, and what is written down."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.errors import FutureEntryError, InvalidEntryError, StaleEntryError, UndoError
from apps.portfolio.lots import InsufficientPositionError
from apps.portfolio.models import Account, Kind, LedgerEdit, Portfolio, Transaction
from apps.portfolio.services.columns import columns_of

pytestmark = pytest.mark.django_db
DAY = date(2013, 1, 7)
type Record = Callable[..., Transaction]


@pytest.fixture
def portfolio(ann: User) -> Portfolio:
    return services.create_portfolio(name="Edited book", owner=ann)


@pytest.fixture
def record(portfolio: Portfolio, apple: Instrument) -> Record:
    def recorded(kind: Kind, quantity: int = 10, days: int = 0, **fields: Any) -> Transaction:
        said: dict[str, Any] = {"instrument": apple, "quantity": Decimal(quantity), "price": Decimal(100)} | fields
        on = DAY + timedelta(days=days)
        entry = services.record_transaction(portfolio=portfolio, kind=kind, traded_on=on, by=portfolio.owner, **said)
        return Transaction.objects.get(pk=entry.pk)

    return recorded


def ledger(*portfolios: Portfolio) -> list[dict[str, Any]]:
    """Every row as it is stored, in one order."""
    return [columns_of(entry) for entry in Transaction.objects.of(*portfolios).order_by("pk")]


def acts(portfolio: Portfolio) -> list[str]:
    return [edit.act for edit in LedgerEdit.objects.of(portfolio).order_by("at", "pk")]


def test_a_row_is_changed_and_both_its_states_are_kept(portfolio: Portfolio, record: Record, ben: User) -> None:
    edit = services.change_transaction(record(Kind.BUY), by=ben, price=Decimal("99.5"), note="Misread")
    assert edit.before
    assert edit.after
    assert (edit.act, edit.by, edit.before["price"], edit.after["price"]) == ("changed", ben, "100", "99.5")
    assert Transaction.objects.of(portfolio).get().note == "Misread"


def test_a_deleted_row_comes_back_as_it_was(portfolio: Portfolio, record: Record, ann: User) -> None:
    entry, before = record(Kind.BUY, note="First"), ledger(portfolio)
    deleted = services.delete_transaction(entry, by=ann)
    assert ledger(portfolio) == []
    services.undo_edit(deleted, by=ann)
    assert ledger(portfolio) == before
    assert acts(portfolio) == ["recorded", "deleted", "restored"]


def test_what_was_recorded_is_undone_and_undone_again(portfolio: Portfolio, record: Record, ann: User) -> None:
    record(Kind.BUY)
    before = ledger(portfolio)
    undone = services.undo_edit(LedgerEdit.objects.of(portfolio).get(), by=ann)
    assert ledger(portfolio) == []
    services.undo_edit(undone, by=ann)
    assert ledger(portfolio) == before


def test_an_earlier_change_is_not_undone_below_a_later_one(record: Record, ann: User) -> None:
    entry = record(Kind.BUY)
    first = services.change_transaction(entry, by=ann, price=Decimal(90))
    entry.refresh_from_db()
    second = services.change_transaction(entry, by=ann, price=Decimal(80))
    with pytest.raises(UndoError):
        services.undo_edit(first, by=ann)
    services.undo_edit(second, by=ann)
    with pytest.raises(UndoError):
        services.undo_edit(second, by=ann)


def test_two_who_opened_one_row_do_not_overwrite_each_other(record: Record, ann: User, ben: User) -> None:
    entry = record(Kind.BUY)
    seen = Transaction.objects.get(pk=entry.pk)
    services.change_transaction(entry, by=ann, price=Decimal(90))
    with pytest.raises(StaleEntryError, match="Somebody changed"):
        services.change_transaction(seen, by=ben, quantity=Decimal(1))
    with pytest.raises(StaleEntryError):
        services.delete_transaction(seen, by=ben)
    assert Transaction.objects.get(pk=entry.pk).price == Decimal(90)


def test_a_row_that_is_gone_is_not_changed(record: Record, ann: User) -> None:
    entry = record(Kind.BUY)
    services.delete_transaction(Transaction.objects.get(pk=entry.pk), by=ann)
    with pytest.raises(StaleEntryError, match="deleted"):
        services.change_transaction(entry, by=ann, price=Decimal(90))


@pytest.mark.parametrize(
    "change", [{"quantity": Decimal(4)}, {"traded_on": DAY + timedelta(days=9)}, {"kind": Kind.SELL}]
)
def test_a_change_that_a_later_sale_would_not_stand_is_refused(
    portfolio: Portfolio, record: Record, ann: User, change: dict[str, Any]
) -> None:
    bought = record(Kind.BUY)
    record(Kind.SELL, quantity=5, days=5)
    before = ledger(portfolio)
    with pytest.raises(InsufficientPositionError):
        services.change_transaction(bought, by=ann, **change)
    assert (ledger(portfolio), acts(portfolio)) == (before, ["recorded", "recorded"])


def test_a_purchase_that_was_sold_is_not_deleted(portfolio: Portfolio, record: Record, ann: User) -> None:
    bought = record(Kind.BUY)
    record(Kind.SELL, quantity=5, days=5)
    with pytest.raises(InsufficientPositionError):
        services.delete_transaction(bought, by=ann)
    assert Transaction.objects.of(portfolio).count() == 2


def test_the_instrument_of_a_sold_purchase_stays(record: Record, ann: User) -> None:
    bought = record(Kind.BUY)
    record(Kind.SELL, quantity=5, days=5)
    with pytest.raises(InsufficientPositionError):
        services.change_transaction(bought, by=ann, instrument=Instrument.objects.get(symbol="MSFT"))


def test_a_change_is_checked_like_a_new_row(record: Record, ann: User) -> None:
    entry = record(Kind.BUY)
    with pytest.raises(FutureEntryError):
        services.change_transaction(entry, by=ann, traded_on=services.market_day() + timedelta(days=1))
    with pytest.raises(InvalidEntryError) as refused:
        services.change_transaction(entry, by=ann, price=Decimal(0))
    assert refused.value.field == "price"


def test_rows_of_many_are_all_stored_or_none(portfolio: Portfolio, apple: Instrument, ann: User) -> None:
    account = portfolio.accounts.get()
    common = {"account": account, "instrument": apple, "price": Decimal(1), "currency": "USD", "traded_on": DAY}
    rows = [
        Transaction(kind=kind, quantity=Decimal(quantity), **common)
        for kind, quantity in [(Kind.BUY, 3), (Kind.SELL, 4)]
    ]
    with pytest.raises(InsufficientPositionError):
        services.record_transactions(portfolio, rows, by=ann)
    services.record_transactions(portfolio, rows[:1], by=ann)
    assert Transaction.objects.of(portfolio).get().recorded_by == ann


@pytest.fixture
def second(portfolio: Portfolio) -> Account:
    return services.add_account(portfolio, name="Second", currency="USD")


def test_a_transfer_is_two_rows_that_stay_together(
    portfolio: Portfolio, second: Account, record: Record, apple: Instrument, ann: User
) -> None:
    record(Kind.BUY)
    out, came = services.record_transfer(
        source=portfolio.accounts.get(name="Main"), target=second, traded_on=DAY, by=ann,
        instrument=apple, quantity=Decimal(4), price=Decimal(110),
    )  # fmt: skip
    assert (out.link, came.account) == (came.link, second)
    changed = services.change_transaction(Transaction.objects.get(pk=came.pk), by=ann, quantity=Decimal(6))
    assert Transaction.objects.get(pk=out.pk).quantity == Decimal(6)
    services.undo_edit(changed, by=ann)
    services.delete_transaction(Transaction.objects.get(pk=out.pk), by=ann)
    assert Transaction.objects.of(portfolio).count() == 1


def test_more_than_held_is_not_transferred_to_another_portfolio(
    portfolio: Portfolio, record: Record, apple: Instrument, ann: User
) -> None:
    record(Kind.BUY)
    other = services.create_portfolio(name="Target", owner=ann)
    ends: dict[str, Any] = {
        "source": portfolio.accounts.get(),
        "target": other.accounts.get(),
        "traded_on": DAY,
        "by": ann,
    }
    with pytest.raises(InsufficientPositionError):
        services.record_transfer(**ends, instrument=apple, quantity=Decimal(11), price=Decimal(110))
    assert len(ledger(portfolio, other)) == 1


def test_a_received_position_that_was_sold_is_not_taken_back(
    portfolio: Portfolio, record: Record, apple: Instrument, ann: User
) -> None:
    record(Kind.BUY)
    other = services.create_portfolio(name="Target", owner=ann)
    ends: dict[str, Any] = {
        "source": portfolio.accounts.get(),
        "target": other.accounts.get(),
        "traded_on": DAY,
        "by": ann,
    }
    out, _ = services.record_transfer(**ends, instrument=apple, quantity=Decimal(4), price=Decimal(110))
    sold: dict[str, Any] = {"instrument": apple, "quantity": Decimal(4), "price": Decimal(120)}
    services.record_transaction(portfolio=other, kind=Kind.SELL, traded_on=DAY, by=ann, **sold)
    with pytest.raises(InsufficientPositionError):
        services.delete_transaction(Transaction.objects.get(pk=out.pk), by=ann)


def test_the_other_end_in_a_private_portfolio_is_its_owners(
    record: Record, apple: Instrument, ann: User, ben: User
) -> None:
    firms = services.create_portfolio(name="The firm's", owner=ann, shared=True)
    bought = record(Kind.BUY)  # in Ann's own
    _, came = services.record_transfer(
        source=bought.account, target=firms.accounts.get(), traded_on=DAY, by=ann,
        instrument=apple, quantity=Decimal(4), price=Decimal(110),
    )  # fmt: skip
    before = ledger(bought.account.portfolio, firms)
    with pytest.raises(InvalidEntryError, match="not yours"):
        services.delete_transaction(Transaction.objects.get(pk=came.pk), by=ben)
    with pytest.raises(InvalidEntryError, match="not yours"):
        services.change_transaction(Transaction.objects.get(pk=came.pk), by=ben, quantity=Decimal(1))
    assert ledger(bought.account.portfolio, firms) == before
