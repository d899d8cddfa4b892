"""The template schema: kept migrated, never an organization's, and written down as the text that makes its copies."""

import re
import shutil
import subprocess

from django.core.management import call_command
from django.utils.timezone import now
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand
from django_tenants.utils import quote_schema_name, schema_context
from psycopg.conninfo import make_conninfo

from apps.tenants.backend.connections import connection
from apps.tenants.backend.logins import login
from apps.tenants.models import TEMPLATE, SchemaText
from apps.tenants.services.versions import applied_in, version_of

# What a dump says to psql and about its session: the replay has a session of its own.
_CHATTER = re.compile(
    r"^(?:\\(?:un)?restrict .*|SELECT pg_catalog\.set_config\('search_path', '', false\);|"
    r"-- (?:Data for )?Name: .*; Schema: .*|"
    r"SET (?:statement_timeout|lock_timeout|idle_in_transaction_session_timeout|transaction_timeout|client_encoding|"
    r"standard_conforming_strings|check_function_bodies|xmloption|client_min_messages|row_security|"
    r"default_tablespace|default_table_access_method) = .*)\n",
    re.MULTILINE,
)
_CREATE = f"CREATE SCHEMA {TEMPLATE};\n"


class DumpError(Exception):
    """The template cannot be written down."""


class NoTemplateError(Exception):
    """There is no text to make a schema from yet."""


def migrate_in_place(schema: str) -> None:
    """Django's own migrations, one after the other, in an existing schema."""
    call_command(MigrateSchemasCommand(), schema_name=schema, tenant=True, interactive=False, verbosity=0)
    connection.set_schema_to_public()


def make_schema(schema: str) -> None:
    """An empty one; nothing happens when it is there."""
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quote_schema_name(schema)}")


def newest_text() -> SchemaText:
    """What the next schema is made from. Raises NoTemplateError on a database that was never migrated."""
    with schema_context("public"):
        text = SchemaText.objects.order_by("-made_at").first()
    if text is None:
        raise NoTemplateError("No template to copy yet. Run: DB_LOGIN=owner manage.py migrate_schemas")
    return text


def keep_text() -> str:
    """Write the template down unless the newest text is of its version; returns that version. Raises DumpError."""
    version = version_of(applied_in(TEMPLATE))
    with schema_context("public"):
        newest = SchemaText.objects.order_by("-made_at").values_list("version", flat=True).first()
        if newest != version:
            SchemaText.objects.update_or_create(version=version, defaults={"text": _text(), "made_at": now()})
    return version


def _text() -> str:
    """The whole template as SQL, rows included: what its migrations wrote belongs to it."""
    text = _CHATTER.sub("", _dump())
    rest = text.replace(_CREATE, "", 1)
    if len(rest) == len(text) or re.search(rf"{TEMPLATE}(?!\.)", rest):
        raise DumpError(f"The dump names {TEMPLATE} where it cannot be replaced by another name.")
    return text


def _dump() -> str:
    parts = login()
    password = parts.pop("password")
    command = [_program(), "--dbname", make_conninfo(**parts), "--schema", TEMPLATE, "--no-owner", "--no-privileges",
               "--rows-per-insert", "1000"]  # fmt: skip
    done = subprocess.run(  # noqa: S603 - our own words and the settings'
        command, env={"PGPASSWORD": password or "", "LC_ALL": "C"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DumpError(f"pg_dump failed: {(done.stderr.strip().splitlines() or ['no reason given'])[0]}")
    return done.stdout


def _program() -> str:
    """A pg_dump of the server's release or a newer one: an older refuses, after a long wait."""
    connection.ensure_connection()
    server = connection.connection.info.server_version // 10_000
    found = shutil.which("pg_dump")
    if found is None:
        raise DumpError(f"pg_dump is not on the PATH: install PostgreSQL's client programs, {server} or newer.")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    number = re.search(r"\) (\d+)", said.stdout)
    if number is None or int(number[1]) < server:
        raise DumpError(f"{said.stdout.strip() or found} is older than the server: {server} or newer is needed.")
    return found
