"""Watchlists, what stands on them, and the dashboard that remembers which one a member looks at."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.market.models import Instrument
from apps.portfolio.models.lines import Line, lines_of
from apps.tenants.models import TenantModel


class WatchlistQuerySet(models.QuerySet["Watchlist"]):
    def visible_to(self, user: User) -> Self:
        """Shared with the firm, or the member's own."""
        return self.filter(Q(shared=True) | Q(owner=user))

    def editable_by(self, user: User) -> Self:
        """What the member sees, when the role may edit watchlists at all."""
        return self.visible_to(user) if user.may(Permission.WATCHLIST_EDIT) else self.none()

    def with_current(self, user: User) -> Self:
        """Says of each whether the member's dashboard shows it (`is_current`)."""
        shown = Dashboard.objects.filter(user=user, watchlist=OuterRef("pk"))
        return self.annotate(is_current=Exists(shown))

    def with_instrument(self, instrument: Instrument) -> Self:
        """Says of each whether the instrument stands on it (`has_it`)."""
        return self.annotate(
            has_it=Exists(WatchlistItem.objects.filter(watchlist=OuterRef("pk"), instrument=instrument))
        )


class Watchlist(TenantModel):
    """A named, ordered list of instruments; without an owner it belongs to the firm."""

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="watchlists"
    )
    shared = models.BooleanField(default=False)
    is_starter = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WatchlistQuerySet.as_manager()

    class Meta:
        ordering = ("position", "created_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("is_starter",), condition=Q(is_starter=True), name="watchlist_one_starter"),
            models.CheckConstraint(condition=Q(owner__isnull=False) | Q(shared=True), name="watchlist_owned_or_shared"),
            models.CheckConstraint(condition=Q(is_starter=False) | Q(shared=True), name="watchlist_starter_is_shared"),
        )

    is_current: bool  # annotated by `with_current`
    has_it: bool  # annotated by `with_instrument`

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("watchlist_detail", args=[self.pk])

    def lines(self) -> list[Line]:
        """In its order, with instrument and quote; one query."""
        return lines_of(self.pk)


class WatchlistItem(TenantModel):
    """One instrument on one watchlist, with who put it there."""

    watchlist = models.ForeignKey(Watchlist, on_delete=models.CASCADE, related_name="items")
    instrument = models.ForeignKey(
        "market.Instrument", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    position = models.PositiveIntegerField()
    note = models.CharField(max_length=280, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("position", "pk")
        constraints = (models.UniqueConstraint(fields=("watchlist", "instrument"), name="watchlistitem_once"),)

    def __str__(self) -> str:
        return f"{self.watchlist_id} {self.instrument_id}"


class Dashboard(TenantModel):
    """Which watchlist a member's first page shows."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dashboard")
    watchlist = models.ForeignKey(Watchlist, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"Dashboard of {self.user_id}"
