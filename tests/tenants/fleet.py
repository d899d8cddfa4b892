"""A platform of its own for tests of the fleet: a database whose owner we are, and what its catalogs say."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connections
from django.test import override_settings
from psycopg.conninfo import conninfo_to_dict

from apps.tenants.backend.connections import connection
from apps.tenants.services import learn_versions
from deploy.local.background import own_database

MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("reports", "{before}")]
    operations = [
{operations}
]
"""

# Everything that a schema consists of, with its own name (and its role's) taken out. One row a fact.
FACTS = """
WITH ours AS (SELECT oid, nspname, nspacl FROM pg_namespace WHERE nspname = %(schema)s)
SELECT 'relation', c.relname, c.relkind::text, c.relpersistence::text, c.relacl::text, c.reloptions::text,
       obj_description(c.oid, 'pg_class')
FROM pg_class c JOIN ours ON c.relnamespace = ours.oid
UNION ALL
SELECT 'column', c.relname || '.' || a.attname,
       (rank() OVER (PARTITION BY a.attrelid ORDER BY a.attnum))::text, format_type(a.atttypid, a.atttypmod),
       concat_ws('|', a.attnotnull, a.attidentity, a.attgenerated, a.attcollation::regcollation, a.attstorage),
       pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN ours ON c.relnamespace = ours.oid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', k.conrelid::regclass::text || '.' || k.conname, k.contype::text, pg_get_constraintdef(k.oid),
       concat_ws('|', k.condeferrable, k.condeferred, k.convalidated), k.confrelid::regclass::text,
       obj_description(k.oid, 'pg_constraint')
FROM pg_constraint k JOIN ours ON k.connamespace = ours.oid
UNION ALL
SELECT 'index', c.relname, pg_get_indexdef(i.indexrelid), concat_ws('|', i.indisunique, i.indisprimary, i.indisvalid),
       i.indisreplident::text, i.indnullsnotdistinct::text, obj_description(c.oid, 'pg_class')
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN ours ON c.relnamespace = ours.oid
UNION ALL
SELECT 'sequence', s.sequencename, concat_ws('|', s.data_type, s.start_value, s.increment_by, s.cycle, s.cache_size),
       s.last_value::text, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid), d.deptype::text, NULL
FROM pg_sequences s JOIN ours ON s.schemaname = ours.nspname
LEFT JOIN pg_depend d ON d.objid = format('%%I.%%I', s.schemaname, s.sequencename)::regclass AND d.deptype IN ('a', 'i')
UNION ALL
SELECT 'trigger', t.tgrelid::regclass::text, regexp_replace(t.tgname, '\\d+$', ''),
       regexp_replace(pg_get_triggerdef(t.oid), '_\\d+"', '"'), t.tgenabled::text, NULL, NULL
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN ours ON c.relnamespace = ours.oid
UNION ALL
SELECT 'function', p.proname, pg_get_functiondef(p.oid), p.proacl::text, NULL, NULL, NULL
FROM pg_proc p JOIN ours ON p.pronamespace = ours.oid WHERE p.prokind <> 'a'
UNION ALL
SELECT 'type', t.typname, t.typtype::text, t.typacl::text, NULL, NULL, NULL
FROM pg_type t JOIN ours ON t.typnamespace = ours.oid
UNION ALL
SELECT 'policy', p.polname, p.polcmd::text, NULL, NULL, NULL, NULL
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN ours ON c.relnamespace = ours.oid
UNION ALL
SELECT 'defaults', defaclobjtype::text, defaclacl::text, NULL, NULL, NULL, NULL
FROM pg_default_acl JOIN ours ON defaclnamespace = ours.oid
UNION ALL
SELECT 'schema', 'itself', ours.nspacl::text, obj_description(ours.oid, 'pg_namespace'), NULL, NULL, NULL FROM ours
UNION ALL
SELECT 'role', r.rolname, concat_ws('|', r.rolcanlogin, r.rolsuper, r.rolinherit), m.roleid::regrole::text,
       concat_ws('|', m.inherit_option, m.set_option, m.admin_option), NULL, NULL
FROM pg_roles r JOIN pg_auth_members m ON m.member = r.oid OR m.roleid = r.oid
WHERE r.rolname = current_database() || '_' || %(schema)s
"""


def facts(schema: str) -> set[tuple[Any, ...]]:
    """What the server's catalogs say of a schema; two schemas that are equal give the same."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"schema": schema})
        return {tuple(_plain(str(part).replace(schema, "…")) for part in row) for row in cursor.fetchall()}


def _plain(fact: str) -> str:
    """PostgreSQL casts a list of words as a whole when it first parses it, and word by word when it reads that back."""
    each = re.sub(r"\((ARRAY\[[^\[\]]*\])\)::text\[\]", r"\1", fact)
    return re.sub(r"\(('[^']*'::character varying)\)::text", r"\1", each)


def rows(schema: str, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {columns} FROM "{schema}".{table} ORDER BY {columns}')
        return list(cursor.fetchall())


def execute(text: str) -> None:
    """As the login of the moment."""
    with connection.cursor() as cursor:
        cursor.execute(text)


@contextmanager
def logged_in(url: str, *, role_prefix: str = "") -> Iterator[None]:
    """This process's one alias at another database, as another login; afterwards as it was."""
    before, login = dict(connection.settings_dict), conninfo_to_dict(url)
    connection.close()
    connection.settings_dict.update(
        NAME=login["dbname"],
        USER=login.get("user", ""),
        PASSWORD=login.get("password", ""),
        HOST=login.get("host", ""),
        PORT=str(login.get("port", "")),
        ROLE_PREFIX=role_prefix,
    )
    connection.set_schema_to_public()
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)
        connection.set_schema_to_public()


@contextmanager
def platform(name: str) -> Iterator[dict[str, str]]:
    """An empty database of this process's own; the environment in which a command works on it as its owner."""
    with own_database(f"{name}_{os.getpid()}", os.environ) as urls:
        yield dict(os.environ) | urls | {"DB_LOGIN": "owner"}


@contextmanager
def held(env: dict[str, str], table: str, mode: str) -> Iterator[None]:
    """Somebody else holds a lock on the table until the block ends."""
    with psycopg.connect(env["OWNER_DATABASE_URL"]) as other:
        other.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield
        other.rollback()


@contextmanager
def later(folder: Path, *operations: str) -> Iterator[dict[str, str]]:
    """This code with further migrations of `reports`, one for each text; the settings that a process needs for it."""
    name = f"later_{uuid4().hex}"
    package = folder / name
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copy(settings.BASE_DIR / "apps/reports/migrations/0001_initial.py", package)
    before = "0001_initial"
    for number, operation in enumerate(operations, 2):
        this = f"{number:04}_later"
        (package / f"{this}.py").write_text(MIGRATION.format(before=before, operations=operation))
        before = this
    modules = {"reports": name}
    (folder / f"{name}_settings.py").write_text(f"from config.settings import *\nMIGRATION_MODULES = {modules}\n")
    sys.path.insert(0, str(folder))
    with override_settings(MIGRATION_MODULES=modules):
        yield {"PYTHONPATH": f"{folder}{os.pathsep}{settings.BASE_DIR}", "DJANGO_SETTINGS_MODULE": f"{name}_settings"}
    sys.path.remove(str(folder))


def forget_later(schemas: Iterable[str]) -> None:
    """Take back what `later` added, and write down what is there again."""
    for schema in schemas:
        execute(f'ALTER TABLE "{schema}".reports_report DROP COLUMN IF EXISTS later')
        execute(f'DROP TABLE IF EXISTS "{schema}".reports_later CASCADE')
        execute(f"""DELETE FROM "{schema}".django_migrations WHERE app = 'reports' AND name <> '0001_initial'""")
    learn_versions()


def start(env: dict[str, str], *command: str) -> subprocess.Popen[str]:
    """A real process of manage.py, that does not outlive the test."""
    program = [sys.executable, str(settings.BASE_DIR / "manage.py"), *command]
    return subprocess.Popen(
        program, cwd=settings.BASE_DIR, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_for_blocked(process: subprocess.Popen[str]) -> None:
    """Until somebody on our database waits for a lock."""
    limit = time.monotonic() + 120
    while not rows(
        "pg_catalog", "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", "pid"
    ):
        assert process.poll() is None, process.stdout and process.stdout.read()
        assert time.monotonic() < limit
        time.sleep(0.05)
