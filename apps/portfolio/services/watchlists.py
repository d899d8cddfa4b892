"""What members do with watchlists."""

from enum import StrEnum

from django.db import transaction
from django.db.models import Max

from apps.accounts.models import User
from apps.accounts.services import hold_member
from apps.market.models import Instrument
from apps.portfolio.errors import NameTakenError
from apps.portfolio.models import Dashboard, Watchlist, WatchlistItem
from apps.portfolio.services.symbols import require_symbol_room


class Direction(StrEnum):
    """Where an item of a list goes."""

    UP = "up"
    DOWN = "down"


@transaction.atomic
def create_watchlist(*, name: str, owner: User, shared: bool = True) -> Watchlist:
    """An empty list after the others. Raises NameTakenError, and MemberError for one who left meanwhile."""
    hold_member(owner)
    name = name.strip()
    if Watchlist.objects.visible_to(owner).filter(name__iexact=name).exists():
        raise NameTakenError(f"There is a watchlist called {name} already.")
    last = Watchlist.objects.aggregate(last=Max("position"))["last"] or 0
    return Watchlist.objects.create(name=name, owner=owner, shared=shared, position=last + 1)


@transaction.atomic
def add_to_watchlist(*, watchlist: Watchlist, instrument: Instrument, by: User, note: str = "") -> WatchlistItem:
    """At the end of the list; an instrument that is on it already stays where it is. Raises QuotaError."""
    _lock(watchlist)
    require_symbol_room(instrument)
    last = watchlist.items.aggregate(last=Max("position"))["last"]
    item, _ = WatchlistItem.objects.get_or_create(
        watchlist=watchlist,
        instrument=instrument,
        defaults={"position": 0 if last is None else last + 1, "added_by": by, "note": note},
    )
    return item


@transaction.atomic
def remove_from_watchlist(*, item: WatchlistItem) -> None:
    """Takes the instrument off this list; nothing else changes."""
    item.delete()


@transaction.atomic
def move_item(*, item: WatchlistItem, direction: Direction) -> None:
    """Changes places with its neighbour; at the end of the list it stays."""
    _lock(item.watchlist)
    items = list(WatchlistItem.objects.filter(watchlist_id=item.watchlist_id).order_by("position", "pk"))
    old = next((i for i, other in enumerate(items) if other.pk == item.pk), None)
    if old is None:
        return
    new = min(max(old + (-1 if direction is Direction.UP else 1), 0), len(items) - 1)
    items[old], items[new] = items[new], items[old]
    for position, other in enumerate(items):
        other.position = position
    WatchlistItem.objects.bulk_update(items, ["position"])


@transaction.atomic
def select_watchlist(*, user: User, watchlist: Watchlist) -> Dashboard:
    """The member's dashboard shows this list from now on."""
    dashboard, _ = Dashboard.objects.update_or_create(user=user, defaults={"watchlist": watchlist})
    return dashboard


def _lock(watchlist: Watchlist) -> None:
    """Two members who reorder at once come one after the other."""
    Watchlist.objects.select_for_update().get(pk=watchlist.pk)
