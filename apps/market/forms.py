"""What members ask the market for."""

from django import forms

from apps.market.search import SymbolError, clean_symbol


class SymbolRequestForm(forms.Form):
    """A symbol that search does not know yet; `cleaned_data["symbol"]` is written as sources write it."""

    symbol = forms.CharField(
        max_length=80,
        strip=False,
        label="Symbol",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text="As Yahoo Finance writes it: SAP.DE, BTC-USD, ^GSPC.",
    )

    def clean_symbol(self) -> str:
        try:
            return clean_symbol(self.cleaned_data["symbol"])
        except SymbolError as error:
            raise forms.ValidationError(str(error), code="nonsense") from error
