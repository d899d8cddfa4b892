"""What died half-way is cleared away: schemas, roles and folders that nobody owns."""

import logging
import shutil
from datetime import timedelta

from django.db.models import Q
from django.utils.timezone import now
from django_tenants.utils import schema_context

from apps.tenants.backend import roles
from apps.tenants.backend.connections import connection
from apps.tenants.backend.logins import BusyError, alone
from apps.tenants.models import Organization, ReadySchema, Remnant
from apps.tenants.services.schemas import OURS, drop_schema
from apps.tenants.storage import media_folders

logger = logging.getLogger(__name__)

GRACE = timedelta(hours=1)
_OWNED = Q(schema_name__in=Organization.objects.values("schema_name")) | Q(
    schema_name__in=ReadySchema.objects.values("schema_name")
)


def reap(grace: timedelta = GRACE) -> list[str]:
    """Drop what nobody has owned for `grace`; returns the schemas' names. Needs the owner's login.

    Files go with a schema that this database knew: a folder alone may belong to another one.
    A schema that is being made outside a transaction is left alone while its maker holds `alone(schema)`.
    """
    with schema_context("public"):
        Remnant.objects.filter(_OWNED).delete()
        Remnant.objects.bulk_create([Remnant(schema_name=name) for name in _unowned()], ignore_conflicts=True)
        due = Remnant.objects.filter(seen_at__lte=now() - grace).values_list("schema_name", flat=True)
        return [schema for schema in due if _reaped(schema)]


def _reaped(schema: str) -> bool:
    try:
        with alone(schema):
            if Remnant.objects.filter(_OWNED, schema_name=schema).exists():
                return False
            drop_schema(schema)
            for folder in media_folders(schema):
                shutil.rmtree(folder, ignore_errors=True)
    except BusyError:
        return False
    logger.info("%s belonged to nobody and was dropped", schema)
    Remnant.objects.filter(schema_name=schema).delete()
    return True


def _unowned() -> set[str]:
    """Ours by their names, and nobody's. One statement: between two, a claim moves a schema from owner to owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT name FROM (
                SELECT nspname::text AS name FROM pg_namespace
                UNION SELECT substr(rolname, length(%(prefix)s) + 1) FROM pg_roles
                      WHERE starts_with(rolname, %(prefix)s)
            ) AS found
            WHERE name NOT IN (SELECT schema_name FROM tenants_organization
                               UNION ALL SELECT schema_name FROM tenants_readyschema)
            """,
            {"prefix": roles.role_name("")},
        )
        return {name for (name,) in cursor.fetchall() if OURS.fullmatch(name)}
