"""The current connection under its real type (Django's own proxy knows nothing of organizations)."""

from typing import TYPE_CHECKING, cast

from django.db import connection as _connection

if TYPE_CHECKING:
    from apps.tenants.backend.base import DatabaseWrapper

connection = cast("DatabaseWrapper", _connection)
