"""Everything that a portfolio has, as tables; its ledger can be imported again."""

from apps.portfolio.services.exporting.ledger import ledger_hash, ledger_sheet
from apps.portfolio.services.exporting.sheets import SHEETS, sheet_of

__all__ = ["SHEETS", "ledger_hash", "ledger_sheet", "sheet_of"]
