"""Writing down the SQL that a migration runs, so that it can be replayed in schemas of the same version."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql.schema import DatabaseSchemaEditor

from apps.tenants.backend.connections import connection

# Between two migrations: a table with pending checks cannot be altered, and each of them had a transaction of its own.
NEXT_MIGRATION = ("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def recorded() -> Iterator[list[str]]:
    """The list grows by each statement that a schema editor runs on this connection, in order.

    Recorded where it really runs: names that a migration looks up in the catalog are there to be found, which they
    are not for SQL that is only collected.
    """
    statements: list[str] = []

    class Recorder(DatabaseSchemaEditor):
        def __enter__(self) -> Any:
            statements.extend(NEXT_MIGRATION)
            return super().__enter__()

        def execute(self, sql: Any, params: Any = ()) -> None:
            text = str(sql) if params is None else self.connection.ops.compose_sql(str(sql), params)
            statements.append(text)
            super().execute(text, None)

    connection.SchemaEditorClass = Recorder
    try:
        yield statements
    finally:
        connection.SchemaEditorClass = DatabaseSchemaEditor
