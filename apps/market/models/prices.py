"""Daily bars, minute bars, and the one quote row an instrument has."""

import struct
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q, Subquery

from apps.market.calendars import Age, age_state
from apps.market.models.feed import FEED_PK, Feed
from apps.market.models.instruments import Instrument
from apps.market.signals import State

STATES = [(state.value, state.name.replace("_", " ").capitalize()) for state in State]


class Basis(models.TextChoices):
    """Whether a bar's prices are as traded that day, or already in today's units."""

    RAW = "raw", "As traded"
    SPLIT = "split", "Split-adjusted"


class BarQuerySet(models.QuerySet["Bar"]):
    def between(self, start: object, end: object) -> Self:
        """Both days included."""
        return self.filter(on__gte=start, on__lte=end)

    def up_to(self, end: object) -> Self:
        """No look-ahead: nothing after that day."""
        return self.filter(on__lte=end)


class Bar(models.Model):
    """One closed session of an instrument, as it was received."""

    pk = models.CompositePrimaryKey("instrument_id", "on")
    instrument = models.ForeignKey(
        Instrument,
        on_delete=models.PROTECT,
        related_name="bars",
        db_constraint=False,
        db_index=False,
    )
    on = models.DateField()
    open = models.FloatField()
    high = models.FloatField()
    low = models.FloatField()
    close = models.FloatField()
    volume = models.BigIntegerField()
    basis = models.CharField(max_length=5, choices=Basis.choices)
    source = models.CharField(max_length=40)

    objects = BarQuerySet.as_manager()

    class Meta:
        indexes = (BrinIndex(fields=("on",), name="bar_on_brin"),)

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.on}"


class MinuteBar(models.Model):
    """One minute of a session, by the minute's start."""

    pk = models.CompositePrimaryKey("instrument_id", "at")
    instrument = models.ForeignKey(
        Instrument,
        on_delete=models.PROTECT,
        related_name="minutes",
        db_constraint=False,
        db_index=False,
    )
    at = models.DateTimeField()
    open = models.FloatField()
    high = models.FloatField()
    low = models.FloatField()
    close = models.FloatField()
    volume = models.BigIntegerField()
    source = models.CharField(max_length=40)

    class Meta:
        indexes = (BrinIndex(fields=("at",), name="minute_at_brin"),)

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.at}"


class Restatement(models.Model):
    """Stored sessions that a provider told otherwise later: a split, or a correction. Written once, never changed."""

    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="restatements", db_constraint=False
    )
    first_on = models.DateField()
    last_on = models.DateField()
    sessions = models.PositiveIntegerField()
    ratio = models.FloatField(null=True, help_text="New close for the old one, where it is one for all sessions.")
    source = models.CharField(max_length=40)
    seen_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ("-seen_at", "-pk")

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.first_on} to {self.last_on}"


class SignalState(models.Model):
    """What the rules saw after the close of a session; later bars never change it."""

    pk = models.CompositePrimaryKey("instrument_id", "on")
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="signal_states", db_constraint=False, db_index=False
    )
    on = models.DateField()
    rsi14 = models.FloatField(null=True)
    state = models.CharField(max_length=12, choices=STATES)
    reason = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.on} {self.state}"


class IndicatorState(models.Model):
    """Where the indicators of an instrument stand after a session, for the next one to go on from.

    What follows from bars and splits, and may be deleted at any time: then it is computed anew.
    """

    instrument = models.OneToOneField(
        Instrument, on_delete=models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )
    on = models.DateField()
    units = models.FloatField(help_text="Product of the splits up to that day, where prices are as traded; else 1.")
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.on}"


class Figures:
    """What follows from the columns of a quote."""

    price: Any
    previous_close: Any
    spark: Any

    @property
    def change(self) -> float | None:
        """Since the previous close in money; None without one."""
        return None if self.previous_close is None else self.price - self.previous_close

    @property
    def change_percent(self) -> float | None:
        """Since the previous close as a ratio, 0.05 is 5 %; None without one."""
        return self.price / self.previous_close - 1 if self.previous_close else None

    @property
    def closes(self) -> tuple[float, ...]:
        """The last closes of the sparkline, oldest first, in the units of the quote's day."""
        packed = bytes(self.spark)
        return struct.unpack(f"<{len(packed) // 4}f", packed)


class QuoteQuerySet(models.QuerySet["Quote"]):
    def of(self, instrument_ids: Iterable[int]) -> Self:
        """One query: quote, instrument and the market clock that the age is measured with."""
        clock = Feed.objects.filter(pk=FEED_PK).values("market_at")[:1]
        joined = self.select_related("instrument__exchange").annotate(market_at=Subquery(clock))
        return joined.filter(pk__in=list(instrument_ids))

    def lock(self, instrument_ids: Iterable[int]) -> None:
        """Inside a transaction, in the order of the keys as ticks take them: writers wait and never deadlock."""
        locked = self.filter(pk__in=list(instrument_ids)).order_by("pk").select_for_update()
        list(locked.values_list("pk"))


class Quote(Figures, models.Model):
    """The latest price of an instrument and what follows from its closed sessions."""

    instrument = models.OneToOneField(Instrument, on_delete=models.PROTECT, primary_key=True, related_name="quote")
    price = models.FloatField()
    previous_close = models.FloatField(null=True)
    open = models.FloatField(null=True)
    high = models.FloatField(null=True)
    low = models.FloatField(null=True)
    volume = models.BigIntegerField(null=True)
    as_of = models.DateTimeField()
    session_on = models.DateField()
    source = models.CharField(max_length=60)
    spark = models.BinaryField(default=b"")
    rsi14 = models.FloatField(null=True)
    signal = models.CharField(
        max_length=12,
        choices=STATES,
        default=State.NO_DATA.value,
    )
    signal_reason = models.CharField(max_length=120, blank=True)
    sentiment = models.FloatField(null=True)
    sentiment_n = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    objects = QuoteQuerySet.as_manager()

    market_at: datetime | None  # annotated by `of`

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(price__gt=0), name="quote_price_positive"),)

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.price}"

    @property
    def calendar(self) -> str:
        """Of the exchange."""
        return self.instrument.exchange.calendar

    @cached_property
    def age(self) -> Age:
        """How old the price is on the market clock, in sessions of its exchange."""
        clock = getattr(self, "market_at", None) or Feed.objects.market_at()
        return age_state(self.calendar, self.as_of, clock)
