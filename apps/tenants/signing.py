"""Signatures are good at one organization only: its schema is part of every salt.

The one importer of Django's signers (`make check` refuses another).
"""

from typing import Any

from django.core import signing

from apps.tenants.backend.keys import schema_in_context

BadSignature = signing.BadSignature


class OrganizationSigner(signing.TimestampSigner):
    """settings.SIGNING_BACKEND: what Django itself signs into cookies."""

    def __init__(self, *, salt: str | None = None, **options: Any) -> None:
        super().__init__(salt=_salt(salt or "cookie"), **options)


def sign(payload: Any, *, salt: str) -> str:
    """A URL-safe token of plain values, for the organization in context."""
    return signing.dumps(payload, salt=_salt(salt), compress=True)


def signed(token: str, *, salt: str, max_age: int, schema: str = "") -> Any:
    """What `sign` signed; raises BadSignature when late, changed, or of another organization."""
    return signing.loads(token, salt=_salt(salt, schema), max_age=max_age)


def _salt(salt: str, schema: str = "") -> str:
    return f"{salt}:{schema or schema_in_context()}"
