"""What is written into portfolios; a transaction that cannot be true is refused before it is stored."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.services import hold_member
from apps.market.models import Instrument
from apps.portfolio.errors import InvalidEntryError
from apps.portfolio.models import Account, Kind, LedgerEdit, Portfolio, Transaction
from apps.portfolio.services.columns import columns_of
from apps.portfolio.services.entries import check_entry, check_room, check_units, market_day
from apps.portfolio.services.snapshots import forget_snapshots

MAIN_ACCOUNT = "Main"
BATCH = 1000


class Said(TypedDict, total=False):
    """What a row may say besides; the kind decides what it must."""

    instrument: Instrument | None
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal | None
    numerator: int | None
    denominator: int | None
    fee: Decimal
    tax: Decimal
    currency: str
    rate: Decimal | None
    traded_at: datetime | None
    note: str
    link: UUID | None


@transaction.atomic
def create_portfolio(
    *, name: str, owner: User, base_currency: str = "USD", shared: bool = False, cost_method: str = "fifo"
) -> Portfolio:
    """A portfolio with one account in its base currency. Raises MemberError for an owner who left meanwhile."""
    hold_member(owner)
    portfolio = Portfolio.objects.create(
        name=name.strip(), owner=owner, base_currency=base_currency, shared=shared, cost_method=cost_method
    )
    Account.objects.create(portfolio=portfolio, name=MAIN_ACCOUNT, currency=base_currency)
    return portfolio


@transaction.atomic
def record_transaction(
    *,
    portfolio: Portfolio,
    kind: Kind,
    traded_on: date,
    by: User | None,
    account: Account | None = None,
    **said: Unpack[Said],
) -> Transaction:
    """In the portfolio's first account and in the instrument's currency (else the account's), unless others are named.

    Selling more than is held on that day is an error, even for back-dated sales. Raises LedgerError (its `field` says
    where), InsufficientPositionError or QuotaError; then nothing was stored.
    """
    hold_portfolios(portfolio)
    place = account or portfolio.accounts.earliest("name", "pk")
    entry = Transaction(account=place, kind=kind, traded_on=traded_on, **said)
    if not entry.currency:
        entry.currency = entry.instrument.currency if entry.instrument else place.currency
    store(portfolio, [entry], by=by)
    write_edits(portfolio, [(None, entry)], LedgerEdit.Act.RECORDED, by=by)
    return entry


@transaction.atomic
def record_transactions(portfolio: Portfolio, entries: Sequence[Transaction], *, by: User | None) -> None:
    """Rows that were built elsewhere, all or none; who brought them in keeps their history (a batch), not each row.

    Raises as `record_transaction`.
    """
    hold_portfolios(portfolio)
    store(portfolio, entries, by=by)


def hold_portfolio(portfolio: Portfolio) -> None:
    """Nobody else writes this ledger until the transaction around ends."""
    hold_portfolios(portfolio)


def hold_portfolios(*portfolios: Portfolio) -> None:
    """Nobody else writes these ledgers until the transaction around ends; always in one order, so none waits forever.

    `no_key`: rows that only refer to a portfolio are not held up.
    """
    keys = {portfolio.pk for portfolio in portfolios}
    list(Portfolio.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))


def store(portfolio: Portfolio, entries: Sequence[Transaction], *, by: User | None) -> None:
    """Checks the entries alone and the ledger with them; the caller holds the portfolio."""
    today = market_day()
    for entry in entries:
        require_account(portfolio, entry.account)
        check_entry(entry, today)
        entry.recorded_by = by
    check_room(entries)
    Transaction.objects.bulk_create(entries, batch_size=BATCH)
    settle(portfolio, entries)


def settle(portfolio: Portfolio, changed: Iterable[Transaction]) -> None:
    """After a change: no day takes out more than it holds, and what is kept of the days since is forgotten.

    `changed` are rows as they were and as they are.
    """
    rows = list(changed)
    keys = {row.instrument_id for row in rows if row.instrument_id is not None}
    check_units(portfolio, keys)
    if rows:
        forget_snapshots(portfolio, min(row.traded_on for row in rows), keys)


def require_account(portfolio: Portfolio, account: Account) -> None:
    """Raises InvalidEntryError for an account of another portfolio."""
    if account.portfolio_id != portfolio.pk:
        raise InvalidEntryError("This account belongs to another portfolio.", "account")


def write_edits(
    portfolio: Portfolio,
    pairs: Iterable[tuple[dict[str, Any] | None, Transaction | None]],
    act: str,
    *,
    by: User | None,
    together: UUID | None = None,
    undoes: LedgerEdit | None = None,
) -> list[LedgerEdit]:
    """One edit for each pair of a row's columns before and the row after."""
    made = []
    for before, entry in pairs:
        after = columns_of(entry) if entry else None
        key = (after or before or {})["id"]
        edit = LedgerEdit(portfolio=portfolio, transaction=key, act=act, before=before, after=after, by=by)
        edit.together, edit.undoes = together, undoes
        made.append(edit)
    return LedgerEdit.objects.bulk_create(made)
