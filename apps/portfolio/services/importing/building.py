"""Drafts of a file become rows of a ledger, not stored yet: their account, currency and the ends of transfers."""

from uuid import UUID, uuid4

from apps.market.models import Instrument
from apps.portfolio.imports.entries import Draft
from apps.portfolio.models import Account, Kind, Portfolio, Transaction

ALWAYS = frozenset({Kind.BUY, Kind.SELL, Kind.OPENING, Kind.DELIVERY_IN, Kind.DELIVERY_OUT, Kind.DIVIDEND, Kind.SPLIT})
TRANSFERS = frozenset({Kind.TRANSFER_IN, Kind.TRANSFER_OUT})
NEVER = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL})
UNSAID = ("symbol", "mic", "isin", "name", "account", "transfer", "currency")


class Builder:
    """For one portfolio and one file; `accounts` has those that the file names, also the ones that are to be made."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        self.accounts = {account.name: account for account in portfolio.accounts.order_by("name")}
        self.first = next(iter(self.accounts.values()))
        self.links: dict[str, UUID] = {}

    def needs_instrument(self, draft: Draft) -> bool:
        """Whether the row cannot stand without one."""
        return draft.kind in ALWAYS or (draft.kind in TRANSFERS and draft.quantity is not None)

    def takes_instrument(self, draft: Draft) -> bool:
        """Whether it may stand with one."""
        return draft.kind not in NEVER and (draft.kind not in TRANSFERS or draft.quantity is not None)

    def entry_of(self, draft: Draft, instrument: Instrument | None) -> Transaction:
        """In the currency that the file says, else the instrument's, else the account's."""
        account = self._account(draft)
        fields = {name: getattr(draft, name) for name in Draft.__slots__ if name not in UNSAID}
        entry = Transaction(account=account, instrument=instrument, **fields)
        entry.currency = draft.currency or (instrument.currency if instrument else account.currency)
        entry.link = self.links.setdefault(draft.transfer, uuid4()) if draft.transfer else None
        return entry

    def _account(self, draft: Draft) -> Account:
        if not draft.account:
            return self.first
        if draft.account not in self.accounts:
            made = Account(portfolio=self.portfolio, name=draft.account, currency=self.portfolio.base_currency)
            self.accounts[draft.account] = made
        return self.accounts[draft.account]
