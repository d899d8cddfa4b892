"""What members type into watchlists and portfolios."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator

from apps.market.models import Instrument
from apps.portfolio.models import Kind, Portfolio
from apps.tenants.models import validate_visible

# More than any position or price that exists: beyond it a finger slipped.
MOST_UNITS, MOST_MONEY = Decimal(10**12), Decimal(10**13)
FIRST_DAY = date(1900, 1, 1)
RECORDED = (
    Kind.BUY,
    Kind.SELL,
    Kind.OPENING,
    Kind.DELIVERY_IN,
    Kind.DELIVERY_OUT,
    Kind.DIVIDEND,
    Kind.INTEREST,
    Kind.FEE,
    Kind.TAX,
    Kind.DEPOSIT,
    Kind.WITHDRAWAL,
)


def instrument_of(symbol: str) -> Instrument | None:
    """The instrument with this symbol, however it is capitalised; None for an empty one."""
    text = symbol.strip().upper()
    if not text:
        return None
    found = Instrument.objects.by_symbols([text]).first()
    if found is None:
        raise ValidationError("No instrument has the symbol %(symbol)s.", code="unknown", params={"symbol": text})
    return found


class SymbolForm(forms.Form):
    """A symbol to put on a watchlist; `cleaned_data["instrument"]` is what it stands for."""

    symbol = forms.CharField(max_length=24, label="Symbol")
    note = forms.CharField(max_length=280, required=False, label="Note", validators=[validate_visible])

    def clean_symbol(self) -> str:
        self.cleaned_data["instrument"] = instrument_of(self.cleaned_data["symbol"])
        return str(self.cleaned_data["symbol"])


class WatchlistForm(forms.Form):
    """A new watchlist."""

    name = forms.CharField(max_length=80, label="Name", validators=[validate_visible])
    shared = forms.BooleanField(required=False, initial=True, label="Shared with the firm")


class PortfolioForm(forms.ModelForm[Portfolio]):
    """A new portfolio."""

    name = forms.CharField(max_length=80, label="Name", validators=[validate_visible])

    class Meta:
        model = Portfolio
        fields = ("name", "base_currency", "cost_method", "shared")
        labels = {
            "base_currency": "Base currency",
            "cost_method": "Cost of what is sold",
            "shared": "Shared with the firm",
        }


def _number(label: str, most: Decimal, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_value=most, max_digits=28, decimal_places=10, required=False, **options)


class TransactionForm(forms.Form):
    """One ledger entry; which fields a kind needs is the ledger's question, not the form's."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in RECORDED], label="Kind")
    symbol = forms.CharField(max_length=24, required=False, label="Symbol")
    traded_on = forms.DateField(
        label="Date",
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY, "Before %(limit_value)s there is nothing to record.")],
    )
    quantity = _number("Quantity", MOST_UNITS)
    price = _number("Price", MOST_MONEY)
    amount = _number("Amount", MOST_MONEY)
    fee = _number("Fee", MOST_MONEY, initial=0)
    tax = _number("Tax", MOST_MONEY, initial=0)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        try:
            cleaned["instrument"] = instrument_of(cleaned.pop("symbol", ""))
        except ValidationError as error:
            self.add_error("symbol", error)
        cleaned["kind"] = Kind(cleaned["kind"]) if "kind" in cleaned else None
        cleaned |= {name: cleaned.get(name) or 0 for name in ("fee", "tax")}
        return cleaned


class TrailForm(forms.Form):
    """Which figure's trail is asked for: of an instrument, of one day and its part; a period is asked for as ever."""

    of = forms.RegexField(r"^(\d{1,18}|cash)$", required=False)
    on = forms.DateField(required=False)
    after = forms.DateField(required=False)
    part = forms.CharField(max_length=12, required=False)
    taxes = forms.CharField(max_length=6, required=False)
    by = forms.CharField(max_length=12, required=False)
    name = forms.CharField(max_length=80, required=False)
    page = forms.IntegerField(min_value=1, max_value=10**6, required=False)


class AddedForm(forms.Form):
    """Symbols that a what-if looks at beside what is held; `cleaned_data["add"]` are their instruments."""

    add = forms.CharField(
        max_length=200,
        required=False,
        label="Also look at",
        widget=forms.TextInput(attrs={"placeholder": "Symbols, by commas"}),
    )

    def clean_add(self) -> list[Instrument]:
        named = [part for part in self.cleaned_data["add"].replace(";", ",").split(",") if part.strip()]
        found = [instrument_of(part) for part in named]
        return list(dict.fromkeys(instrument for instrument in found if instrument))


class TargetsForm(forms.Form):
    """A target weight in percent, or a step in units, for each instrument; `wanted` is what was typed."""

    whole = forms.BooleanField(required=False, label="Whole units only")

    def __init__(self, data: Any, instruments: Iterable[Instrument], *, sees_amounts: bool) -> None:
        super().__init__(data, initial={"whole": True})
        self.instruments = list(instruments)
        for one in self.instruments:
            label = f"Target weight of {one.symbol} in percent"
            self.fields[f"target-{one.pk}"] = _number(label, Decimal(100), min_value=Decimal(0))
            if sees_amounts:
                self.fields[f"step-{one.pk}"] = _number(
                    f"Units of {one.symbol} to add or remove", MOST_UNITS, min_value=-MOST_UNITS
                )
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def clean(self) -> dict[str, Any]:
        for one in self.instruments:
            if self.cleaned_data.get(f"step-{one.pk}") is not None and self.wanted(one)[0] is not None:
                self.add_error(f"step-{one.pk}", f"{one.symbol}: give a target or a step, not both.")
        return self.cleaned_data

    def wanted(self, instrument: Instrument) -> tuple[Decimal | None, Decimal | None]:
        """The target as a weight (0.05 is 5 %) and the step; None where nothing was typed."""
        target = self.cleaned_data.get(f"target-{instrument.pk}")
        return None if target is None else target / 100, self.cleaned_data.get(f"step-{instrument.pk}")
