"""Secrets that must be read again are kept encrypted under the installation's key, each where it belongs."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from functools import cache
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from apps.tenants.backend.connections import connection

_NONCE = 12


class SealBrokenError(Exception):
    """Sealed under another key, in another schema, for another purpose, or changed since."""


def seal(text: str, purpose: str) -> str:
    """Encrypts `text`: only `unseal` with the same purpose, in the schema in context, reads it again."""
    nonce = token_bytes(_NONCE)
    sealed = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, text.encode(), _bound_to(purpose))
    return urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, purpose: str) -> str:
    """What was sealed, under this key or an earlier one. Raises SealBrokenError."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        with suppress(InvalidTag, ValueError):
            raw = urlsafe_b64decode(sealed)
            return AESGCM(_key(secret)).decrypt(raw[:_NONCE], raw[_NONCE:], _bound_to(purpose)).decode()
    raise SealBrokenError(f"{purpose} cannot be read under this installation's SECRET_KEY.")


def _bound_to(purpose: str) -> bytes:
    return f"{connection.schema_name}:{purpose}".encode()


@cache
def _key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"stockintel sealing").derive(secret.encode())
