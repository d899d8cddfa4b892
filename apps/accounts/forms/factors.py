"""The forms of passkeys: allauth's, which also ask for exactly this host's origin."""

import json
from binascii import Error as Base64Error
from typing import Any

from allauth.core import context
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from fido2.utils import websafe_decode

from apps.tenants.middleware import is_own_origin


class ExactOriginMixin(forms.Form):
    """fido2 also takes a page of a host below this one: here nobody else's page is meant."""

    def _clean_fields(self) -> None:
        raw = self.data.get("credential", "") if self.is_bound else ""
        if raw and not is_own_origin(_origin_of(raw), context.request.get_host()):
            self.add_error("credential", ValidationError("This passkey answered another page.", code="origin"))
            return
        super()._clean_fields()  # type: ignore[misc]


def _origin_of(credential: str) -> str:
    try:
        data = json.loads(websafe_decode(json.loads(credential)["response"]["clientDataJSON"]))
        return str(data["origin"])
    except (ValueError, KeyError, TypeError, Base64Error):
        return ""


class AddPasskeyForm(ExactOriginMixin, webauthn.AddWebAuthnForm):
    """A passkey signs in alone, without a password, where the device can keep it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name"
        self.fields["name"].help_text = "So that you know it again: the device, or where you keep it."
        self.fields["passwordless"].label = "Sign in with it alone"
        self.fields["passwordless"].help_text = "It asks for your finger, face or PIN instead of the password."
        self.fields["passwordless"].initial = True


class AuthenticatePasskeyForm(ExactOriginMixin, webauthn.AuthenticateWebAuthnForm):
    """As the second factor."""


class ReauthenticatePasskeyForm(ExactOriginMixin, webauthn.ReauthenticateWebAuthnForm):
    """To confirm that it is the same person."""


class SignInPasskeyForm(ExactOriginMixin, webauthn.LoginWebAuthnForm):
    """Instead of a password."""
