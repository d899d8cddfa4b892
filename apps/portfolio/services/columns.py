"""A ledger row as plain values that JSON keeps exactly, and the row that they were."""

from datetime import date
from decimal import Decimal
from typing import Any

from apps.market.models import Instrument
from apps.portfolio.models import Transaction

UNSAID = frozenset({"version"})  # of the storage, not of what the row says
INSTRUMENT = "instrument_id"  # told as MIC:SYMBOL, for its key is another one on another installation


def columns_of(entry: Transaction) -> dict[str, Any]:
    """Every column by its attribute: numbers without idle zeros and days as text, keys of other rows as text."""
    fields = [field for field in Transaction.columns() if field.name not in UNSAID]
    said = {field.attname: _plain(field.to_python(getattr(entry, field.attname))) for field in fields}
    if entry.instrument is not None:
        said[INSTRUMENT] = f"{entry.instrument.exchange.mic}:{entry.instrument.symbol}"
    return said


def entry_of(columns: dict[str, Any]) -> Transaction:
    """The row, not stored, with its own key and the time at which it was first recorded."""
    known = {field.attname: field for field in Transaction.columns() if field.attname != INSTRUMENT}
    values = {name: known[name].to_python(value) for name, value in columns.items() if name in known}
    entry = Transaction(**values)
    if columns[INSTRUMENT]:
        mic, _, symbol = columns[INSTRUMENT].partition(":")
        entry.instrument = Instrument.objects.select_related("exchange").get(exchange__mic=mic, symbol=symbol)
    return entry


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, int | str) else str(value)
