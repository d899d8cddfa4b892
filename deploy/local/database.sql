-- What every database of ours needs before its first table (docs: isolation). Run by a superuser in template1 and in
-- the database itself; {app} is the application's login, {password} its password, {database} the database's name.

DO $$ BEGIN CREATE ROLE {app}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
ALTER ROLE {app} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {password};

-- Django calls set_config when the session's time zone is not its own.
ALTER ROLE {app} SET timezone = 'UTC';

-- With it one injected SELECT could change the role.
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;

-- Large objects belong to no schema, so no organization's role holds them.
REVOKE EXECUTE ON FUNCTION pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer), pg_catalog.lo_from_bytea(oid, bytea)
    FROM PUBLIC;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE CONNECT ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {app};
