"""Cash and securities that go from one account to another of the organization's own."""

from datetime import date
from decimal import Decimal
from typing import Any, Unpack
from uuid import uuid4

from django.db import transaction

from apps.accounts.models import User
from apps.portfolio.errors import InvalidEntryError
from apps.portfolio.models import Account, Kind, LedgerEdit, Transaction
from apps.portfolio.services.ledger import Said, hold_portfolios, store, write_edits

FREE: dict[str, Any] = {"fee": Decimal(0), "tax": Decimal(0)}


@transaction.atomic
def record_transfer(
    *,
    source: Account,
    target: Account,
    traded_on: date,
    by: User | None,
    **said: Unpack[Said],
) -> tuple[Transaction, Transaction]:
    """What leaves `source` and what comes into `target`, as two rows of one link; the fee is paid by the source.

    Cash has an `amount` (in the source's currency by default); securities have `instrument`, `quantity` and the market
    value of one as `price`, and keep day and cost of their lots. Raises as `record_transaction`.
    """
    if source.pk == target.pk:
        raise InvalidEntryError("A transfer leads to another account.", "target")
    hold_portfolios(source.portfolio, target.portfolio)
    link = uuid4()
    ends = [
        Transaction(account=account, kind=kind, traded_on=traded_on, **(said | {"link": link} | unpaid))
        for account, kind, unpaid in ((source, Kind.TRANSFER_OUT, {}), (target, Kind.TRANSFER_IN, FREE))
    ]
    for end in ends:
        end.currency = end.currency or (end.instrument.currency if end.instrument else source.currency)
    if source.portfolio_id == target.portfolio_id:
        store(source.portfolio, ends, by=by)
    else:
        for end in ends:
            store(end.account.portfolio, [end], by=by)
    together = uuid4()
    for end in ends:
        write_edits(end.account.portfolio, [(None, end)], LedgerEdit.Act.RECORDED, by=by, together=together)
    return ends[0], ends[1]
