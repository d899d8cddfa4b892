"""What can be wrong with a change to watchlists or the ledger; the message is for the member."""


class LedgerError(Exception):
    """A ledger entry that cannot be true."""


class InvalidEntryError(LedgerError):
    """A field is missing, not positive or does not belong to the kind."""


class FutureEntryError(LedgerError):
    """The entry is dated after the market's own clock."""


class NameTakenError(Exception):
    """One of this name is there already, and nobody could tell the two apart."""


class InstrumentNotFoundError(Exception):
    """No instrument has this symbol."""
