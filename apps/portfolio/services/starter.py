"""The watchlist and the dashboard with which an organization and its members begin."""

from django.conf import settings
from django.db import transaction
from django_tenants.utils import tenant_context

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio.models import Dashboard, Watchlist, WatchlistItem
from apps.tenants.models import Organization

STARTER_NAME = "Core Blue Chips"


def add_starter_watchlist(*, organization: Organization, **_: object) -> Watchlist:
    """Finds the organization's starter watchlist or makes it, and puts back what it lacks when it is empty.

    A provisioning step: it takes whatever the other steps need and leaves it alone.
    """
    with tenant_context(organization), transaction.atomic():
        watchlist, _made = Watchlist.objects.get_or_create(
            is_starter=True, defaults={"name": STARTER_NAME, "shared": True}
        )
        if not watchlist.items.exists():
            _fill(watchlist)
        return watchlist


def onboard_user(*, organization: Organization, user: User) -> Dashboard:
    """The member finds the starter watchlist on a dashboard; one who has a dashboard keeps it."""
    with tenant_context(organization), transaction.atomic():
        watchlist = add_starter_watchlist(organization=organization)
        dashboard, made = Dashboard.objects.get_or_create(user=user, defaults={"watchlist": watchlist})
        if not made and dashboard.watchlist_id is None:
            dashboard.watchlist = watchlist
            dashboard.save(update_fields=["watchlist"])
        return dashboard


def _fill(watchlist: Watchlist) -> None:
    """Symbols that the market does not know yet are left out; the next call adds them to an empty list."""
    symbols = list(settings.STARTER_SYMBOLS)
    known = {instrument.symbol: instrument for instrument in Instrument.objects.by_symbols(symbols)}
    WatchlistItem.objects.bulk_create(
        WatchlistItem(watchlist=watchlist, instrument=known[symbol], position=position)
        for position, symbol in enumerate(symbols)
        if symbol in known
    )
