"""Which tables leave with an organization, and how: what the applications say in their `archive_rules`.

A table without a rule stops the export: nobody's new table is forgotten, nor a new secret given away.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import FileField


class Rule(StrEnum):
    """What happens to a table's rows."""

    WHOLE = "whole"  # leave and come back
    GROWS = "grows"  # as whole; a restore in place also keeps the rows that were added since
    SEALED = "sealed"  # encrypted under the installation's key: come back where the key is the same
    STAYS = "stays"  # never leave


class NoRuleError(Exception):
    """A table that nobody decided about."""


@dataclass(frozen=True, slots=True)
class TableRule:
    """A rule and, where rows are left behind, the reason."""

    rule: Rule
    reason: str


def table_rules() -> dict[str, TableRule]:
    """Table -> rule, gathered from the applications."""
    said = {
        table: text for config in apps.get_app_configs() for table, text in getattr(config, "archive_rules", {}).items()
    }
    return {table: _parsed(text) for table, text in said.items()}


def rule_of(table: str) -> TableRule:
    """Raises NoRuleError for a table that nobody decided about."""
    try:
        return table_rules()[table]
    except KeyError:
        raise NoRuleError(f"No rule says whether the table {table} leaves with an organization.") from None


def natural_keys() -> dict[str, tuple[str, ...]]:
    """Public table -> the columns by which another installation knows the same row."""
    return {
        table: tuple(columns)
        for config in apps.get_app_configs()
        for table, columns in getattr(config, "archive_keys", {}).items()
    }


def public_references() -> dict[str, dict[str, str]]:
    """Table of an organization -> its columns that hold keys of a public table -> that table."""
    found: dict[str, dict[str, str]] = {}
    for meta in _metas():
        for field in meta.concrete_fields:
            related = getattr(field.related_model, "_meta", None)
            if related and related.app_config.name not in settings.TENANT_APPS:
                found.setdefault(meta.db_table, {})[str(field.column)] = related.db_table
    return found


def file_columns() -> dict[str, tuple[str, ...]]:
    """Table of an organization -> its columns that name files."""
    named = {meta.db_table: [f.column for f in meta.concrete_fields if isinstance(f, FileField)] for meta in _metas()}
    return {table: tuple(map(str, columns)) for table, columns in named.items() if columns}


def _metas() -> list[Any]:
    """Of every model whose table an organization has."""
    configs = [config for config in apps.get_app_configs() if config.name in settings.TENANT_APPS]
    return [model._meta for config in configs for model in config.get_models(include_auto_created=True)]  # noqa: SLF001


def _parsed(text: str) -> TableRule:
    rule, _, reason = text.partition(": ")
    return TableRule(Rule(rule), reason)
