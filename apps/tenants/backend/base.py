"""The two locks: a connection's search_path and its Postgres role are set together, in one round trip."""

import sys
import threading
from functools import lru_cache
from typing import Any, Self
from weakref import WeakSet

from django.db.utils import DatabaseError
from django_tenants.postgresql_backend import base
from django_tenants.utils import quote_schema_name
from psycopg import Connection, Cursor, Error, errors, pq

from apps.tenants.backend.identity import require_own_server


class NoOrganizationError(DatabaseError):
    """A query was asked for where no organization (and not the public schema) is in context."""


class NoOrganization:
    """The tenant of a thread that works for nobody; a plain None would become `public`."""

    schema_name = ""

    @staticmethod
    def get_tenant_type() -> None:
        """No kinds of organization exist."""


class PreparedCursor(Cursor[Any]):
    """Its statements are planned once a connection, and their answers come in the server's own format."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> Self:
        """A pooled connection forgets everything when it goes back: there nothing is prepared (threshold None).

        A plan from before a migration that changed a column's type is refused by the server: then without one.
        """
        try:
            return super().execute(query, params, prepare=True, binary=True)
        except errors.FeatureNotSupported:
            if self.connection.info.transaction_status != pq.TransactionStatus.IDLE:
                raise
            return super().execute(query, params, prepare=False, binary=True)


class DatabaseWrapper(base.DatabaseWrapper):
    """django-tenants' wrapper with a second lock, and without its silence about a failed SET.

    `ROLE_PREFIX` in the database's settings marks the application's login; the owner's login has none
    and keeps its own rights (migrations, provisioning).
    """

    schema_name: str
    search_path_set_schemas: list[str] | None
    _setting_search_path: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._read_on: WeakSet[Any] = WeakSet()
        super().__init__(*args, **kwargs)
        if threading.current_thread() is not threading.main_thread():
            self.set_no_organization()  # commands begin in `public`; a thread that a library started works for nobody

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Also closes what `.iterator()` still holds open: it would go on yielding the old organization's rows."""
        if self._read_on and tenant.schema_name != self.schema_name:
            for cursor in list(self._read_on):
                cursor.close()
            self._read_on.clear()
        super().set_tenant(tenant, include_public)

    def create_cursor(self, name: str | None = None) -> Any:
        """Server-side cursors are remembered until they are gone."""
        cursor = super().create_cursor(name)
        if name:
            self._read_on.add(cursor)
        return cursor

    def prepared_cursor(self) -> Any:
        """For the few statements that pages ask again and again, with both locks and in Django's wrapper.

        The server plans a statement anew when the search_path has changed, so that it reads the organization's own
        tables; what the role may not, is refused at each execution.
        """
        self.cursor().close()  # the usual door: a connection, and the locks on it
        if not self.pool:
            self.connection.prepare_threshold = sys.maxsize  # none but these
        return self._prepare_cursor(PreparedCursor(self.connection))

    def is_usable(self) -> bool:
        """The health check at a request's first query sets the locks: one round trip for both."""
        if not self.schema_name or self.connection is None:
            return bool(super().is_usable())
        schemas = self._get_cursor_search_paths()
        try:
            self.connection.execute(self._locks(schemas))
        except Error:
            return False  # a new connection says why
        self.search_path_set_schemas = schemas
        return True

    def _configure_connection(self, connection: Connection[Any]) -> bool:
        require_own_server(connection)
        return bool(super()._configure_connection(connection))

    def set_no_organization(self) -> None:
        """From here on every query raises until a context is opened."""
        self.set_tenant(NoOrganization())

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path or self.search_path_set_schemas:
            return
        if not self.schema_name:
            raise NoOrganizationError("No organization in context: open tenant_context() or schema_context() first.")
        if self.connection.info.transaction_status == pq.TransactionStatus.INERROR:
            return  # the server refuses everything but a rollback, which needs no path
        schemas = self._get_cursor_search_paths()
        self._setting_search_path = True
        setter = cursor if cursor is not None else self.connection.cursor()
        try:
            setter.execute(self._locks(schemas))
        finally:
            self._setting_search_path = False
            if cursor is None:
                setter.close()
        self.search_path_set_schemas = schemas

    def _locks(self, schemas: list[str]) -> str:
        prefix, name = self.settings_dict.get("ROLE_PREFIX", ""), self.settings_dict["NAME"]
        return locks(tuple(schemas), prefix.format(database=name) if self.schema_name != "public" else "")


@lru_cache(maxsize=4096)
def locks(schemas: tuple[str, ...], prefix: str) -> str:
    """Both locks in one text; without a prefix (the owner's login, or `public`) the role is given back."""
    path = ", ".join(map(quote_schema_name, schemas))
    role = f"SET ROLE {quote_schema_name(prefix + schemas[0])}" if prefix else "RESET ROLE"
    return f"SET search_path = {path}; {role}"
