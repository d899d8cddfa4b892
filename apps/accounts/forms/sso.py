"""The form of the firm's own sign-in provider."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from apps.accounts.forms.lines import validate_line
from apps.accounts.models import SignInProvider
from apps.accounts.permissions import Role

DOMAIN = re.compile(r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$")


class ProviderForm(forms.ModelForm[SignInProvider]):
    """The secret is written, never read back: an empty field keeps it."""

    issuer_url = forms.URLField(label="Issuer", assume_scheme="https", help_text="As the provider names it: https://…")
    secret = forms.CharField(
        label="Client secret",
        max_length=400,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept sealed and never shown again. Empty: as it is.",
    )
    default_role = forms.ChoiceField(
        label="Role of those who join",
        choices=[(role, role.title()) for role in (Role.VIEWER, Role.ANALYST)],
        help_text="An owner or admin can give another one afterwards.",
    )

    class Meta:
        model = SignInProvider
        fields = ("name", "issuer_url", "client_id", "secret", "email_domains", "default_role", "is_active")
        labels = {
            "client_id": "Client id",
            "email_domains": "E-mail domains that may join",
            "is_active": "Offer it on the sign-in page",
        }
        help_texts = {
            "name": "What the button says.",
            "email_domains": "Separated by commas; empty: invited people only.",
        }

    def clean_name(self) -> str:
        """It stands on a button of the sign-in page."""
        name: str = self.cleaned_data["name"]
        validate_line(name)
        return name

    def clean_issuer_url(self) -> str:
        """Its address is asked by this server: TLS, no password in it."""
        url: str = self.cleaned_data["issuer_url"].rstrip("/")
        parts = urlsplit(url)
        if parts.scheme != "https" and not settings.SSO_ALLOW_PRIVATE:
            raise ValidationError("The issuer's address begins with https://")
        if parts.username or parts.query or parts.fragment:
            raise ValidationError("Write the issuer's address alone.")
        return url

    def clean_email_domains(self) -> str:
        """`firm.com, firm.co.uk`."""
        domains = [part.strip().lower().lstrip("@") for part in self.cleaned_data["email_domains"].split(",")]
        if wrong := next((domain for domain in domains if domain and not DOMAIN.match(domain)), None):
            raise ValidationError(f"“{wrong}” is no domain.")
        return ", ".join(filter(None, domains))

    def clean(self) -> dict[str, Any] | None:
        """A new provider needs its secret."""
        cleaned = super().clean()
        known = self.instance.client_secret and self.initial.get("issuer_url") == self.cleaned_data.get("issuer_url")
        if not known and not self.cleaned_data.get("secret"):
            self.add_error("secret", "Write the secret that the provider gave you for this client.")
        return cleaned
