"""What an organization decides about itself: brand, whom to ask, policy."""

from typing import Any

from django import forms

from apps.accounts.forms.lines import validate_line
from apps.accounts.forms.logo import logo_of
from apps.accounts.models import House

POLICY = ("mfa_required", "sso_required", "session_days")


class ColourField(forms.CharField):
    """A colour is the same in capitals, and its `#` may be forgotten."""

    def to_python(self, value: Any) -> Any:
        """As the model keeps it: #rrggbb, or nothing."""
        text = str(super().to_python(value)).lower()
        return f"#{text}" if text and not text.startswith("#") else text


class HouseForm(forms.ModelForm[House]):
    """Policy fields are there only for those who may change them: what is slipped in is not read."""

    new_logo = forms.FileField(
        required=False,
        label="Logo",
        help_text="PNG or JPEG, at most 512 KB and 2000 pixels a side.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )
    removes_logo = forms.BooleanField(required=False, label="Remove the logo")

    class Meta:
        model = House
        fields = ("accent_colour", "sender_name", "contact", "shares_by_default", *POLICY)
        field_classes = {"accent_colour": ColourField}
        labels = {
            "accent_colour": "Accent colour",
            "sender_name": "Sender of mail",
            "contact": "Contact",
            "shares_by_default": "Share new watchlists and portfolios",
            "mfa_required": "Require a second factor",
            "sso_required": "Require single sign-on",
            "session_days": "Days until one signs in again",
        }
        help_texts = {
            "accent_colour": "Like #3b82f6; empty is the product's blue. It is made lighter or darker to be readable.",
            "contact": "Whom people ask: shown where something is refused, and below mail. An e-mail address also gets "
            "the answers to that mail.",
            "sender_name": "The name that mail of your organization comes from.",
            "shares_by_default": "What the forms suggest; whoever makes one decides.",
        }

    def __init__(self, *args: Any, may_set_policy: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("sender_name", "contact"):
            self.fields[name].validators.append(validate_line)
        for name in POLICY if not may_set_policy else ():
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """The colour in lower case, the logo decoded and written anew."""
        cleaned = super().clean() or self.cleaned_data
        upload = cleaned.pop("new_logo", None)
        try:
            cleaned["logo"] = logo_of(upload) if upload else None
        except forms.ValidationError as error:
            self.add_error("new_logo", error)
        return cleaned
