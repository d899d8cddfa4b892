"""What is traded, where, and what its issuer did to it."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When
from django.urls import reverse

UNIVERSE_PK = 1


class AssetClass(models.TextChoices):
    """What kind of thing an instrument is."""

    STOCK = "stock", "Stock"
    ETF = "etf", "ETF"


class ActionKind(models.TextChoices):
    """What an issuer did."""

    SPLIT = "split", "Split"
    DIVIDEND = "dividend", "Dividend"


class Exchange(models.Model):
    """A market by its ISO 10383 code, with the calendar that knows its sessions."""

    mic = models.CharField(max_length=4, primary_key=True)
    name = models.CharField(max_length=80)
    timezone = models.CharField(max_length=64)
    calendar = models.CharField(max_length=16)

    class Meta:
        ordering = ("mic",)

    def __str__(self) -> str:
        return self.mic


class InstrumentQuerySet(models.QuerySet["Instrument"]):
    def by_symbols(self, symbols: Iterable[str]) -> Self:
        """Those with one of the symbols, in the order in which the symbols were given."""
        wanted = list(dict.fromkeys(symbols))
        order = Case(
            *(When(symbol=symbol, then=Value(place)) for place, symbol in enumerate(wanted)),
            default=Value(len(wanted)),
            output_field=IntegerField(),
        )
        return self.select_related("exchange").filter(symbol__in=wanted).order_by(order, "pk")

    def listed(self) -> Self:
        """Those still traded."""
        return self.filter(delisted_on__isnull=True)

    def matching(self, query: str) -> Self:
        """Symbol or a word of the name begins with the query; the exact symbol first, then symbols, then names."""
        text = query.strip()
        if not text:
            return self.none()
        exact, symbol = Q(symbol__iexact=text), Q(symbol__istartswith=text)
        word = Q(name__istartswith=text) | Q(name__icontains=f" {text}")
        rank = Case(
            When(exact, then=0),
            When(symbol, then=1),
            default=2,
            output_field=IntegerField(),
        )
        return self.select_related("exchange").filter(symbol | word).order_by(rank, "symbol", "pk")


class Instrument(models.Model):
    """A thing traded; never deleted, only delisted."""

    symbol = models.CharField(max_length=24)
    exchange = models.ForeignKey(Exchange, on_delete=models.PROTECT, related_name="instruments")
    name = models.CharField(max_length=160)
    currency = models.CharField(max_length=3, default="USD")
    asset_class = models.CharField(max_length=8, choices=AssetClass.choices, default=AssetClass.STOCK)
    sector = models.CharField(max_length=60, blank=True)
    industry = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    isin = models.CharField(max_length=12, blank=True)
    price_decimals = models.PositiveSmallIntegerField(default=2)
    delisted_on = models.DateField(null=True, blank=True)
    in_universe = models.BooleanField(default=False, help_text="The list of everything traded knows it.")
    is_awaited = models.BooleanField(default=False, help_text="A member asked for it; no source has answered yet.")

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        ordering = ("symbol", "pk")
        constraints = (models.UniqueConstraint(fields=("exchange", "symbol"), name="instrument_once_an_exchange"),)
        indexes = (
            models.Index(fields=("symbol",), name="instrument_symbol"),
            models.Index(fields=("isin",), name="instrument_isin", condition=~Q(isin="")),
        )

    def __str__(self) -> str:
        return self.symbol

    def get_absolute_url(self) -> str:
        return reverse("instrument_detail", args=[self.exchange_id, self.symbol])


class UniverseQuerySet(models.QuerySet["Universe"]):
    def current(self) -> "Universe | None":
        """What is known of the list, or None before anything was imported or asked for."""
        return self.filter(pk=UNIVERSE_PK).first()


class Universe(models.Model):
    """The one row about the list of everything traded; `version` goes up whenever search must read it anew."""

    version = models.PositiveIntegerField(default=0)
    listed = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=400, blank=True)
    imported_at = models.DateTimeField(null=True)

    objects = UniverseQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(pk=UNIVERSE_PK), name="universe_is_one_row"),)

    def __str__(self) -> str:
        return f"{self.listed} instruments"


class CorporateAction(models.Model):
    """A split (numerator new shares for denominator old) or a dividend in money for one share."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="actions")
    on = models.DateField()
    kind = models.CharField(max_length=8, choices=ActionKind.choices)
    numerator = models.PositiveIntegerField(null=True, blank=True)
    denominator = models.PositiveIntegerField(null=True, blank=True)
    amount = models.FloatField(null=True, blank=True)
    source = models.CharField(max_length=40)

    class Meta:
        ordering = ("instrument", "on", "kind")
        constraints = (
            models.UniqueConstraint(fields=("instrument", "on", "kind"), name="action_once_a_day"),
            models.CheckConstraint(
                condition=Q(
                    kind=ActionKind.SPLIT,
                    numerator__gt=0,
                    denominator__gt=0,
                    amount__isnull=True,
                )
                | Q(
                    kind=ActionKind.DIVIDEND,
                    amount__gt=0,
                    numerator__isnull=True,
                    denominator__isnull=True,
                ),
                name="action_fields_fit_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"
