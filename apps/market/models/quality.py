"""What is wrong with stored or offered prices: sessions that no source has, and prices that nobody believes."""

from typing import Self

from django.db import models
from django.db.models import Q

from apps.market.models.instruments import Instrument


class Hole(models.Model):
    """A session of the exchange's calendar that the source does not have either: it is not asked for every night."""

    pk = models.CompositePrimaryKey("instrument_id", "on")
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="holes", db_constraint=False, db_index=False
    )
    on = models.DateField()
    seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.on}"


class QuarantineQuerySet(models.QuerySet["Quarantine"]):
    def waiting(self) -> Self:
        """Nobody has decided yet; the newest first."""
        found = self.filter(status=Quarantine.Status.WAITING).select_related("instrument__quote")
        return found.order_by("-seen_at", "-pk")


class Quarantine(models.Model):
    """A price that was not believed; what was stored before it stays until an operator accepts this one."""

    class Kind(models.TextChoices):
        TICK = "tick", "Tick"
        BAR = "bar", "Bar"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        DROPPED = "dropped", "Dropped"

    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="quarantined", db_constraint=False
    )
    kind = models.CharField(max_length=4, choices=Kind.choices)
    on = models.DateField()
    at = models.DateTimeField(null=True)
    price = models.FloatField(help_text="Of a bar its close; may be NaN.")
    previous_close = models.FloatField(null=True)
    open = models.FloatField(null=True)
    high = models.FloatField(null=True)
    low = models.FloatField(null=True)
    volume = models.BigIntegerField(null=True)
    basis = models.CharField(max_length=5, blank=True)
    source = models.CharField(max_length=60)
    reference = models.FloatField(null=True, help_text="The stored price that it was compared with.")
    reason = models.CharField(max_length=120)
    times = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    seen_at = models.DateTimeField(auto_now_add=True, db_index=True)
    decided_at = models.DateTimeField(null=True)

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "market data"  # as the operator's page is called
        constraints = (
            models.UniqueConstraint(fields=("instrument", "kind", "on"), name="quarantine_once_a_session"),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | Q(status__in=("accepted", "dropped"), decided_at__isnull=False),
                name="quarantine_decided_or_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.kind} {self.on}"
