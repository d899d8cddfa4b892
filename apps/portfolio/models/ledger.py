"""Portfolios, their accounts and the transactions from which everything else is derived."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Subquery
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.market.models import FEED_PK, Feed
from apps.portfolio.lots import LEDGER, Entry, Method, Side
from apps.portfolio.movements import UNITS_IN, UNITS_OUT, Kind, Row
from apps.tenants.models import TenantModel

KINDS = [(kind.value, kind.label) for kind in Kind]
TRANSFERS = (Kind.TRANSFER_IN, Kind.TRANSFER_OUT)
UNITS_ONLY = (Kind.BUY, Kind.SELL, Kind.OPENING, Kind.DELIVERY_IN, Kind.DELIVERY_OUT)
CASH_ONLY = (Kind.INTEREST, Kind.FEE, Kind.TAX, Kind.DEPOSIT, Kind.WITHDRAWAL)

# A comparison with NULL is not false, so a CHECK would let it pass: each "more than zero" also says "not null".
_UNITS = Q(
    instrument__isnull=False,
    quantity__isnull=False,
    quantity__gt=0,
    price__isnull=False,
    price__gt=0,
    amount__isnull=True,
)
_CASH = Q(quantity__isnull=True, price__isnull=True, amount__isnull=False, amount__gt=0)
_RATIO = Q(numerator__isnull=False, numerator__gt=0, denominator__isnull=False, denominator__gt=0)
_NO_RATIO = Q(numerator__isnull=True, denominator__isnull=True)
_SHAPE = (
    Q(_UNITS, _NO_RATIO, kind__in=UNITS_ONLY)
    | Q(_CASH, _NO_RATIO, kind__in=CASH_ONLY)
    | Q(_CASH, _NO_RATIO, kind=Kind.DIVIDEND, instrument__isnull=False)
    | Q(_UNITS | Q(_CASH, instrument__isnull=True), _NO_RATIO, kind__in=TRANSFERS)
    | Q(
        _RATIO,
        kind=Kind.SPLIT,
        instrument__isnull=False,
        quantity__isnull=True,
        price__isnull=True,
        amount__isnull=True,
    )
)


class PortfolioQuerySet(models.QuerySet["Portfolio"]):
    def visible_to(self, user: User) -> Self:
        """Shared with the firm, or the member's own."""
        return self.filter(Q(shared=True) | Q(owner=user))

    def editable_by(self, user: User) -> Self:
        """What the member sees, when the role may edit portfolios at all."""
        return self.visible_to(user) if user.may(Permission.PORTFOLIO_EDIT) else self.none()


class Portfolio(TenantModel):
    """A book with one base currency; positions and gains are computed from its transactions."""

    class CostMethod(models.TextChoices):
        FIFO = Method.FIFO.value, "First in, first out"
        AVERAGE = Method.AVERAGE.value, "Average cost"

    name = models.CharField(max_length=80)
    base_currency = models.CharField(max_length=3, default="USD")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="portfolios")
    shared = models.BooleanField(default=False)
    cost_method = models.CharField(max_length=8, choices=CostMethod.choices, default=CostMethod.FIFO)
    group = models.CharField(max_length=80, blank=True, help_text="Portfolios of one group are listed together.")
    benchmark = models.ForeignKey(
        "market.Instrument",
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        help_text="NULL: settings.BENCHMARK.",
    )
    risk_free_rate = models.FloatField(default=0.0, help_text="A year; 0.05 is 5 %.")
    keeps_cash = models.BooleanField(null=True, blank=True, help_text="NULL: once somebody deposits or withdraws.")
    is_model = models.BooleanField(default=False, help_text="On paper: no part of what the firm owns.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PortfolioQuerySet.as_manager()

    class Meta:
        ordering = ("name", "created_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="portfolio_name_once_an_owner"),
            models.CheckConstraint(condition=Q(base_currency__regex=r"^[A-Z]{3}$"), name="portfolio_currency_is_iso"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("portfolio_detail", args=[self.pk])


class Account(TenantModel):
    """Where a portfolio's cash and securities lie."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="accounts")
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=("portfolio", "name"), name="account_name_once"),)

    def __str__(self) -> str:
        return self.name


class TransactionQuerySet(models.QuerySet["Transaction"]):
    def of(self, *portfolios: Portfolio) -> Self:
        """Newest first, with account, portfolio and instrument in the same query."""
        return self.among(portfolios)

    def among(self, portfolios: "Iterable[Portfolio]") -> Self:
        """As `of`; a QuerySet of portfolios becomes part of the query."""
        joined = self.select_related("account__portfolio", "instrument__exchange")
        return joined.filter(account__portfolio__in=portfolios).order_by("-traded_on", "-recorded_at", "pk")

    def moving_units(self) -> Self:
        """Those that bring an instrument's units in or take them out."""
        return self.filter(kind__in=UNITS_IN | UNITS_OUT, quantity__isnull=False)

    def with_quotes(self) -> Self:
        """The instruments' quotes and the market clock of their age in the same query."""
        clock = Feed.objects.filter(pk=FEED_PK).values("market_at")[:1]
        return self.select_related("account__portfolio", "instrument__exchange", "instrument__quote").annotate(
            market_at=Subquery(clock)
        )


class Transaction(TenantModel):
    """One ledger entry in the units and the currency of its own day; never rewritten by a split."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=16, choices=KINDS)
    instrument = models.ForeignKey(
        "market.Instrument",
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
    )
    quantity = models.DecimalField(max_digits=28, decimal_places=10, null=True, blank=True)
    price = models.DecimalField(max_digits=28, decimal_places=10, null=True, blank=True)
    amount = models.DecimalField(max_digits=28, decimal_places=10, null=True, blank=True)
    numerator = models.PositiveIntegerField(null=True, blank=True)
    denominator = models.PositiveIntegerField(null=True, blank=True)
    fee = models.DecimalField(max_digits=28, decimal_places=10, default=0)
    tax = models.DecimalField(max_digits=28, decimal_places=10, default=0)
    currency = models.CharField(max_length=3)
    traded_on = models.DateField()
    traded_at = models.DateTimeField(null=True, blank=True)
    rate = models.DecimalField(
        max_digits=28,
        decimal_places=12,
        null=True,
        blank=True,
        help_text="Base currency for one of `currency`, where it was recorded; it beats the market's.",
    )
    link = models.UUIDField(null=True, blank=True, db_index=True, help_text="Shared by the two ends of a transfer.")
    note = models.TextField(blank=True)
    external_id = models.CharField(max_length=80, blank=True, help_text="What its source calls it.")
    version = models.PositiveIntegerField(
        default=1, help_text="Counts its changes: an edit of an older one is refused."
    )
    batch = models.ForeignKey(
        "portfolio.Import", on_delete=models.PROTECT, null=True, related_name="entries", help_text="What brought it in."
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = TransactionQuerySet.as_manager()

    class Meta:
        ordering = ("-traded_on", "-recorded_at", "pk")
        indexes = (models.Index(fields=("account", "instrument", "traded_on"), name="transaction_ledger"),)
        constraints = (
            models.CheckConstraint(condition=_SHAPE, name="transaction_fields_fit_kind"),
            models.CheckConstraint(condition=Q(fee__gte=0, tax__gte=0), name="transaction_costs_positive"),
            models.CheckConstraint(condition=Q(rate__isnull=True) | Q(rate__gt=0), name="transaction_rate_positive"),
        )

    market_at: datetime | None  # annotated by `with_quotes`

    def __str__(self) -> str:
        return f"{self.kind} {self.traded_on}"

    @classmethod
    def columns(cls) -> Sequence["models.Field[Any, Any]"]:
        """What is stored of a row."""
        return list(cls._meta.concrete_fields)

    @property
    def total(self) -> Decimal | None:
        """What changed hands before fees and taxes; None for a split."""
        if self.quantity is None or self.price is None:
            return self.amount
        return LEDGER.multiply(self.quantity, self.price)

    @property
    def costs(self) -> Decimal:
        """Fee and tax together."""
        return self.fee + self.tax

    @property
    def is_outflow(self) -> bool:
        """Whether units leave the account."""
        return self.kind in UNITS_OUT

    def as_lot_entry(self) -> Entry:
        """The movement of units as the lot arithmetic reads it."""
        if self.quantity is None or self.price is None:
            raise ValueError(f"{self.kind} moves no units")
        side = Side.OUT if self.is_outflow else Side.IN
        return Entry(self.traded_on, side, self.quantity, self.price, self.fee, self.tax, self.traded_at)

    def as_row(self) -> Row:
        """The row as the arithmetic of days and returns reads it."""
        return Row(
            key=self.pk,
            on=self.traded_on,
            kind=Kind(self.kind),
            currency=self.currency,
            instrument=self.instrument_id,
            quantity=self.quantity,
            price=self.price,
            amount=self.amount,
            fee=self.fee,
            tax=self.tax,
            at=self.traded_at,
            rate=self.rate,
            link=self.link,
        )
