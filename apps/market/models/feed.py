"""The one row that says where prices come from and what time it is on the market."""

from datetime import datetime

from django.db import models
from django.utils import timezone

FEED_PK = 1


class Mode(models.TextChoices):
    """Whether the market moves now or a past session is played."""

    LIVE = "live", "Live"
    REPLAY = "replay", "Replay"


class FeedQuerySet(models.QuerySet["Feed"]):
    def current(self) -> "Feed | None":
        """The feed, or None before the first import."""
        return self.filter(pk=FEED_PK).first()

    def market_at(self) -> datetime:
        """The market clock; real time before the first import."""
        feed = self.current()
        return feed.market_at if feed else timezone.now()


class Feed(models.Model):
    """Provider, mode and market clock; `series` names whose data the tables hold."""

    provider = models.CharField(max_length=16)
    mode = models.CharField(max_length=8, choices=Mode.choices)
    series = models.CharField(max_length=80)
    session_on = models.DateField()
    market_at = models.DateTimeField()
    label = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True)
    round = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(pk=FEED_PK), name="feed_is_one_row"),)

    def __str__(self) -> str:
        return self.label
