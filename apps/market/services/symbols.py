"""Symbols that members ask for: refused with a reason, taken up, and confirmed or given up by a source."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.market.models import Exchange, Instrument
from apps.market.providers.base import Listing
from apps.market.search import clean_symbol
from apps.market.services.reference import import_exchanges, note_instruments

HOME = "XNAS"  # until a source says where it trades


def request_symbol(symbol: str, *, name: str = "") -> tuple[Instrument, bool]:
    """The instrument of a symbol, and whether somebody has to ask a source about it: it is new, or was not known.

    Raises SymbolError for nonsense. What is known stays as it is; whatever organization asks.
    """
    text = clean_symbol(symbol)
    with schema_context("public"), transaction.atomic():
        known = Instrument.objects.listed().by_symbols([text]).first()
        if known is not None:
            return known, known.is_awaited
        import_exchanges()
        awaited = {"name": (name.strip() or text)[:160], "is_awaited": True, "delisted_on": None}
        instrument, _ = Instrument.objects.update_or_create(exchange_id=HOME, symbol=text, defaults=awaited)
        note_instruments()
        return instrument, True


@transaction.atomic
def confirm_symbol(instrument: Instrument, listing: Listing | None = None) -> Instrument:
    """A source has prices of it; where it also names it, the instrument takes name, market, currency and type."""
    values: dict[str, Any] = {"is_awaited": False, "delisted_on": None}
    if listing is not None:
        values |= {"name": listing.name[:160], "currency": listing.currency, "asset_class": listing.asset_class}
        taken = Instrument.objects.filter(exchange=listing.mic, symbol=instrument.symbol).exists()
        if not taken and Exchange.objects.filter(pk=listing.mic).exists():
            values["exchange_id"] = listing.mic
    for field, value in values.items():
        setattr(instrument, field, value)
    instrument.save(update_fields=list(values))
    note_instruments()
    return instrument


@transaction.atomic
def refuse_symbol(instrument: Instrument) -> None:
    """No source knows it: it leaves search; asking again tries again."""
    changed = Instrument.objects.filter(pk=instrument.pk, is_awaited=True)
    if changed.update(is_awaited=False, delisted_on=timezone.now().date()):
        note_instruments()
