"""What one looks for in the audit log; it lives in the address of the page."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from apps.accounts.documents import name_of
from apps.accounts.models import Act, User

OPERATOR, SYSTEM = "operator", "system"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)


class AuditFilter(forms.Form):
    """Everything is optional; what is not understood is refused, not left out."""

    act = forms.ChoiceField(required=False, label="What", choices=[("", "Everything"), *Act.choices])
    by = forms.ChoiceField(required=False, label="By")
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = sorted((name_of(user), str(user.pk)) for user in User.objects.filter(is_support=False))
        others = [("", "Anybody"), (OPERATOR, "Platform operator"), (SYSTEM, "System")]
        self.fields["by"].choices = [*others, *((key, name) for name, key in people)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Days are those of the member's own clock."""
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        for name, day in (("since", since), ("until", until)):
            if day and not FIRST_DAY <= day <= LAST_DAY:
                self.add_error(name, ValidationError("Nothing was written down on that day.", code="range"))
        if since and until and since > until:
            self.add_error("until", ValidationError("This is before the first day.", code="order"))
        return cleaned

    def conditions(self) -> dict[str, Any]:
        """For AuditEntry.objects.filter()."""
        given = self.cleaned_data
        found: dict[str, Any] = {"act": given["act"]} if given["act"] else {}
        if given["since"]:
            found["at__gte"] = _begin(given["since"])
        if given["until"]:
            found["at__lt"] = _begin(given["until"] + timedelta(days=1))
        return found | _by(given["by"])


def _by(choice: str) -> dict[str, Any]:
    if choice == OPERATOR:
        return {"by_operator": True}
    if choice == SYSTEM:
        return {"by_operator": False, "by_id": None}
    return {"by_id": choice} if choice else {}


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
