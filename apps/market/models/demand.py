"""Who needs which instruments, how soon, and when a source was last asked for them: nothing that members may read."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Min, Q
from django.db.models.expressions import RawSQL

from apps.market.models.instruments import Instrument

PAGES = ""  # holds what is on open pages; every other holder is an organization's schema


class Priority(models.IntegerChoices):
    """How soon: of two, the smaller number first."""

    SEEN = 1, "Seen now"
    ALERTS = 2, "Alerts"
    HELD = 3, "Held"
    WATCHED = 4, "Watched"
    BACKFILL = 5, "Backfill"


class DemandQuerySet(models.QuerySet["Demand"]):
    def counting(self) -> Self:
        """Those of organizations that are active now, and of open pages: a suspended one demands nothing."""
        active = RawSQL("SELECT schema_name FROM tenants_organization WHERE standing = 'active'", [])
        return self.filter(Q(holder=PAGES) | Q(holder__in=active))

    def in_turn(self) -> list[tuple[int, int]]:
        """Each instrument once with the most urgent of its priorities, the most urgent first."""
        joined = self.counting().filter(instrument__delisted_on__isnull=True).values("instrument_id")
        first = joined.annotate(first=Min("priority")).order_by("first", "instrument_id")
        return list(first.values_list("instrument_id", "first"))


class Demand(models.Model):
    """An organization, or the open pages, need an instrument."""

    pk = models.CompositePrimaryKey("holder", "instrument_id")
    holder = models.CharField(max_length=63, blank=True)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices)

    objects = DemandQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="demand_priority_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.holder} {self.instrument_id}"


class ErrandQuerySet(models.QuerySet["Errand"]):
    def of(self, kind: str, instrument_ids: Iterable[int]) -> Self:
        """One kind of question, about these."""
        return self.filter(kind=kind, instrument__in=list(instrument_ids))


class Errand(models.Model):
    """When a source was last asked about an instrument, whoever wanted it; a claim that lapses by its age."""

    class Kind(models.TextChoices):
        QUOTES = "quotes", "Latest price"
        HISTORY = "history", "History"
        PROFILE = "profile", "Profile"
        EVENTS = "events", "Events"

    pk = models.CompositePrimaryKey("instrument_id", "kind")
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    asked_at = models.DateTimeField()

    objects = ErrandQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.instrument_id}"
