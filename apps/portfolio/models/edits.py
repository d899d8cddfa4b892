"""What was done to a ledger: who, when, the row before and after; never changed, so that it can be undone."""

from typing import Any, Self

from django.conf import settings
from django.db import models

from apps.portfolio.models.ledger import Portfolio
from apps.tenants.models import TenantModel


class LedgerEditQuerySet(models.QuerySet["LedgerEdit"]):
    def of(self, portfolio: Portfolio) -> Self:
        """Newest first, with who did it in the same query."""
        return self.filter(portfolio=portfolio).select_related("by", "undone")

    def to(self, *keys: object) -> Self:
        """Edits of these rows."""
        return self.filter(transaction__in=keys)


class LedgerEdit(TenantModel):
    """One act upon one row. `before` and `after` are the row's columns as plain values, numbers as text.

    `transaction` is the row's key, which a deleted row has no more. Edits that were one act (both ends of a transfer)
    share `together`.
    """

    class Act(models.TextChoices):
        RECORDED = "recorded", "Recorded"
        CHANGED = "changed", "Changed"
        DELETED = "deleted", "Deleted"
        RESTORED = "restored", "Restored"

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="edits", db_index=False)
    transaction = models.UUIDField(db_index=True)
    act = models.CharField(max_length=8, choices=Act.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    together = models.UUIDField(null=True, db_index=True)
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, related_name="undone")

    objects = LedgerEditQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("portfolio", "-at"), name="ledgeredit_history"),)

    def __str__(self) -> str:
        return f"{self.act} {self.transaction}"

    @property
    def row(self) -> dict[str, Any]:
        """The columns as they were last."""
        found: dict[str, Any] = self.after or self.before or {}
        return found
