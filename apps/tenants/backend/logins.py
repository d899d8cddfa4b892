"""Connections beside Django's own, with the login that this process works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from apps.tenants.backend.connections import connection


class BusyError(Exception):
    """Another process does at this moment what only one may do."""


def login() -> dict[str, Any]:
    """What psycopg (or pg_dump) needs to reach the same database as the same user."""
    connection.ensure_connection()
    info = connection.connection.info
    return {**info.get_parameters(), "password": info.password}


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Raises BusyError while another process of this database is inside; a killed one is out at once.

    On a connection of its own: Django's is closed and opened again in between.
    """
    with psycopg.connect(**login(), autocommit=True) as lock:
        row = lock.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
        if row != (True,):
            raise BusyError(f"Another process holds {name}; wait until it has ended.")
        yield
