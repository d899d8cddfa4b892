"""Schemas of organizations: copied from the template, made ready ahead of their owner, dropped after them."""

import re

from django.db import transaction
from django_tenants.utils import quote_schema_name, schema_context

from apps.tenants.backend import roles
from apps.tenants.backend.connections import connection
from apps.tenants.models import TEMPLATE, ReadySchema, Remnant, SchemaText, new_schema_name
from apps.tenants.services.template import newest_text

OURS = re.compile(r"org_[a-z2-7]{12}")
_BEGIN = "SET LOCAL search_path = ''; SET LOCAL check_function_bodies = off;\n"
_END = "SET LOCAL search_path = public;\n"


def prepare_schemas(count: int) -> int:
    """Make schemas ready until `count` of the newest version wait; returns how many were made.

    Needs the owner's login. A schema, its role and its row are one transaction: a process that dies leaves nothing.
    """
    made = 0
    with schema_context("public"):
        while ReadySchema.objects.current().count() < count:
            prepare_schema(newest_text())
            made += 1
    return made


def prepare_schema(text: SchemaText) -> ReadySchema:
    """One more schema that waits for its organization."""
    schema = new_schema_name()
    with schema_context("public"), transaction.atomic():
        copy_template(schema, text)
        return ReadySchema.objects.create(schema_name=schema, version=text.version)


def copy_template(schema: str, text: SchemaText) -> None:
    """The template under another name, with the organization's role and grants, in one round trip."""
    copy_tables(schema, text, then=roles.organization_role(schema).as_string(connection.connection))


@transaction.atomic
def copy_tables(schema: str, text: SchemaText, then: str = "") -> None:
    """The template under another name; without a role it is still nobody's."""
    _require_ours(schema)
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN + text.text.replace(TEMPLATE, schema) + then + _END)


def drop_schema(schema: str) -> None:
    """Take a schema and its role away for good; what is gone already is no error. Needs the owner's login.

    Whoever calls has made sure that no organization lives there. Its files go with the next reap.
    """
    _require_ours(schema)
    with schema_context("public"), transaction.atomic(), connection.cursor() as cursor:
        ReadySchema.objects.filter(schema_name=schema).delete()
        Remnant.objects.get_or_create(schema_name=schema)
        cursor.execute(f"DROP SCHEMA IF EXISTS {quote_schema_name(schema)} CASCADE")
        roles.drop_role(roles.role_name(schema))


def _require_ours(schema: str) -> None:
    """Only a name that needs no quotes can take the template's place, and nothing else is ours to drop."""
    if not OURS.fullmatch(schema):
        raise ValueError(f"{schema} is no schema of an organization.")
