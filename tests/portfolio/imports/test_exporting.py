"""An export is the page's figures, no formula, and the same ledger again when it is imported."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio.documents import Sheet, csv_of, write_xlsx
from apps.portfolio.models import Account, Kind, Portfolio, Transaction
from apps.portfolio.models.imports import State
from apps.portfolio.services import create_portfolio, exporting, record_transactions, value_positions
from tests.portfolio.imports.conftest import Upload

pytestmark = pytest.mark.django_db
MONEY = st.decimals(min_value=Decimal("0.0000001"), max_value=Decimal(10**9), places=10)
TEXTS = st.text(st.characters(exclude_categories=["C"]), max_size=20) | st.sampled_from(
    ["=1+1", "'=x", "-", "@a", "n/a"]
)
MOMENTS = st.integers(10**9, 135 * 10**7).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
CASH = [Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.FEE, Kind.TAX, Kind.INTEREST]


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """One row that may stand in any ledger; units only come in."""
    kind = draw(st.sampled_from([Kind.BUY, Kind.OPENING, Kind.DELIVERY_IN, Kind.DIVIDEND, Kind.SPLIT, *CASH]))
    row: dict[str, Any] = {"kind": kind, "note": draw(TEXTS), "external_id": draw(TEXTS), "currency": "USD"}
    row["traded_on"] = draw(st.dates(date(2010, 1, 1), date(2013, 2, 1)))
    row["traded_at"] = draw(st.none() | MOMENTS)
    row["rate"] = draw(st.none() | MONEY)
    if kind == Kind.SPLIT:
        return row | {"numerator": draw(st.integers(2, 50)), "denominator": 1}
    row |= {"fee": draw(MONEY | st.just(Decimal(0))), "tax": draw(MONEY | st.just(Decimal(0)))}
    if kind in {Kind.BUY, Kind.OPENING, Kind.DELIVERY_IN}:
        return row | {"quantity": draw(MONEY), "price": draw(MONEY)}
    return row | {"amount": draw(MONEY)}


def exported(book: Portfolio) -> bytes:
    return "".join(csv_of(exporting.ledger_sheet(book))).encode()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(rows(), min_size=1, max_size=12), names=st.lists(TEXTS, min_size=1, max_size=2))
def test_an_export_brought_in_is_the_same_ledger(
    found: list[dict[str, Any]], names: list[str], bring_in: Upload, ann: User, apple: Instrument
) -> None:
    with transaction.atomic():
        book, copy = (create_portfolio(name=uuid4().hex, owner=ann) for _ in range(2))
        accounts = [book.accounts.get(), Account.objects.create(portfolio=book, name="Two", currency="USD")]
        entries = [Transaction(account=accounts[place % 2], **row) for place, row in enumerate(found)]
        for entry in entries:
            entry.instrument = None if entry.kind in CASH else apple
        record_transactions(book, entries, by=ann)
        imported = bring_in(exported(book), copy)
        assert (imported.state, imported.counts["new"]) == (State.DONE, len(found)), list(imported.rows.values())
        assert exporting.ledger_hash(copy) == exporting.ledger_hash(book)
        transaction.set_rollback(True)


def test_both_ends_of_a_transfer_stay_together(bring_in: Upload, ann: User, apple: Instrument, book: Portfolio) -> None:
    main = book.accounts.get()
    second = Account.objects.create(portfolio=book, name="Two", currency="USD")
    day, shared = (
        date(2013, 2, 4),
        {"currency": "USD", "instrument": apple, "quantity": Decimal(5), "price": Decimal(2)},
    )
    link = uuid4()
    entries = [
        Transaction(account=main, kind=Kind.BUY, traded_on=day, **shared),
        Transaction(account=main, kind=Kind.TRANSFER_OUT, traded_on=day, link=link, **shared),
        Transaction(account=second, kind=Kind.TRANSFER_IN, traded_on=day, link=link, **shared),
    ]
    record_transactions(book, entries, by=ann)
    copy = create_portfolio(name="Copy", owner=ann)
    bring_in(exported(book), copy)
    links = Transaction.objects.of(copy).exclude(link=None).values_list("link", flat=True)
    assert (len(links), len(set(links)), link in links) == (2, 1, False)
    assert exporting.ledger_hash(copy) == exporting.ledger_hash(book)


def test_positions_are_the_pages(bring_in: Upload, book: Portfolio) -> None:
    bring_in(b"Date,Type,Symbol,Quantity,Price\n2013-02-04,buy,AAPL,10,440\n")
    (row,) = exporting.sheet_of(book, "positions").rows
    (position,) = value_positions(book)
    said = dict(zip(exporting.sheet_of(book, "positions").columns, row, strict=True))
    assert (said["value"], said["cost"], said["gain"]) == (position.value, position.cost, position.gain)
    assert said["weight"] == position.weight


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    (_, line) = csv_of(Sheet("s", ["note"], [[text]]))
    assert line.lstrip('"').startswith("'")
    book = BytesIO()
    write_xlsx(book, [Sheet("s", ["note"], [[text]])])
    assert b"<f>" not in ZipFile(book).read("xl/worksheets/sheet1.xml")


def test_numbers_are_not_rounded_on_their_way() -> None:
    exact = Decimal("123456789012345678.1234567891")
    assert list(csv_of(Sheet("s", ["n"], [[exact], [Decimal("10.50")], [0.1]])))[1] == f"{exact}\n10.5\n0.1\n"
