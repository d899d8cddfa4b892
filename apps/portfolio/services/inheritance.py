"""What a member who leaves owned goes on to a colleague (one of settings.INHERITANCE)."""

from collections import Counter

from django.db import transaction

from apps.accounts.models import User
from apps.portfolio.models import Portfolio, Watchlist

LONGEST_NAME = 80


def private_objects(*, member: User) -> Counter[str]:
    """What nobody else sees, by its name in the singular."""
    return Counter(
        {
            "private portfolio": Portfolio.objects.filter(owner=member, shared=False).count(),
            "private watchlist": Watchlist.objects.filter(owner=member, shared=False).count(),
        }
    )


@transaction.atomic
def hand_over(*, member: User, heir: User) -> None:
    """Every list, every portfolio with its ledger and reports; what was private stays private, the heir's.

    An owner has each name once: a second "Growth" becomes "Growth (2)".
    """
    for model in (Watchlist, Portfolio):
        taken = set(model.objects.filter(owner=heir).values_list("name", flat=True))
        for one in model.objects.filter(owner=member).select_for_update():
            one.owner = heir
            one.name = _free_name(one.name, taken)
            one.save(update_fields=["owner", "name"])
            taken.add(one.name)


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        suffix = f" ({number})"
        free = name[: LONGEST_NAME - len(suffix)] + suffix
    return free
