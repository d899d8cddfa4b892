"""What an operator decides of a price that was put aside: it is applied, or dropped; both are written down."""

import math
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Act
from apps.accounts.services import record_audit
from apps.market.columns import bars_of
from apps.market.models import Instrument, Quarantine, Quote
from apps.market.providers.base import Tick
from apps.market.services.bars import MixedSourcesError, record_bars
from apps.market.services.indicators import settle_quotes
from apps.market.services.quotes import record_quotes


class QuarantineError(Exception):
    """The price cannot be applied, or somebody decided already; the message is for operators."""


@transaction.atomic
def accept_price(pk: int, *, by_id: UUID | None, address: str = "") -> list[Quote]:
    """Stores it as if it had been believed; the quotes that changed, for the pages. Raises QuarantineError."""
    row = _waiting(pk)
    if not (math.isfinite(row.price) and row.price > 0):
        raise QuarantineError("This is not a price: it can only be dropped.")
    quotes = _store_tick(row) if row.kind == Quarantine.Kind.TICK else _store_bar(row)
    _decide(row, Quarantine.Status.ACCEPTED, Act.PRICE_ACCEPTED, by_id, address)
    return quotes


@transaction.atomic
def drop_price(pk: int, *, by_id: UUID | None, address: str = "") -> None:
    """What is stored stays, and the same price of that session is not asked about again."""
    _decide(_waiting(pk), Quarantine.Status.DROPPED, Act.PRICE_DROPPED, by_id, address)


def _waiting(pk: int) -> Quarantine:
    row = Quarantine.objects.select_for_update().filter(pk=pk, status=Quarantine.Status.WAITING).first()
    if row is None:
        raise QuarantineError("Somebody has decided about this price already.")
    return row


def _store_tick(row: Quarantine) -> list[Quote]:
    instrument = Instrument.objects.select_related("exchange").get(pk=row.instrument_id)
    tick = Tick(
        instrument.symbol, row.price, row.at or timezone.now(), row.on, row.source,
        previous_close=row.previous_close, open=row.open, high=row.high, low=row.low, volume=row.volume,
    )  # fmt: skip
    quotes = record_quotes([tick], {instrument.symbol: instrument}, believed=True)
    if not quotes:
        raise QuarantineError("A newer price is stored: this one can only be dropped.")
    return quotes


def _store_bar(row: Quarantine) -> list[Quote]:
    prices = [cast(float, value) for value in (row.open, row.high, row.low, row.price)]
    volume = [row.volume or 0]
    bars = bars_of([row.on], [prices], basis=row.basis, source=row.source, volume=volume).of(row.instrument_id)
    try:
        recorded = record_bars(bars, believed=True)
    except MixedSourcesError as error:
        raise QuarantineError(f"It is of another source than what is stored: {error}.") from error
    if recorded.refused:
        raise QuarantineError("Its open, high, low and close contradict each other: it can only be dropped.")
    return settle_quotes([row.instrument_id])


def _decide(row: Quarantine, status: Quarantine.Status, act: Act, by_id: UUID | None, address: str) -> None:
    row.status, row.decided_at = status, timezone.now()
    row.save(update_fields=["status", "decided_at"])
    symbol = Instrument.objects.values_list("symbol", flat=True).get(pk=row.instrument_id)
    record_audit(
        act, by_id=by_id, address=address, symbol=symbol, kind=row.kind,
        on=str(row.on), price=str(row.price), stored=str(row.reference),
    )  # fmt: skip
