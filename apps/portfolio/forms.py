"""What members type into watchlists and portfolios."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps.market.models import Instrument
from apps.portfolio.models import Kind, Portfolio

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
    note = forms.CharField(max_length=280, required=False, label="Note")

    def clean_symbol(self) -> str:
        self.cleaned_data["instrument"] = instrument_of(self.cleaned_data["symbol"])
        return str(self.cleaned_data["symbol"])


class WatchlistForm(forms.Form):
    """A new watchlist."""

    name = forms.CharField(max_length=80, label="Name")
    shared = forms.BooleanField(required=False, initial=True, label="Shared with the firm")


class PortfolioForm(forms.ModelForm[Portfolio]):
    """A new portfolio."""

    class Meta:
        model = Portfolio
        fields = ("name", "base_currency", "cost_method", "shared")
        labels = {
            "base_currency": "Base currency",
            "cost_method": "Cost of what is sold",
            "shared": "Shared with the firm",
        }


class TransactionForm(forms.Form):
    """One ledger entry; which fields a kind needs is the ledger's question, not the form's."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in RECORDED], label="Kind")
    symbol = forms.CharField(max_length=24, required=False, label="Symbol")
    traded_on = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}))
    quantity = forms.DecimalField(max_digits=28, decimal_places=10, required=False, label="Quantity")
    price = forms.DecimalField(max_digits=28, decimal_places=10, required=False, label="Price")
    amount = forms.DecimalField(max_digits=28, decimal_places=10, required=False, label="Amount")
    fee = forms.DecimalField(max_digits=28, decimal_places=10, required=False, initial=0, label="Fee")
    tax = forms.DecimalField(max_digits=28, decimal_places=10, required=False, initial=0, label="Tax")

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        try:
            cleaned["instrument"] = instrument_of(cleaned.pop("symbol", ""))
        except ValidationError as error:
            self.add_error("symbol", error)
        cleaned["kind"] = Kind(cleaned["kind"]) if "kind" in cleaned else None
        cleaned |= {name: cleaned.get(name) or 0 for name in ("fee", "tax")}
        return cleaned
