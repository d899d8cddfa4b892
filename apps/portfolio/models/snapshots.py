"""What is kept of a ledger so that it need not be read whole: days, and what is held. Nothing of it is the truth."""

from typing import Self

from django.db import models

from apps.portfolio.models.ledger import Portfolio
from apps.tenants.models import OrganizationRow


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def of(self, portfolio: Portfolio) -> Self:
        """Oldest first."""
        return self.filter(portfolio=portfolio).order_by("on")


class Snapshot(OrganizationRow):
    """One closed day of a portfolio as it was replayed, exactly: a weekday, or a day on which something happened.

    `gains` are packed pairs of an instrument's key (0: cash) and its part of the day's gain, `estimated` instruments
    without a price of the market. On the first day of a month `standing` is what the next day begins with.
    """

    pk = models.CompositePrimaryKey("portfolio_id", "on")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="snapshots", db_index=False)
    on = models.DateField()
    value = models.DecimalField()
    inflow = models.DecimalField()
    outflow = models.DecimalField()
    price = models.DecimalField()
    fx = models.DecimalField()
    income = models.DecimalField()
    fees = models.DecimalField()
    taxes = models.DecimalField()
    is_session = models.BooleanField()
    is_held = models.BooleanField()
    gains = models.BinaryField()
    estimated = models.JSONField(default=list)
    standing = models.JSONField(null=True)

    objects = SnapshotQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.on} {self.value}"

    def equals(self, other: "Snapshot") -> bool:
        """Whether they say the same of their day, to the last digit."""
        return all(
            getattr(self, field.attname) == getattr(other, field.attname)
            for field in self._meta.concrete_fields
            if field.name != "gains"
        ) and bytes(self.gains) == bytes(other.gains)


class Reckoning(OrganizationRow):
    """How far a portfolio's snapshots go and what of the market they rest on; without a row there are none.

    `standing` is that of the last day, `splits` are those that were applied, `known` counts the bars and the rates of
    the last days before it, `seen_at` is when the market was read.
    """

    portfolio = models.OneToOneField(Portfolio, on_delete=models.CASCADE, primary_key=True, related_name="reckoning")
    through = models.DateField()
    standing = models.JSONField()
    splits = models.JSONField(default=dict)
    keeps_cash = models.BooleanField()
    known = models.JSONField(default=dict)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Through {self.through}"


class Tally(OrganizationRow):
    """What a portfolio holds, added up of its open lots, so that a page need not match the ledger again.

    `held` is by instrument the numbers of a `Stake` as text; `stale` are instruments of which a row changed since;
    `splits` are the market's that were applied.
    """

    portfolio = models.OneToOneField(Portfolio, on_delete=models.CASCADE, primary_key=True, related_name="tally")
    held = models.JSONField(default=dict)
    stale = models.JSONField(default=list)
    splits = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{len(self.held)} held"
