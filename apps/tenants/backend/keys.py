"""Names that carry the organization: cache keys, advisory locks, salts."""

from hashlib import blake2b

from apps.tenants.backend.base import NoOrganizationError
from apps.tenants.backend.connections import connection


def schema_in_context() -> str:
    """The schema that a name must carry; raises where no organization (and not `public`) is in context."""
    if not connection.schema_name:
        raise NoOrganizationError("No organization in context: a key, lock or salt belongs to one.")
    return connection.schema_name


def make_key(key: str, key_prefix: str, version: int) -> str:
    """settings.CACHES: the same key at two organizations is two keys."""
    return f"{schema_in_context()}:{key_prefix}:{version}:{key}"


def lock_key(name: str) -> int:
    """The number of an advisory lock of the organization in context (advisory locks are the database's)."""
    digest = blake2b(f"{schema_in_context()}:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
