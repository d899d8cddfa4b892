"""Entries of the ledger found, changed, deleted and brought back by members on their pages."""

from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.models import Kind, LedgerEdit, Portfolio, Transaction
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def book(ann: User) -> Portfolio:
    return services.create_portfolio(name="Edited", owner=ann, shared=True)


@pytest.fixture
def bought(book: Portfolio, ann: User, apple: Instrument) -> Transaction:
    said: dict[str, Any] = {"quantity": Decimal(10), "price": Decimal("533.17")}
    made = services.record_transaction(
        portfolio=book, kind=Kind.BUY, traded_on=date(2013, 1, 7), by=ann, instrument=apple, **said
    )
    return Transaction.objects.get(pk=made.pk)


def of(entry: Transaction, name: str) -> str:
    return reverse(name, args=[entry.account.portfolio_id, entry.pk])


def form_of(**changes: str) -> dict[str, str]:
    said = {"kind": "buy", "symbol": "AAPL", "traded_on": "2013-01-07", "quantity": "10", "price": "533.17"}
    return said | {"fee": "0", "tax": "0", "currency": "USD", "version": "1"} | changes


@pytest.mark.parametrize(
    ("asked", "count"),
    [({}, 1), ({"kind": "sell"}, 0), ({"symbol": "aapl", "kind": "buy"}, 1), ({"symbol": "IBM"}, 0),
     ({"since": "2013-01-08"}, 0), ({"since": "2013-01-07", "until": "2013-01-07"}, 1)],
)  # fmt: skip
def test_entries_are_found_by_kind_symbol_and_days(
    client_of: ClientOf, ann: User, bought: Transaction, asked: dict[str, str], count: int
) -> None:
    shown = client_of(ann).get(reverse("portfolio_transactions", args=[bought.account.portfolio_id]), asked)
    assert (shown.context["count"], len(shown.context["rows"])) == (count, count)


def test_a_change_is_stored_and_told_in_the_history(client_of: ClientOf, ben: User, bought: Transaction) -> None:
    client = client_of(ben)
    form = form_of(quantity="12", note="As on the statement")
    shown = client.post(of(bought, "transaction_change"), form, follow=True)
    bought.refresh_from_db()
    assert (str(bought.quantity), bought.note, bought.version) == ("12.0000000000", "As on the statement", 2)
    assert ("quantity", "10", "12") in shown.context["edits"][0].changes
    assert ben.name in shown.text


def test_the_form_sent_back_as_shown_keeps_every_value(client_of: ClientOf, ann: User, bought: Transaction) -> None:
    client = client_of(ann)
    form = client.get(of(bought, "transaction_detail")).context["form"]
    said = {field.name: field.value() for field in form if field.value() is not None}
    assert client.post(of(bought, "transaction_change"), said).status_code == HTTPStatus.FOUND
    edit = LedgerEdit.objects.to(bought.pk)[0]
    assert (edit.act, edit.before) == (LedgerEdit.Act.CHANGED, edit.after)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"version": "7"}, "Somebody changed this entry"), ({"quantity": "0"}, "must be more than zero"),
     ({"kind": "sell"}, "held on 2013-01-07"), ({"symbol": "NOPE"}, "No instrument has the symbol NOPE.")],
)  # fmt: skip
def test_a_change_that_cannot_be_comes_back_with_the_reason(
    client_of: ClientOf, ben: User, bought: Transaction, changes: dict[str, str], said: str
) -> None:
    answer = client_of(ben).post(of(bought, "transaction_change"), form_of(**changes), headers=HTMX)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in answer.text
    assert Transaction.objects.get(pk=bought.pk).version == 1


def test_what_is_deleted_comes_back_by_undo(client_of: ClientOf, ben: User, bought: Transaction) -> None:
    client = client_of(ben)
    shown = client.post(of(bought, "transaction_delete"), {"version": "1"}, follow=True)
    assert not Transaction.objects.filter(pk=bought.pk).exists()
    edit = shown.context["edits"][0].edit
    client.post(reverse("transaction_undo", args=[bought.account.portfolio_id, edit.pk]))
    assert Transaction.objects.get(pk=bought.pk).quantity == bought.quantity


def test_a_stale_delete_takes_nothing_away(client_of: ClientOf, ben: User, bought: Transaction) -> None:
    for version in ("2", "", "²"):
        shown = client_of(ben).post(of(bought, "transaction_delete"), {"version": version}, follow=True)
        assert "Somebody changed this entry" in shown.text
    assert Transaction.objects.filter(pk=bought.pk).exists()


def test_an_undone_change_is_not_undone_twice(client_of: ClientOf, ben: User, bought: Transaction) -> None:
    client, edit = client_of(ben), LedgerEdit.objects.to(bought.pk)[0]
    path = reverse("transaction_undo", args=[bought.account.portfolio_id, edit.pk])
    assert "The change is undone." in client.post(path, follow=True).text
    assert "undo the later change first" in client.post(path, follow=True).text


def test_without_amounts_there_are_days_and_kinds_only(
    client_of: ClientOf, vic_without_amounts: User, bought: Transaction
) -> None:
    client = client_of(vic_without_amounts)
    shown = client.get(reverse("portfolio_transactions", args=[bought.account.portfolio_id]))
    assert [row.entry for row in shown.context["rows"]] == [None]
    assert shown.context["edits"] == []
    assert "533.17" not in shown.text
    assert client.get(of(bought, "transaction_detail")).status_code == HTTPStatus.FORBIDDEN


def test_a_viewer_looks_and_changes_nothing(client_of: ClientOf, vic: User, bought: Transaction) -> None:
    client = client_of(vic)
    assert "533.17" in client.get(of(bought, "transaction_detail")).text
    for name in ("transaction_change", "transaction_delete"):
        assert client.post(of(bought, name), form_of()).status_code == HTTPStatus.FORBIDDEN
