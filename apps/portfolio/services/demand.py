"""What the organization needs of the market: everything that its lists and books show."""

from apps.market.models import Priority
from apps.portfolio.models import Account, Portfolio, WatchlistItem
from apps.portfolio.services.valuation import value_portfolios


def counted_currencies() -> set[str]:
    """In which the organization in context counts: of its books and their accounts."""
    return {
        *Portfolio.objects.order_by().values_list("base_currency", flat=True),
        *Account.objects.order_by().values_list("currency", flat=True),
    }


def needed_instruments() -> dict[int, Priority]:
    """Each instrument of the organization in context with how soon it is needed: held before watched.

    What was sold whole is needed no more, unless some list still shows it. Three queries.
    """
    wants = dict.fromkeys(WatchlistItem.objects.order_by().values_list("instrument_id", flat=True), Priority.WATCHED)
    for valuation in value_portfolios(Portfolio.objects.all()).values():
        wants |= {position.instrument.pk: Priority.HELD for position in valuation.positions}
    return wants
