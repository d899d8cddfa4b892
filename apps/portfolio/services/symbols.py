"""The instruments that an organization keeps on watchlists and in books, as its quota counts them."""

from apps.market.models import Instrument
from apps.portfolio.models import Transaction, WatchlistItem
from apps.tenants.backend.connections import connection
from apps.tenants.services.quotas import require_room


def count_symbols() -> int:
    """Each instrument once, wherever it is."""
    listed = WatchlistItem.objects.order_by().values("instrument_id")
    booked = Transaction.objects.order_by().filter(instrument__isnull=False).values("instrument_id")
    return listed.union(booked).count()


def require_symbol_room(instrument: Instrument) -> None:
    """Raises QuotaError where `instrument` would be one too many; one that is kept already always has room."""
    of_it = {"instrument": instrument.pk}
    if not (WatchlistItem.objects.filter(**of_it).exists() or Transaction.objects.filter(**of_it).exists()):
        require_room(connection.tenant, "symbols", used=count_symbols)
