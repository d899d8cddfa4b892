"""Second factors: sealed where they lie, bound to the host, kept where policy asks for one."""

import base64
import secrets

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from apps.accounts import services
from apps.tenants.sealing import SealBrokenError, seal, unseal

_PURPOSE = "second factor"


class FactorAdapter(DefaultMFAAdapter):
    """Authenticator apps, passkeys and recovery codes of one host."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or it was used already.",
        "cannot_delete_authenticator": "A second factor is asked for here: add another one first.",
    }

    def encrypt(self, text: str) -> str:
        """Nobody reads it in a copy of the table, and no other organization can use it."""
        return seal(text, _PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """What cannot be read (restored under another key) becomes a secret that nothing matches."""
        try:
            return unseal(encrypted_text, _PURPOSE)
        except SealBrokenError:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def _get_site_name(self) -> str:
        """What an authenticator shows beside the e-mail."""
        organization = getattr(context.request, "organization", None)
        return organization.name if organization else "Stock Intelligence"

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one, where one is asked for."""
        return services.may_remove_factor(authenticator)
