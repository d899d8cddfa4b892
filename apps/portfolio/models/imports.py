"""Files that members brought in: how each is read, what became of every row, and mappings kept for the next one."""

import uuid
from typing import Self

from django.conf import settings
from django.core.files.storage import Storage
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts.models import User
from apps.portfolio.models.ledger import Portfolio
from apps.tenants.models import TenantModel
from apps.tenants.storage import TenantStorage


def import_storage() -> Storage:
    """The files of the organization in context."""
    return TenantStorage()


def import_path(imported: "Import", filename: str) -> str:
    """A name that says nothing and is never used twice."""
    return f"imports/{imported.pk}/{uuid.uuid4().hex}.csv"


class State(models.TextChoices):
    """How far an import is."""

    MAPPING = "mapping", "To be mapped"
    READING = "reading", "Being read"
    READY = "ready", "To be looked at"
    RECORDING = "recording", "Being recorded"
    DONE = "done", "Recorded"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


WORKING = (State.READING, State.RECORDING, State.UNDOING)


class ImportQuerySet(models.QuerySet["Import"]):
    def open_to(self, user: User) -> Self:
        """Of portfolios that the member may edit; nobody without amounts, for a file is full of them."""
        if not user.sees_amounts:
            return self.none()
        return self.filter(portfolio__in=Portfolio.objects.editable_by(user)).select_related("portfolio", "by")

    def at_work(self) -> Self:
        """Those that a job works on, or should."""
        return self.filter(state__in=WORKING)


class Import(TenantModel):
    """One file for one portfolio. `symbols` are answers: what the file calls a thing -> "MIC:SYMBOL" or None."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="imports")
    name = models.CharField(max_length=160)
    file = models.FileField(upload_to=import_path, storage=import_storage, max_length=160)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.MAPPING)
    layout = models.JSONField(default=dict)
    symbols = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    rows_done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=280, blank=True)
    ledger_before = models.CharField(max_length=64, blank=True, help_text="What the ledger's export hashed to.")
    ledger_after = models.CharField(max_length=64, blank=True, help_text="The same, after it was undone.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    worked_at = models.DateTimeField(auto_now=True, help_text="When its state last changed, or a job made progress.")

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("import_detail", args=[self.portfolio_id, self.pk])

    @property
    def is_working(self) -> bool:
        """Whether a job works on it, or will."""
        return self.state in WORKING

    @property
    def total(self) -> int:
        """Rows of the file, as the last reading counted them."""
        return sum(self.counts.get(status, 0) for status in Status.values)


class Status(models.TextChoices):
    """What becomes of a row of the file."""

    NEW = "new", "New"
    TWIN = "twin", "There already"
    SYMBOL = "symbol", "Needs its symbol"
    ERROR = "error", "Cannot be true"
    LEFT = "left", "Left out"


class ImportRow(TenantModel):
    """A row of the file in the words of the page; kept until it is recorded."""

    imported = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="Of the line that it begins on, in the file.")
    status = models.CharField(max_length=6, choices=Status.choices)
    shown = models.JSONField(default=list)
    problem = models.CharField(max_length=280, blank=True)
    about = models.CharField(max_length=16, blank=True)
    key = models.CharField(max_length=200, blank=True, help_text="What the file calls the thing that it needs.")

    class Meta:
        ordering = ("number", "pk")
        indexes = (models.Index(fields=("imported", "status", "number"), name="import_row_status"),)

    def __str__(self) -> str:
        return f"{self.number}"


class Mapping(TenantModel):
    """A layout that somebody gave a name, for every member's next file of that kind."""

    name = models.CharField(max_length=80, unique=True)
    layout = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.CheckConstraint(condition=~Q(name=""), name="mapping_has_name"),)

    def __str__(self) -> str:
        return self.name
