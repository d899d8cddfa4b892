"""What a pooled connection is given back as: nobody's."""

from typing import Any

from psycopg import Connection


def reset_connection(connection: Connection[Any]) -> None:
    """Without this a returned connection keeps its last organization's search_path and role."""
    connection.autocommit = True
    connection.execute("DISCARD ALL")
