"""An import enters the ledger whole and leaves it whole."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from apps.portfolio.models import Account, Import, LedgerEdit, Portfolio, Transaction
from apps.portfolio.models.imports import State, Status
from apps.portfolio.services.exporting import ledger_hash
from apps.portfolio.services.importing.judging import Judged, digest_of, judge
from apps.portfolio.services.importing.rows import forget_rows
from apps.portfolio.services.ledger import hold_portfolio, record_transactions, settle


class LedgerMovedError(Exception):
    """The rows would no longer become what the member was shown; `judged` says what they would."""

    def __init__(self, judged: Sequence[Judged]) -> None:
        super().__init__("The ledger changed since this was looked at: look again before it is recorded.")
        self.judged = judged


@transaction.atomic
def record(imported: Import, judged: Sequence[Judged], stamp: object) -> None:
    """The new rows, in one transaction; `stamp` is that of the ledger that they were judged by.

    Raises LedgerMovedError and whatever the ledger has against them.
    """
    held = Import.objects.select_for_update().get(pk=imported.pk)
    if held.state != State.RECORDING:
        return
    hold_portfolio(imported.portfolio)
    if stamp_of(imported.portfolio) != stamp:
        judged = judge(imported)
    if digest_of(judged) != imported.counts.get("digest"):
        raise LedgerMovedError(judged)
    before = ledger_hash(imported.portfolio)
    entries = [one.entry for one in judged if one.status == Status.NEW and one.entry is not None]
    _make_accounts(entries)
    for entry in entries:
        entry.batch = imported
    record_transactions(imported.portfolio, entries, by=imported.by)
    forget_rows(imported)
    _settle(imported, state=State.DONE, ledger_before=before)


@transaction.atomic
def take_back(imported: Import) -> None:
    """Every row of it that is in the ledger, in one transaction. Raises InsufficientPositionError."""
    held = Import.objects.select_for_update().get(pk=imported.pk)
    if held.state != State.UNDOING:
        return
    hold_portfolio(imported.portfolio)
    found = Transaction.objects.filter(batch=imported)
    rows = list(found)
    found.delete()
    settle(imported.portfolio, rows)
    _settle(imported, state=State.UNDONE, ledger_after=ledger_hash(imported.portfolio))


def stamp_of(portfolio: Portfolio) -> object:
    """Another one after any change of the ledger."""
    rows = Transaction.objects.filter(account__portfolio=portfolio).aggregate(n=Count("pk"), last=Max("recorded_at"))
    edits = LedgerEdit.objects.filter(portfolio=portfolio).count()
    return rows["n"], rows["last"], edits


def _make_accounts(entries: Sequence[Transaction]) -> None:
    """Those that the file names first."""
    named = {entry.account.pk: entry.account for entry in entries}
    stored = set(Account.objects.filter(pk__in=named).values_list("pk", flat=True))
    Account.objects.bulk_create([account for pk, account in named.items() if pk not in stored])


def _settle(imported: Import, **fields: object) -> None:
    Import.objects.filter(pk=imported.pk).update(worked_at=timezone.now(), failure="", **fields)
