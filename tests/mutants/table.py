"""The mutants: which guard is taken away, and which behavioural tests must go red."""

from tests.mutants.mutant import ROLES, Mutant
from tests.mutants.people import SIGN_IN

BASE = "apps/tenants/backend/base.py"
LOCKS = "tests/tenants/test_locks.py::"
KEYS = "tests/tenants/test_keys.py::"
TASKS = "tests/tenants/test_tasks.py::"
HOSTS = "tests/tenants/test_hosts.py::"
ACCESS = "tests/tenants/test_access.py::"

TWO_LOCKS = (
    Mutant(
        "an organization's role may read every schema", ROLES,
        "GRANT USAGE ON SCHEMA {schema} TO {role};\nGRANT SELECT, INSERT",
        "GRANT USAGE ON SCHEMA {schema} TO PUBLIC;\n"
        "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO PUBLIC;\nGRANT SELECT, INSERT",
        (LOCKS + "test_a_wrong_search_path_reads_no_row",),
    ),
    Mutant(
        "the login inherits what its organizations may", ROLES,
        "TO {app} WITH INHERIT FALSE", "TO {app} WITH INHERIT TRUE",
        (LOCKS + "test_the_login_alone_reads_no_organization",),
    ),
    Mutant(
        "organizations may write market data", ROLES,
        'READ = "GRANT SELECT ON public.{} TO {}"', 'READ = "GRANT ALL ON public.{} TO {}"',
        (LOCKS + "test_market_data_are_read_only",),
    ),
    Mutant(
        "organizations may read every public table", ROLES,
        " AND tablename LIKE 'market\\\\_%%'", "",
        (LOCKS + "test_public_tables_that_are_not_market_data_are_closed",),
    ),
    Mutant(
        "the audit log can be changed", ROLES,
        "REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.accounts_auditentry FROM {role};", "",
        (LOCKS + "test_what_was_written_down_stays",),
    ),
    Mutant(
        "a failed SET is swallowed", BASE,
        "            setter.execute(self._locks(schemas))\n",
        "            with __import__('contextlib').suppress(DatabaseError):\n"
        "                setter.execute(self._locks(schemas))\n",
        (LOCKS + "test_a_failed_set_raises_and_reads_nothing",),
    ),
    Mutant(
        "an injected SELECT may change the role", "deploy/local/database.sql",
        "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC",
        (LOCKS + "test_an_injected_select_cannot_change_the_role",),
    ),
    Mutant(
        "large objects are open to everybody", "deploy/local/database.sql",
        "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer), "
        "pg_catalog.lo_from_bytea(oid, bytea)\n    FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer), "
        "pg_catalog.lo_from_bytea(oid, bytea)\n    TO PUBLIC",
        (KEYS + "test_large_objects_which_belong_to_no_schema_are_closed",),
    ),
    Mutant(
        "no organization is public", BASE,
        '            raise NoOrganizationError("No organization in context: '
        'open tenant_context() or schema_context() first.")',
        "            self.set_schema_to_public()",
        (LOCKS + "test_without_an_organization_every_query_raises",
         LOCKS + "test_a_transaction_outside_a_context_raises"),
    ),
    Mutant(
        "a connection goes back to the pool as it is", "apps/tenants/backend/pool.py",
        'connection.execute("DISCARD ALL")', "pass",
        (LOCKS + "test_a_connection_goes_back_to_the_pool_as_nobodys",),
    ),
)  # fmt: skip

LEAKS = (
    Mutant(
        "a socket keeps the organization that its thread has", "apps/tenants/live/consumer.py",
        "    with tenant_context(organization):\n        return allowed_cells(user, topics)",
        "    from django.db import connection\n\n    if not connection.schema_name.startswith('org_'):\n"
        "        connection.set_tenant(organization)\n    return allowed_cells(user, topics)",
        ("tests/tenants/test_socket.py::test_pages_of_two_organizations_are_each_shown_their_own",),
    ),
    Mutant(
        "any Origin of the platform will do", "apps/tenants/middleware.py",
        """return origin == f"{'https' if settings.HTTPS else 'http'}://{host.lower()}\"""",
        "return settings.BASE_DOMAIN in origin",
        (HOSTS + "test_a_form_from_another_origin_is_refused",
         "tests/tenants/test_socket.py::test_another_origin_is_refused"),
    ),
    Mutant(
        "a form's token is good everywhere", "apps/tenants/middleware.py",
        "if given != form_secret(given[:_SECRET]):", "if not given:",
        (HOSTS + "test_a_forms_token_of_acme_is_refused_at_globex",),
    ),
    Mutant(
        "a message without a schema is only logged", "apps/tenants/tasks.py",
        "class NoSchemaError(MiddlewareError):", "class NoSchemaError(Exception):",
        (TASKS + "test_a_message_without_schema_never_runs",),
    ),
    Mutant(
        "a worker's thread stays where its last job was", "apps/tenants/tasks.py",
        '        """The thread works for nobody until its next job."""\n        connection.set_no_organization()',
        '        """The thread works for nobody until its next job."""',
        (TASKS + "test_between_two_jobs_the_thread_works_for_nobody",),
    ),
    Mutant(
        "a job runs in the schema of the thread that takes it", "apps/tenants/tasks.py",
        'message.options.setdefault("schema", fixed or connection.schema_name)',
        'message.options["schema"] = fixed or connection.schema_name',
        (TASKS + "test_a_message_that_names_its_schema_keeps_it",),
    ),
    Mutant(
        "content types of one organization are remembered in the next", BASE,
        "        super().set_tenant(tenant, include_public)\n",
        "        from django.contrib.contenttypes.models import ContentType as Kept\n\n"
        "        kept = dict(Kept.objects._cache)\n        super().set_tenant(tenant, include_public)\n"
        "        Kept.objects._cache.update(kept)\n",
        (KEYS + "test_what_a_table_is_numbered_is_asked_in_each_organization",),
    ),
    Mutant(
        "any application may be in both lists", "apps/tenants/checks.py",
        "and config.label not in settings.APPS_IN_BOTH", "and False",
        ("tests/tenants/test_platform.py::test_an_application_in_both_lists_is_an_error_unless_it_is_named",),
    ),
    Mutant(
        "a missing table is not noticed", "apps/tenants/checks.py",
        "if missing := ours - found[schema]:", "if missing := set[str]():",
        ("tests/tenants/test_platform.py::test_the_check_of_tables_names_what_is_missing_and_what_is_twice",),
    ),
    Mutant(
        "a row of acme can be saved at globex", "apps/tenants/models/rows.py",
        "if self._schema != connection.schema_name:", "if False:",
        ("tests/tenants/test_models.py::test_saving_in_another_organization_is_refused",
         "tests/tenants/test_models.py::test_many_at_once_are_refused_in_another_organization"),
    ),
    Mutant(
        "a signature is good everywhere", "apps/tenants/signing.py",
        'return f"{salt}:{schema or schema_in_context()}"', "return salt",
        (KEYS + "test_a_signature_of_acme_is_refused_at_globex",
         "tests/tenants/test_topics.py::test_another_organizations_list_is_refused"),
    ),
    Mutant(
        "a list of topics is good in every session", "apps/tenants/live/topics.py",
        'if payload["session"] != _session_mark(session_key):', "if False:",
        ("tests/tenants/test_topics.py::test_another_sessions_list_is_refused",),
    ),
    Mutant(
        "a client may write its own address", "apps/tenants/ratelimits.py",
        'hops[-1].strip() if hops else ""', 'hops[0].strip() if hops else ""',
        (KEYS + "test_an_address_is_what_our_own_proxy_saw",),
    ),
    Mutant(
        "a member's budget is shared with the neighbour of the same key", "apps/tenants/ratelimits.py",
        'return f"{connection.schema_name}:{request.user.pk}"', 'return str(request.user.pk)',
        (KEYS + "test_a_budget_is_one_organizations",),
    ),
    Mutant(
        "a pooler is not noticed", "apps/tenants/backend/identity.py",
        "if pid != began_with:", "if False:",
        ("tests/tenants/test_identity.py::test_a_pooler_that_switches_servers_is_refused",),
    ),
    Mutant(
        "a pooler is not noticed after the first transaction", "apps/tenants/backend/identity.py",
        "TRANSACTIONS = 2", "TRANSACTIONS = 1",
        ("tests/tenants/test_identity.py::test_a_pooler_that_switches_servers_is_refused[2]",),
    ),
    Mutant(
        "a foreign server is not noticed", "apps/tenants/backend/identity.py",
        "if cluster != expected:", "if False:",
        ("tests/tenants/test_identity.py::test_every_new_connection_asks_which_server_it_is",),
    ),
    Mutant(
        "a host has several spellings", "apps/tenants/middleware.py",
        "return value.partition(\":\")[0] == canonical_host(host_name(value))", "return True",
        (HOSTS + "test_every_other_spelling_leads_to_it",),
    ),
    Mutant(
        "a cursor goes on reading in the next organization", BASE,
        "                cursor.close()\n", "                pass\n",
        (KEYS + "test_rows_that_are_still_being_read_end_with_their_context",),
    ),
    Mutant(
        "a library's thread works in public", BASE,
        "            self.set_no_organization()  # commands", "            pass  # commands",
        (KEYS + "test_a_thread_that_a_library_starts_works_for_nobody",),
    ),
)  # fmt: skip

LAW = (
    Mutant(
        "tenancy is not the worker's first middleware", "config/settings.py",
        '        "apps.tenants.tasks.TenantMiddleware",\n        "dramatiq.middleware.AgeLimit",',
        '        "dramatiq.middleware.AgeLimit",\n        "apps.tenants.tasks.TenantMiddleware",',
        (TASKS + "test_every_other_middleware_works_inside_the_organization",),
    ),
    Mutant(
        "a request leaves its organization behind", "apps/tenants/middleware.py",
        "            connection.set_tenant(before if before.schema_name != \"public\" else NoOrganization())",
        "            pass",
        (HOSTS + "test_a_request_leaves_no_organization_behind",),
    ),
    Mutant(
        "cache keys carry no schema", "apps/tenants/backend/keys.py",
        'return f"{schema_in_context()}:{key_prefix}:{version}:{key}"', 'return f"{key_prefix}:{version}:{key}"',
        (KEYS + "test_what_acme_caches_globex_does_not_find",),
    ),
    Mutant(
        "locks carry no schema", "apps/tenants/backend/keys.py",
        'blake2b(f"{schema_in_context()}:{name}".encode(), digest_size=8)', "blake2b(name.encode(), digest_size=8)",
        (KEYS + "test_a_lock_of_acme_is_another_one_at_globex",),
    ),
    Mutant(
        "files of all organizations lie in one folder", "apps/tenants/storage.py",
        "return str(media_folder(schema))", "return str(Path(settings.MEDIA_ROOT).absolute())",
        ("tests/tenants/test_storage.py::test_a_name_from_next_door_is_not_found",),
    ),
    Mutant(
        "files are kept without an organization", "apps/tenants/storage.py",
        'if not schema or schema == "public":', "if False:",
        ("tests/tenants/test_storage.py::test_without_an_organization_there_are_no_files",),
    ),
)  # fmt: skip

INSIDE = (
    Mutant(
        "a permission is not asked for", "apps/accounts/permissions.py",
        "if not request.user.may(permission):", "if False:",
        ("tests/contracts/test_access.py::test_a_viewer_changes_nothing",),
    ),
    Mutant(
        "private books are everybody's", "apps/portfolio/models/ledger.py",
        "return self.filter(Q(shared=True) | Q(owner=user))", "return self.all()",
        ("tests/contracts/test_access.py::test_a_colleagues_private_book_is_not_found",),
    ),
    Mutant(
        "another member's own topic may be heard", "apps/reports/live.py",
        "return {user_topic(user)} & set(topics)", "return set(topics)",
        ("tests/tenants/test_topics.py::test_a_colleagues_own_topic_is_not_allowed",),
    ),
    Mutant(
        "amounts are heard by who may not see them", "apps/portfolio/live.py",
        "if not user.sees_amounts:", "if False:",
        (ACCESS + "test_amounts_that_were_taken_away_are_heard_no_more[amounts]",),
    ),
    Mutant(
        "an open socket is never judged again", "apps/tenants/live/hub.py",
        "return self._listen, self._flush, self._announce, self._judge",
        "return self._listen, self._flush, self._announce",
        (ACCESS + "test_amounts_that_were_taken_away_are_heard_no_more[share]",),
    ),
)  # fmt: skip

MUTANTS = (*TWO_LOCKS, *LEAKS, *LAW, *INSIDE, *SIGN_IN)
