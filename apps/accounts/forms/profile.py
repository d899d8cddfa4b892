"""What members decide about themselves."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from apps.accounts.forms.lines import validate_line
from apps.accounts.models import User

_AREAS = frozenset({"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})
ZONES = sorted({"UTC", *(zone for zone in available_timezones() if zone.partition("/")[0] in _AREAS)})
_ZONE_OF_LOWER = {zone.lower(): zone for zone in ZONES}


class ProfileForm(forms.ModelForm[User]):
    """Name, clock, ways of writing and notices."""

    class Meta:
        model = User
        fields = (
            *("name", "timezone", "number_format", "date_format", "theme"),
            "notifies_by_mail",
        )
        labels = {
            "timezone": "Time zone",
            "number_format": "Numbers",
            "date_format": "Dates",
            "notifies_by_mail": "Mail me about a new browser",
        }
        help_texts = {
            "timezone": "Type a city to find it. Pages show times in this zone; the market clock keeps its own.",
            "theme": "The sun and moon in the top bar change it on one device.",
            "notifies_by_mail": "When somebody signs in as you from one that was not here before. Word of a changed "
            "password or second factor always comes.",
        }
        widgets = {
            "timezone": forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(validate_line)

    def clean_timezone(self) -> str:
        """A zone by its name, however it is capitalised or spaced."""
        zone = _ZONE_OF_LOWER.get(self.cleaned_data["timezone"].strip().lower().replace(" ", "_"))
        if zone is None:
            raise ValidationError("No time zone has this name. Choose one like Europe/Zurich.", code="unknown")
        return zone
