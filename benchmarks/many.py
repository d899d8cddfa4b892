"""Many organizations beside each other: a schema, a role and a host each, with the tables that a page reads.

Run with the owner's login: `DB_LOGIN=owner python -m benchmarks.many 100`.
"""

import sys

import django
from django.db import transaction
from django_tenants.utils import schema_context
from psycopg import sql

TABLES = ("accounts_user", "accounts_auditentry")
TEXT = "CREATE TABLE {schema}.{table} (LIKE {like}.{table} INCLUDING ALL)"
PEOPLE = "INSERT INTO {schema}.accounts_user SELECT * FROM {like}.accounts_user ORDER BY email LIMIT 20"


def host_of(number: int) -> str:
    """Of the organization with that number."""
    return f"many{number}.localhost"


def make(count: int) -> None:
    """Those that are missing; each in a transaction of its own."""
    from apps.tenants.models import Organization

    with schema_context("public"):
        like = Organization.objects.earliest("created_at").schema_name
        known = Organization.objects.filter(subdomain__startswith="many").count()
        for number in range(known, count):
            with transaction.atomic():
                _make(number, like)


def _make(number: int, like: str) -> None:
    from apps.tenants.backend import roles
    from apps.tenants.backend.connections import connection
    from apps.tenants.models import Domain, Organization

    schema = f"org_many{number:08d}"
    names = {"schema": sql.Identifier(schema), "like": sql.Identifier(like)}
    organization = Organization(name=f"Many {number}", subdomain=f"many{number}", schema_name=schema)
    organization.save()
    Domain.objects.create(domain=host_of(number), tenant=organization, is_primary=True)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {schema}").format(**names))
        for table in TABLES:
            cursor.execute(sql.SQL(TEXT).format(table=sql.Identifier(table), **names))
        cursor.execute(sql.SQL(PEOPLE).format(**names))
    roles.grant_organization(schema)


if __name__ == "__main__":
    django.setup()
    make(int(sys.argv[1]))
