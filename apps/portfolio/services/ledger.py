"""What is written into portfolios; a transaction that cannot be true is refused before it is stored."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import hold_member
from apps.market.models import Feed, Instrument
from apps.portfolio import lots
from apps.portfolio.errors import FutureEntryError, InvalidEntryError
from apps.portfolio.models import Account, Kind, Portfolio, Transaction
from apps.portfolio.models.ledger import CASH_ONLY, TRANSFERS, UNITS_ONLY
from apps.portfolio.movements import UNITS_IN, UNITS_OUT
from apps.portfolio.services.series import splits_of
from apps.portfolio.services.snapshots import forget_snapshots
from apps.portfolio.services.symbols import require_symbol_room

MAIN_ACCOUNT = "Main"
ZERO = Decimal(0)


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
    instrument: Instrument | None = None,
    quantity: Decimal | None = None,
    price: Decimal | None = None,
    amount: Decimal | None = None,
    fee: Decimal = ZERO,
    tax: Decimal = ZERO,
    traded_at: datetime | None = None,
) -> Transaction:
    """Selling more than is held on that day is an error, even for back-dated sales.

    Raises InvalidEntryError, FutureEntryError, InsufficientPositionError or QuotaError; then nothing was stored.
    """
    Portfolio.objects.select_for_update().get(pk=portfolio.pk)
    entry = Transaction(
        account=portfolio.accounts.earliest("name"),
        kind=kind,
        instrument=instrument,
        quantity=quantity,
        price=price,
        amount=amount,
        fee=fee,
        tax=tax,
        currency=instrument.currency if instrument else portfolio.base_currency,
        traded_on=traded_on,
        traded_at=traded_at,
        recorded_by=by,
    )
    _check_fields(entry)
    if traded_on > market_day():
        raise FutureEntryError(f"{traded_on.isoformat()} has not come yet on the market's clock.")
    _check_instrument(portfolio, entry)
    entry.save()
    forget_snapshots(portfolio, traded_on, [instrument.pk] if instrument else [])
    return entry


def market_day() -> date:
    """The session that the market's clock is in; today, as long as no feed has said so."""
    session = Feed.objects.values_list("session_on", flat=True).first()
    return session or timezone.localdate()


def _check_fields(entry: Transaction) -> None:
    """The same as the table's own constraints, in words."""
    if entry.fee < 0 or entry.tax < 0:
        raise InvalidEntryError("Fees and taxes are given as positive amounts.")
    if entry.kind in UNITS_ONLY or (entry.kind in TRANSFERS and entry.instrument_id):
        _require_units(entry)
    elif entry.kind in CASH_ONLY or entry.kind in TRANSFERS or entry.kind == Kind.DIVIDEND:
        _require_cash(entry)
    else:
        raise InvalidEntryError("This kind of entry cannot be recorded here.")


def _require_units(entry: Transaction) -> None:
    if entry.instrument_id is None:
        raise InvalidEntryError("Name the instrument.")
    if entry.quantity is None or entry.quantity <= 0:
        raise InvalidEntryError("The quantity must be more than zero; the kind gives the direction.")
    if entry.price is None or entry.price <= 0:
        raise InvalidEntryError("The price must be more than zero.")
    if entry.amount is not None:
        raise InvalidEntryError("The amount follows from quantity and price.")


def _require_cash(entry: Transaction) -> None:
    if entry.amount is None or entry.amount <= 0:
        raise InvalidEntryError("The amount must be more than zero; the kind gives the direction.")
    if entry.quantity is not None or entry.price is not None:
        raise InvalidEntryError("This kind of entry has an amount, no quantity and no price.")
    if entry.kind == Kind.DIVIDEND and entry.instrument_id is None:
        raise InvalidEntryError("Name the instrument that paid the dividend.")


def _check_instrument(portfolio: Portfolio, entry: Transaction) -> None:
    if entry.instrument is None:
        return
    require_symbol_room(entry.instrument)
    if entry.kind not in UNITS_IN | UNITS_OUT:
        return
    stored = Transaction.objects.of(portfolio).moving_units().filter(instrument=entry.instrument_id)
    entries = [*(other.as_lot_entry() for other in stored), entry.as_lot_entry()]
    lots.match(entries, splits_of([entry.instrument.pk]).get(entry.instrument.pk, []))
