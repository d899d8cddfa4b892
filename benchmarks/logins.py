"""The process's one database alias as the owner, who may make schemas, and back as the application."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from psycopg.conninfo import conninfo_to_dict

from apps.tenants.backend.connections import connection


@contextmanager
def as_owner() -> Iterator[str]:
    """With an open connection of the owner's; gives its address for connections beside Django's."""
    url = os.environ["OWNER_DATABASE_URL"]
    before, login = dict(connection.settings_dict), conninfo_to_dict(url)
    connection.close()
    connection.settings_dict.update(USER=login["user"], PASSWORD=login.get("password", ""), ROLE_PREFIX="")
    connection.set_schema_to_public()
    connection.ensure_connection()
    try:
        yield url
    finally:
        connections.close_all()
        connection.settings_dict.update(before)
        connection.set_schema_to_public()
