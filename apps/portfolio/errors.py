"""What can be wrong with a change to watchlists or the ledger; the message is for the member."""


class LedgerError(Exception):
    """A ledger entry that cannot be true; `field` is the one that it is about, "" for the whole entry."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class InvalidEntryError(LedgerError):
    """A field is missing, not positive or does not belong to the kind."""


class FutureEntryError(LedgerError):
    """The entry is dated after the market's own clock."""


class StaleEntryError(LedgerError):
    """Somebody changed or deleted the entry since it was read."""


class UndoError(LedgerError):
    """What was done cannot be undone any more."""


class NameTakenError(Exception):
    """One of this name is there already, and nobody could tell the two apart."""


class InstrumentNotFoundError(Exception):
    """No instrument has this symbol."""
