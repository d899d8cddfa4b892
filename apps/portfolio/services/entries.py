"""What a ledger entry must be to be true, alone and among the others; nothing is stored here."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from django.utils import timezone

from apps.market.currencies import major_unit
from apps.market.models import Feed
from apps.portfolio import lots
from apps.portfolio.errors import FutureEntryError, InvalidEntryError
from apps.portfolio.models import Kind, Portfolio, Transaction
from apps.portfolio.models.ledger import CASH_ONLY, TRANSFERS, UNITS_ONLY
from apps.portfolio.services.books import own_splits
from apps.portfolio.services.series import splits_of
from apps.portfolio.services.symbols import require_symbol_room

# More than any position or price that exists: beyond it a finger slipped. As many decimals as the columns keep.
MOST_UNITS, MOST_MONEY, MOST_RATE = Decimal(10**12), Decimal(10**13), Decimal(10**9)
MOST_RATIO, DECIMALS, RATE_DECIMALS = 1_000_000, 10, 12
FIRST_DAY = date(1900, 1, 1)
LIMITS = {
    "quantity": (MOST_UNITS, DECIMALS),
    "price": (MOST_MONEY, DECIMALS),
    "amount": (MOST_MONEY, DECIMALS),
    "fee": (MOST_MONEY, DECIMALS),
    "tax": (MOST_MONEY, DECIMALS),
    "rate": (MOST_RATE, RATE_DECIMALS),
}
SHARED = frozenset({"kind", "instrument", "quantity", "price", "amount", "traded_on", "traded_at", "currency"})


def market_day() -> date:
    """The session that the market's clock is in; today, as long as no feed has said so."""
    session = Feed.objects.values_list("session_on", flat=True).first()
    return session or timezone.localdate()


def check_entry(entry: Transaction, today: date) -> None:
    """The same as the table's own constraints, in words, and a day that has come.

    Raises InvalidEntryError or FutureEntryError.
    """
    for name, (most, decimals) in LIMITS.items():
        _require_number(getattr(entry, name), name, most, decimals)
    if entry.fee < 0 or entry.tax < 0:
        raise InvalidEntryError("Fees and taxes are given as positive amounts.", "fee" if entry.fee < 0 else "tax")
    if entry.rate is not None and entry.rate <= 0:
        raise InvalidEntryError("A rate is more than zero.", "rate")
    _require_shape(entry)
    if entry.traded_on > today:
        raise FutureEntryError(f"{entry.traded_on.isoformat()} has not come yet on the market's clock.", "traded_on")
    if entry.traded_on < FIRST_DAY:
        raise InvalidEntryError(f"Before {FIRST_DAY.year} there is nothing to record.", "traded_on")


def check_room(entries: Iterable[Transaction]) -> None:
    """Raises QuotaError where an instrument would be one too many for the organization."""
    for instrument in {entry.instrument for entry in entries if entry.instrument is not None}:
        require_symbol_room(instrument)


def check_units(portfolio: Portfolio, instruments: Collection[int | None]) -> None:
    """No day takes out more than it holds, in the ledger as it is stored now. Raises InsufficientPositionError."""
    keys = {key for key in instruments if key is not None}
    if not keys:
        return
    ledgers: dict[int | None, list[lots.Entry]] = defaultdict(list)
    for entry in Transaction.objects.of(portfolio).moving_units().filter(instrument__in=keys):
        ledgers[entry.instrument_id].append(entry.as_row().as_entry())
    splits = splits_of(keys, own_splits(portfolio))
    for key, entries in ledgers.items():
        lots.match(entries, splits.get(key or 0, []))


def _require_number(number: Decimal | None, name: str, most: Decimal, decimals: int) -> None:
    """A number that the column keeps as it is; NaN and Infinity are none."""
    if number is None:
        return
    if not isinstance(number, Decimal):
        number = Decimal(number)
    if not number.is_finite():
        raise InvalidEntryError("This is not a number.", name)
    if abs(number) > most:
        raise InvalidEntryError(f"More than {most:,f} cannot be right.", name)
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > decimals:
        raise InvalidEntryError(f"No more than {decimals} decimals are kept.", name)


def _require_shape(entry: Transaction) -> None:
    """The fields that its kind has, and no others."""
    if entry.kind == Kind.SPLIT:
        _require_ratio(entry)
    elif entry.kind in UNITS_ONLY or (entry.kind in TRANSFERS and entry.instrument_id):
        _require_units(entry)
    elif entry.kind in CASH_ONLY or entry.kind in TRANSFERS or entry.kind == Kind.DIVIDEND:
        _require_cash(entry)
    else:
        raise InvalidEntryError("There is no such kind of entry.", "kind")
    if entry.kind != Kind.SPLIT and (entry.numerator or entry.denominator):
        raise InvalidEntryError("Only a split has a ratio.", "numerator")
    if not (len(major_unit(entry.currency)) == 3 and major_unit(entry.currency).isupper()):
        raise InvalidEntryError("A currency has three capital letters.", "currency")


def _require_ratio(entry: Transaction) -> None:
    if entry.instrument_id is None:
        raise InvalidEntryError("Name the instrument that was split.", "symbol")
    for name in ("numerator", "denominator"):
        part = getattr(entry, name)
        if part is None or not 0 < part <= MOST_RATIO:
            raise InvalidEntryError(f"A split is a ratio of whole numbers from 1 to {MOST_RATIO:,}.", name)
    if entry.numerator == entry.denominator:
        raise InvalidEntryError("A split of one for one changes nothing.", "numerator")
    if (entry.quantity, entry.price, entry.amount) != (None, None, None):
        raise InvalidEntryError("A split has a ratio, no quantity, no price and no amount.")
    if entry.fee or entry.tax:
        raise InvalidEntryError("A split costs nothing: record a fee as an entry of its own.", "fee")


def _require_units(entry: Transaction) -> None:
    if entry.instrument_id is None:
        raise InvalidEntryError("Name the instrument.", "symbol")
    if entry.quantity is None or entry.quantity <= 0:
        raise InvalidEntryError("The quantity must be more than zero; the kind gives the direction.", "quantity")
    if entry.price is None or entry.price <= 0:
        raise InvalidEntryError("The price must be more than zero.", "price")
    if entry.amount is not None:
        raise InvalidEntryError("The amount follows from quantity and price.", "amount")


def _require_cash(entry: Transaction) -> None:
    if entry.amount is None or entry.amount <= 0:
        raise InvalidEntryError("The amount must be more than zero; the kind gives the direction.", "amount")
    if entry.quantity is not None or entry.price is not None:
        raise InvalidEntryError("This kind of entry has an amount, no quantity and no price.", "amount")
    if entry.kind == Kind.DIVIDEND and entry.instrument_id is None:
        raise InvalidEntryError("Name the instrument that paid the dividend.", "symbol")
