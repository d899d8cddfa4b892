"""Days to come of companies, and the currencies that organizations count in."""

from datetime import date
from typing import Self

from django.db import models

from apps.market.models.instruments import Instrument


class EventKind(models.TextChoices):
    """What a company has announced for a day."""

    EARNINGS = "earnings", "Earnings"
    EX_DIVIDEND = "ex_dividend", "Ex-dividend day"
    DIVIDEND = "dividend", "Dividend paid"


class EventQuerySet(models.QuerySet["Event"]):
    def coming(self, today: date) -> Self:
        """From that day on, the nearest first."""
        return self.filter(on__gte=today).order_by("on", "kind")


class Event(models.Model):
    """A day that a source expects something of a company on; it may move until it is over."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="events", db_constraint=False)
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    on = models.DateField()
    source = models.CharField(max_length=40)
    seen_at = models.DateTimeField(auto_now=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("instrument", "kind", "on"), name="event_once_a_day"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"


class CurrencyDemand(models.Model):
    """An organization counts in a currency, whether or not anything trades in it."""

    pk = models.CompositePrimaryKey("holder", "currency")
    holder = models.CharField(max_length=63)
    currency = models.CharField(max_length=3)

    def __str__(self) -> str:
        return f"{self.holder} {self.currency}"
