"""How the sources of market data are doing: every call, what may still be asked, and who is left alone for a while."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone


class Outcome(models.TextChoices):
    """How a call ended."""

    OK = "ok", "Answered"
    PARTIAL = "partial", "Answered in part"
    FAILED = "failed", "Failed"


class Percentile(models.Aggregate):
    """PostgreSQL's percentile_cont: interpolated between the two nearest."""

    function = "percentile_cont"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = models.FloatField()


class FetchQuerySet(models.QuerySet["Fetch"]):
    def latest_first(self) -> Self:
        """As the operator's page lists them."""
        return self.order_by("-at", "-pk")

    def since(self, moment: datetime) -> Self:
        """Calls begun at that moment or later."""
        return self.filter(at__gte=moment)

    def latencies(self) -> dict[tuple[str, str], tuple[int, float, float]]:
        """By provider and capability: how many calls, and the median and the 95th percentile in milliseconds."""
        took = self.order_by().values_list("provider", "capability")
        rows = took.annotate(
            calls=models.Count("pk"),
            p50=Percentile("took_ms", fraction=0.5),
            p95=Percentile("took_ms", fraction=0.95),
        )
        return {(provider, capability): (calls, p50, p95) for provider, capability, calls, p50, p95 in rows}


class Fetch(models.Model):
    """One call of one source: what was asked, what came, how long it took. A nightly job deletes old ones."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    provider = models.CharField(max_length=16)
    capability = models.CharField(max_length=16)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    took_ms = models.PositiveIntegerField()
    symbols = models.PositiveIntegerField(default=0, help_text="How many were asked for.")
    rows = models.PositiveIntegerField(default=0, help_text="How many answers came.")
    detail = models.CharField(max_length=300, blank=True)

    objects = FetchQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = verbose_name_plural = "sources"

    def __str__(self) -> str:
        return f"{self.provider} {self.capability} {self.outcome}"


class SourceBudget(models.Model):
    """What all processes together have spent: `due_at` is when the last call would be paid for at an even pace."""

    provider = models.CharField(max_length=16, primary_key=True)
    due_at = models.DateTimeField()
    paused_until = models.DateTimeField(null=True, help_text="The source itself asked for a pause.")

    def __str__(self) -> str:
        return self.provider


class Standing(models.TextChoices):
    """What the operator's page says of a source."""

    UNASKED = "unasked", "Not asked yet"
    OK = "ok", "OK"
    DEGRADED = "degraded", "Degraded"
    OPEN = "open", "Left alone"


class SourceState(models.Model):
    """The circuit breaker of one capability of one source, shared by all processes.

    `failures` counts those in a row. While `open_until` lies ahead nobody asks; afterwards one caller may, who holds
    `probe_until` as a lease, and its answer closes or reopens.
    """

    provider = models.CharField(max_length=16)
    capability = models.CharField(max_length=16)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    probe_until = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("provider", "capability"), name="source_state_once"),)

    def __str__(self) -> str:
        return f"{self.provider} {self.capability}"

    @property
    def standing(self) -> Standing:
        """Open while nobody may ask or one probe decides, degraded after a failure."""
        if self.open_until is not None:
            return Standing.OPEN
        return Standing.DEGRADED if self.failures else Standing.OK
