"""A Postgres role per organization: the SQL that makes it and the rights that it has.

Runs under the owner's login. `<database>_reader` may read market data; each organization's role inherits it.
"""

from django.conf import settings
from django.db import connection
from psycopg import sql

PUBLIC_GRANTS = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {app}, {reader};
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {app};
REVOKE UPDATE, DELETE, TRUNCATE ON public.accounts_auditentry FROM {app};
"""
READ = "GRANT SELECT ON public.{} TO {}"
ORGANIZATION_ROLE = """
DO $$ BEGIN CREATE ROLE {role} NOLOGIN NOSUPERUSER; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT {reader} TO {role} WITH INHERIT TRUE, SET FALSE;
GRANT {role} TO {app} WITH INHERIT FALSE, SET TRUE, ADMIN FALSE;
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {role};
REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.accounts_auditentry FROM {role};
"""


def role_name(schema: str) -> str:
    """Roles belong to the cluster, so they carry the database's name."""
    return f"{connection.settings_dict['NAME']}_{schema}"


def make_role(name: str) -> None:
    """Parallel migrations may make the same role: the second finds it made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOSUPERUSER").format(sql.Identifier(name)))


def grant_public() -> None:
    """The application's login works on every public table; organizations may read market data only.

    settings.CLOSED_TABLES tell who needs what, or are the operator's: no organization reads them.
    """
    reader = role_name("reader")
    make_role(reader)
    with connection.cursor() as cursor:
        cursor.execute(_filled(PUBLIC_GRANTS))
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'market\\_%%'", []
        )
        for (table,) in cursor.fetchall():
            grant = "REVOKE ALL ON public.{} FROM {}" if table in settings.CLOSED_TABLES else READ
            cursor.execute(sql.SQL(grant).format(sql.Identifier(table), sql.Identifier(reader)))


def grant_organization(schema: str) -> None:
    """The second lock: a role with rights on this schema alone, which the application's login may take on."""
    with connection.cursor() as cursor:
        cursor.execute(organization_role(schema))


def organization_role(schema: str) -> sql.Composed:
    """The statements that make the role of a migrated schema; repeating them changes nothing."""
    return _filled(ORGANIZATION_ROLE, schema=schema)


def drop_role(name: str) -> None:
    """A role whose schema is gone owns nothing; one that does not exist is no error."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


def _filled(text: str, schema: str = "public") -> sql.Composed:
    names = {
        "app": settings.APP_ROLE,
        "database": str(connection.settings_dict["NAME"]),
        "reader": role_name("reader"),
        "role": role_name(schema),
        "schema": schema,
    }
    return sql.SQL(text).format(**{key: sql.Identifier(name) for key, name in names.items()})
