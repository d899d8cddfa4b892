"""What operators ask for, and for how long a customer grants it."""

from typing import Any

from django import forms

from apps.accounts.forms.lines import validate_line
from apps.accounts.models import SupportGrant
from apps.tenants.models import Organization


class AskForm(forms.Form):
    """Which organization, why, for how long."""

    organization = forms.ModelChoiceField(queryset=Organization.objects.none())
    reason = forms.CharField(max_length=300, validators=[validate_line], help_text="The customer reads it.")
    hours = forms.IntegerField(min_value=1, max_value=72, initial=4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = Organization.objects.active()  # type: ignore[attr-defined]


class GrantForm(forms.Form):
    """At most what was asked for."""

    hours = forms.IntegerField(min_value=1, label="Hours")

    def __init__(self, data: Any = None, *, grant: SupportGrant) -> None:
        super().__init__(data, initial={"hours": grant.hours}, auto_id=f"id_%s_{grant.pk}")
        hours = self.fields["hours"]
        hours.max_value = grant.hours  # type: ignore[attr-defined]
        hours.widget.attrs["max"] = grant.hours
