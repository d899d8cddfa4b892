"""Rows of a ledger are changed, deleted and restored; each act is written down and can be undone."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from apps.accounts.models import User
from apps.portfolio.errors import InvalidEntryError, StaleEntryError, UndoError
from apps.portfolio.models import LedgerEdit, Portfolio, Transaction
from apps.portfolio.services.columns import columns_of, entry_of
from apps.portfolio.services.entries import SHARED, check_entry, check_room, market_day
from apps.portfolio.services.ledger import hold_portfolios, require_account, settle, write_edits

type Step = tuple[Transaction | None, Transaction | None]  # a row as it was and as it is to be; None: there is none

FIXED = frozenset({"id", "pk", "link", "version", "recorded_by", "recorded_at", "batch"})
CHANGED_MEANWHILE = "Somebody changed this entry since you opened it: look at it again before you change it."
GONE_MEANWHILE = "Somebody deleted this entry since you opened it."
LATER = "This entry was changed again since then: undo the later change first."


@transaction.atomic
def change_transaction(entry: Transaction, *, by: User | None, **fields: Any) -> LedgerEdit:
    """The entry with other values in `fields`; of a transfer the other end follows in what both ends say.

    `entry.version` is the one that the member saw. Raises StaleEntryError where it is no longer the stored one, else
    as `record_transaction`.
    """
    if wrong := FIXED & fields.keys():
        raise ValueError(f"{', '.join(sorted(wrong))} cannot be changed")
    ends = _held_ends(entry)
    if len(ends) > 1 and fields.get("kind", ends[0].kind) != ends[0].kind:
        raise InvalidEntryError("The kind of a transfer stays: delete it and record another.", "kind")
    steps: list[Step] = [(entry_of(columns_of(end)), end) for end in ends]
    both = {name: value for name, value in fields.items() if name in SHARED - {"kind"}}
    for end in ends:
        for name, value in (fields if end.pk == entry.pk else both).items():
            setattr(end, name, value)
    return _take(steps, by=by)[0]


@transaction.atomic
def delete_transaction(entry: Transaction, *, by: User | None) -> LedgerEdit:
    """Out of the ledger, a transfer with both its ends. Raises StaleEntryError or InsufficientPositionError."""
    return _take([(end, None) for end in _held_ends(entry)], by=by)[0]


@transaction.atomic
def undo_edit(edit: LedgerEdit, *, by: User | None) -> LedgerEdit:
    """The rows of the act as they were before it; itself an act that can be undone.

    Raises UndoError where one of the rows changed again since, else as `record_transaction`.
    """
    edits = _act_of(edit)
    hold_portfolios(*(one.portfolio for one in edits))
    current = {row.pk: row for row in _rows([one.transaction for one in edits])}
    steps: list[Step] = []
    for one in edits:
        row = current.get(one.transaction)
        if (columns_of(row) if row else None) != one.after or LedgerEdit.objects.filter(undoes=one).exists():
            raise UndoError(LATER)
        steps.append((row, _as_before(one, row)))
    return _take(steps, by=by, undone=edits)[0]


def _act_of(edit: LedgerEdit) -> list[LedgerEdit]:
    """The edit first, then those that were one act with it."""
    joined = LedgerEdit.objects.select_related("portfolio")
    found = joined.filter(together=edit.together) if edit.together else joined.filter(pk=edit.pk)
    return sorted(found, key=lambda one: one.pk != edit.pk)


def _as_before(edit: LedgerEdit, row: Transaction | None) -> Transaction | None:
    if edit.before is None:
        return None
    back = entry_of(edit.before)
    back.version = row.version if row else 1
    return back


def _held_ends(entry: Transaction) -> list[Transaction]:
    """The stored entry first, then the other end of its transfer; their portfolios are held. Raises StaleEntryError."""
    links = Transaction.objects.filter(pk=entry.pk, link__isnull=False).values("link")
    keys = {entry.pk, *Transaction.objects.filter(link__in=links).values_list("pk", flat=True)}
    hold_portfolios(*Portfolio.objects.filter(accounts__transactions__in=keys).distinct())
    ends = sorted(_rows(keys), key=lambda end: end.pk != entry.pk)
    if not ends or ends[0].pk != entry.pk:
        raise StaleEntryError(GONE_MEANWHILE)
    if ends[0].version != entry.version:
        raise StaleEntryError(CHANGED_MEANWHILE)
    return ends


def _rows(keys: Iterable[UUID]) -> list[Transaction]:
    joined = Transaction.objects.select_related("account__portfolio", "instrument__exchange")
    return list(joined.filter(pk__in=list(keys)))


def _take(steps: Sequence[Step], *, by: User | None, undone: Sequence[LedgerEdit] = ()) -> list[LedgerEdit]:
    """Checks each row alone, stores the steps, checks the ledgers with them, and writes down what was done."""
    today, together = market_day(), uuid4() if len(steps) > 1 else None
    portfolios = {_portfolio_of(step) for step in steps}
    _require_editable(portfolios, by)
    edits = []
    for place, (was, row) in enumerate(steps):
        before = columns_of(was) if was else None
        if row is not None:
            _check(row, was, today)
        _store(was, row)
        act = _act(was, row)
        portfolio = _portfolio_of((was, row))
        edits += write_edits(
            portfolio, [(before, row)], act, by=by, together=together, undoes=undone[place] if undone else None
        )
    for portfolio in portfolios:
        settle(portfolio, [row for step in steps if _portfolio_of(step) == portfolio for row in step if row])
    return edits


def _require_editable(portfolios: Collection[Portfolio], by: User | None) -> None:
    """Of a transfer both ends change: the page has judged the one, and the other may be somebody's own."""
    if by is None or len(portfolios) == 1:
        return
    editable = Portfolio.objects.editable_by(by).filter(pk__in=[one.pk for one in portfolios])
    if editable.count() < len(portfolios):
        raise InvalidEntryError("The other end of this transfer is in a portfolio that is not yours to change.")


def _check(row: Transaction, was: Transaction | None, today: Any) -> None:
    require_account(was.account.portfolio if was else row.account.portfolio, row.account)
    check_entry(row, today)
    check_room([row])


def _store(was: Transaction | None, row: Transaction | None) -> None:
    if row is None and was is not None:
        Transaction.objects.filter(pk=was.pk).delete()
    elif was is None and row is not None:
        recorded_at = row.recorded_at
        row.save(force_insert=True)  # which takes the time of now for that of its recording
        Transaction.objects.filter(pk=row.pk).update(recorded_at=recorded_at)
        row.recorded_at = recorded_at
    elif row is not None:
        row.version += 1
        row.save(force_update=True)


def _act(was: Transaction | None, row: Transaction | None) -> str:
    if was is None:
        return LedgerEdit.Act.RESTORED
    return LedgerEdit.Act.CHANGED if row else LedgerEdit.Act.DELETED


def _portfolio_of(step: Step) -> Portfolio:
    row = step[0] or step[1]
    if row is None:
        raise ValueError("A step is of a row")
    return row.account.portfolio
