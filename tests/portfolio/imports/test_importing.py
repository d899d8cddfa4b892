"""A file on its way into the ledger and out again: whole or not at all."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio.models import Import, Kind, Portfolio, Transaction
from apps.portfolio.models.imports import State
from apps.portfolio.services import exporting, importing, record_transaction
from tests.portfolio.imports import files
from tests.portfolio.imports.conftest import Upload

pytestmark = pytest.mark.django_db
BUY, SELL = "2013-02-04,buy,AAPL,10,440,,4.95,USD", "2013-02-06,sell,AAPL,4,450,,4.95,USD"


def counted(imported: Import) -> dict[str, int]:
    return {status: n for status, n in imported.counts.items() if status != "digest" and n}


def said(imported: Import) -> list[tuple[int, str, str]]:
    rows = imported.rows.exclude(problem="")
    return [(row.number, row.about, row.problem) for row in rows]


def entries(book: Portfolio) -> list[tuple[Any, ...]]:
    fields = ("kind", "instrument__symbol", "quantity", "price", "amount", "fee")
    return [tuple(row) for row in Transaction.objects.of(book).order_by("traded_on", "kind").values_list(*fields)]


def test_a_file_is_recorded_whole_and_undone_to_the_same_hash(bring_in: Upload, book: Portfolio) -> None:
    bring_in(files.generic(BUY))
    before = exporting.ledger_hash(book)
    imported = bring_in(files.generic(SELL, "2013-02-05,dividend,AAPL,,,12.5,,USD", "2013-02-05,deposit,,,,100,,USD"))
    assert imported.state == State.DONE
    assert len(entries(book)) == 4
    assert imported.ledger_before == before != exporting.ledger_hash(book)
    assert importing.start_undoing(imported)
    imported = importing.work_on_import(imported)
    assert imported.state == State.UNDONE
    assert imported.ledger_after == before == exporting.ledger_hash(book)


@pytest.mark.parametrize("content", [files.SCHWAB, files.FIDELITY, files.IB_ACTIVITY, files.IB_FLEX, files.IB_HISTORY])
def test_a_brokers_file_is_recorded_and_brings_nothing_twice(bring_in: Upload, upload: Upload, content: bytes) -> None:
    first = bring_in(content)
    assert first.state == State.DONE, (first.failure, said(first))
    assert first.counts["error"] == first.counts["symbol"] == 0

    assert upload(content).counts["new"] == 0


def test_n_equal_rows_against_m_in_the_ledger(bring_in: Upload, upload: Upload) -> None:
    bring_in(files.generic(BUY))
    assert counted(upload(files.generic(BUY, BUY, BUY))) == {"new": 2, "twin": 1}


def test_a_row_recorded_by_hand_is_a_twin(upload: Upload, book: Portfolio, apple: Instrument, ann: User) -> None:
    given: dict[str, Any] = {"quantity": Decimal(10), "price": Decimal(440), "fee": Decimal("4.95")}
    record_transaction(portfolio=book, kind=Kind.BUY, instrument=apple, traded_on=date(2013, 2, 4), by=ann, **given)
    assert counted(upload(files.generic(BUY))) == {"twin": 1}


BAD = {
    "oversell": ("2013-02-06,sell,AAPL,11,450,,,USD", "quantity", "More than is held: 10"),
    "future": ("2099-02-06,buy,AAPL,1,450,,,USD", "traded_on", "has not come yet"),
    "no rate": ("2013-02-06,buy,AAPL,1,450,,,XQZ", "currency", "No rate leads from XQZ"),
    "no instrument": ("2013-02-06,buy,,1,450,,,USD", "symbol", "which instrument"),
    "unknown": ("2013-02-06,buy,NOSUCH,1,450,,,USD", "symbol", "NOSUCH"),
    "too many": ("2013-02-06,buy,AAPL,1e15,450,,,USD", "quantity", "more than exists"),
    "too cheap": ("2013-02-06,buy,AAPL,1,1e-10,,,USD", "price", "too small"),
    "not a number": ("2013-02-06,buy,AAPL,NaN,450,,,USD", "quantity", "no number"),
    "infinite": ("2013-02-06,buy,AAPL,1,Infinity,,,USD", "price", "no number"),
    "negative": ("2013-02-06,buy,AAPL,1,-450,,,USD", "price", "never negative"),
    "NUL": ("2013-02-06,buy,AA\x00PL,1,450,,,USD", "", "NUL"),
    "long": ("2013-02-06,buy,AAPL,1,450,,," + "U" * 131_073, "", "131,072"),
    "wide": ("2013-02-06,buy" + ",AAPL" * 20_000, "", "columns"),
    "unclosed": ('2013-02-06,buy,"AAPL,1,450,,,USD', "", "never closed"),
    "no day": ("2013-02-31,buy,AAPL,1,450,,,USD", "traded_on", "no day"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_said_at_its_row_and_the_rest_is_recorded_only_when_told(
    upload: Upload, book: Portfolio, ann: User, name: str
) -> None:
    row, about, words = BAD[name]
    imported = upload(files.generic(BUY, row))
    assert [(number, one) for number, one, _ in said(imported)] == [(3, about)]
    assert words in said(imported)[0][2]
    assert (imported.state, imported.counts["new"], entries(book)) == (State.READY, 1, [])


def test_a_back_dated_sale_that_the_ledger_cannot_bear_is_refused(bring_in: Upload, upload: Upload) -> None:
    bring_in(files.generic(BUY, "2013-02-08,sell,AAPL,10,450,,,USD"))
    imported = upload(files.generic("2013-02-06,sell,AAPL,1,450,,,USD"))
    assert counted(imported) == {"error": 1}


def test_a_thing_without_a_known_symbol_is_asked_about(upload: Upload, apple: Instrument, ann: User) -> None:
    imported = upload(files.generic(BUY.replace("AAPL", "APPLEX"), SELL.replace("AAPL", "APPLEX")))
    assert list(importing.proposed_symbols(imported, 5)) == ["APPLEX"]
    importing.start_reading(imported, importing.layout_of(imported), {"APPLEX": "XNAS:AAPL"})
    assert counted(importing.work_on_import(imported)) == {"new": 2}
    importing.start_reading(imported, importing.layout_of(imported), {"APPLEX": None})
    assert counted(importing.work_on_import(imported)) == {"left": 2}


def test_a_ledger_that_changed_meanwhile_is_looked_at_again(upload: Upload, bring_in: Upload, ann: User) -> None:
    """Two uploads of one file, both shown as new: the second is not recorded."""
    first, second = upload(files.generic(BUY)), upload(files.generic(BUY))
    importing.start_recording(first, by=ann)
    importing.work_on_import(first)
    importing.start_recording(second, by=ann)
    second = importing.work_on_import(second)
    assert (second.state, counted(second)) == (State.READY, {"twin": 1})
    assert "changed" in second.failure


def test_what_later_rows_need_cannot_be_undone(bring_in: Upload, book: Portfolio) -> None:
    first = bring_in(files.generic(BUY))
    bring_in(files.generic(SELL))
    importing.start_undoing(first)
    first = importing.work_on_import(first)
    assert (first.state, len(entries(book))) == (State.DONE, 2)
    assert "Later entries need" in first.failure


def test_a_file_that_cannot_be_read_goes_back_to_its_mapping(upload: Upload) -> None:
    imported = upload(files.generic(BUY))
    layout = importing.layout_of(imported)
    importing.map_again(imported)
    importing.start_reading(imported, replace(layout, columns={"traded_on": "Nowhere"}))
    imported = importing.work_on_import(imported)
    assert imported.state == State.MAPPING
    assert "no column “Nowhere”" in imported.failure


def test_only_what_is_not_in_the_ledger_can_be_thrown_away(bring_in: Upload, upload: Upload) -> None:
    done, looked_at = bring_in(files.generic(BUY)), upload(files.generic(SELL))
    assert [importing.remove_import(done), importing.remove_import(looked_at)] == [False, True]
    assert not looked_at.file.storage.exists(str(looked_at.file.name))
    assert done.file.storage.exists(str(done.file.name))
