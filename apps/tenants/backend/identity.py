"""Whom a connection leads to: one server process for as long as it is open, and never somebody else's server."""

import logging
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.tenants.backend.connections import connection as current

logger = logging.getLogger(__name__)

TRANSACTIONS = 2  # a pooler that gives each transaction another server shows itself in the second
_QUESTION = "SELECT pg_backend_pid(), system_identifier::text FROM pg_control_system()"
_remembered: dict[str, str] = {}  # which cluster this process has talked to since its first connection


class PoolerError(ImproperlyConfigured):
    """Something between us and PostgreSQL gives each transaction another server process."""


class ForeignServerError(ImproperlyConfigured):
    """A server answers that is not the one of this installation: a port may belong to somebody else."""


def require_own_server(connection: psycopg.Connection[Any]) -> None:
    """Asked of every new connection (which must be in autocommit): both locks live in one server's session.

    A pooler answers with a process number of its own, or passes on one and then uses another.
    """
    began_with = connection.info.backend_pid
    for _ in range(TRANSACTIONS):
        pid, cluster = connection.execute(_QUESTION).fetchone() or (0, "")
        if pid != began_with:
            raise PoolerError(
                f"DATABASE_URL leads through a connection pooler (server process {began_with} became {pid}). In its "
                "transaction mode one organization's search_path and role would serve another: connect to PostgreSQL "
                "itself and set DB_POOL."
            )
        expected = settings.POSTGRES_SYSTEM_ID or _remembered.setdefault("cluster", cluster)
        if cluster != expected:
            raise ForeignServerError(f"PostgreSQL {cluster} answers where {expected} is expected.")


def require_own_servers() -> None:
    """At the start of a process: refuses a pooler and foreign servers; one that is away is found out later."""
    parameters = current.get_connection_params() | {"autocommit": True, "connect_timeout": 5}
    try:
        with psycopg.connect(**parameters) as probe:
            require_own_server(probe)
    except psycopg.OperationalError as error:
        logger.warning("PostgreSQL does not answer yet: %s", error)
    for url in {settings.BROKER_URL, settings.LIVE_URL} if settings.VALKEY_RUN_IDS else ():
        _require_own_carrier(url)


def _require_own_carrier(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            run_id = str(client.info("server")["run_id"])
    except redis.RedisError as error:
        logger.warning("the carrier does not answer yet: %s", error)
        return
    if run_id not in settings.VALKEY_RUN_IDS:
        raise ForeignServerError(f"Valkey {run_id} answers where {' or '.join(settings.VALKEY_RUN_IDS)} is expected.")
