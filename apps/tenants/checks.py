"""Facts that must hold before anything is served."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import Error, Tags, register
from django_tenants.utils import get_tenant_model, schema_context

from apps.tenants.backend.connections import connection

# Names only, which the application's login may see without a right on any of the schemas.
_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(%s)
"""


@register(Tags.models)
def check_tenant_applications(**kwargs: Any) -> list[Error]:
    """A table that is missing in an organization's schema would be read from `public`, without a word."""
    return [
        Error(f"{config.name} is in SHARED_APPS and in TENANT_APPS.", id="tenants.E001")
        for config in apps.get_app_configs()
        if config.name in settings.SHARED_APPS
        and config.name in settings.TENANT_APPS
        and config.label not in settings.APPS_IN_BOTH
    ]


@register(Tags.database)
def check_tables(databases: Sequence[str] | None = None, **kwargs: Any) -> list[Error]:
    """`manage.py check --database default`: every organization has its tables, and shares no name with `public`."""
    if not databases:
        return []
    with schema_context("public"):
        if "tenants_organization" not in _tables_of(["public"])["public"]:
            return []  # never migrated: the command that migrates runs this check first
        schemas = list(get_tenant_model().objects.values_list("schema_name", flat=True))
        found = _tables_of(["public", *schemas])
    ours = _owned_by(lambda app: app.name in settings.TENANT_APPS)
    shared = _owned_by(_is_in_both) | {"django_migrations"}
    errors: list[Error] = []
    for schema in schemas:
        if missing := ours - found[schema]:
            errors.append(Error(f"{schema} lacks {', '.join(sorted(missing))}.", id="tenants.E002"))
        if twice := found[schema] & found["public"] - shared:
            errors.append(Error(f"{schema} and public both have {', '.join(sorted(twice))}.", id="tenants.E003"))
    return errors


def _tables_of(schemas: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [schemas])
        for schema, table in cursor.fetchall():
            found[schema].add(table)
    return found


def _is_in_both(config: AppConfig) -> bool:
    return config.label in settings.APPS_IN_BOTH


def _owned_by(chosen: Callable[[AppConfig], bool]) -> set[str]:
    metas = [model._meta for app in apps.get_app_configs() if chosen(app) for model in app.get_models(True)]  # noqa: SLF001
    return {meta.db_table for meta in metas if meta.managed and not meta.proxy}
