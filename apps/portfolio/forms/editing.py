"""What members type to find an entry of the ledger and to change it."""

from decimal import Decimal
from typing import Any

from django import forms

from apps.portfolio.forms.ledger import RECORDED, TransactionForm
from apps.portfolio.models import Kind, Transaction

NUMBERS = ("quantity", "price", "amount", "fee", "tax", "rate")
PLAIN = ("kind", "traded_on", "numerator", "denominator", "currency", "note", "account", "version")


class EntryFilterForm(forms.Form):
    """Which entries are listed; what is left empty excludes nothing."""

    kind = forms.ChoiceField(choices=[("", "All kinds"), *((one.value, one.label) for one in Kind)], required=False)
    symbol = forms.CharField(max_length=24, required=False)
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def lookups(self) -> dict[str, Any]:
        """As the ledger's QuerySet takes them; what could not be read excludes nothing."""
        self.is_valid()
        said = {
            "kind": self.cleaned_data.get("kind"),
            "instrument__symbol": self.cleaned_data.get("symbol", "").strip().upper(),
            "traded_on__gte": self.cleaned_data.get("since"),
            "traded_on__lte": self.cleaned_data.get("until"),
        }
        return {name: value for name, value in said.items() if value}


class EntryForm(TransactionForm):
    """A stored entry; `version` is the one that the member saw."""

    currency = forms.CharField(max_length=3, label="Currency")
    rate = forms.DecimalField(label="Rate to the base currency", max_digits=28, decimal_places=12, required=False)
    note = forms.CharField(max_length=2000, required=False, label="Note", widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Any, entry: Transaction) -> None:
        super().__init__(data, initial=_said(entry))
        self.entry = entry
        if entry.kind not in RECORDED:  # splits and transfers stay what they are
            self.fields["kind"] = forms.ChoiceField(choices=[(entry.kind, entry.get_kind_display())], label="Kind")
        if entry.kind == Kind.SPLIT:
            for name in ("numerator", "denominator"):
                self.fields[name] = forms.IntegerField(min_value=1, label=name.title())
        places = entry.account.portfolio.accounts.all()
        if len(places) > 1:
            self.fields["account"] = forms.ModelChoiceField(places, label="Account", empty_label=None)

    def clean(self) -> dict[str, Any]:
        if "symbol" not in self.changed_data:  # the same one, whatever else has its symbol now
            self.cleaned_data["symbol"] = ""
            return super().clean() | {"instrument": self.entry.instrument}
        return super().clean()

    def fields_of_entry(self) -> dict[str, Any]:
        """What is to be stored; the time of day belonged to the day before it was changed."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return said | ({"traded_at": None} if "traded_on" in self.changed_data else {})


def _said(entry: Transaction) -> dict[str, Any]:
    numbers = {name: _short(getattr(entry, name)) for name in NUMBERS}
    plain = {name: getattr(entry, name) for name in PLAIN}
    return numbers | plain | {"symbol": entry.instrument.symbol if entry.instrument else ""}


def _short(number: Decimal | None) -> Decimal | None:
    """The same number without idle zeros."""
    if number is None:
        return None
    text = f"{number:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
