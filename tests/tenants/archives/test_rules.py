"""Every table of an organization has a rule, taken from the catalog: nobody keeps a list that could forget one."""

import tomllib

import pytest
from django.apps import apps
from django.conf import settings
from django_tenants.utils import tenant_context

from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization
from apps.tenants.services.archives.manifest import PRODUCT
from apps.tenants.services.archives.rules import NoRuleError, Rule, natural_keys, public_references, table_rules
from apps.tenants.services.archives.tables import Table, tables_of

pytestmark = pytest.mark.django_db
# Nothing of these may be of use to whoever finds an archive.
SECRET = {"django_session", "accounts_knowndevice", "usersessions_usersession", "socialaccount_socialtoken",
          "account_emailconfirmation"}  # fmt: skip


def test_every_table_has_a_rule(acme: Organization) -> None:
    tables = tables_of(acme.schema_name)
    assert len(tables) > 20
    assert set(tables) - set(table_rules()) == set(), "Say in an AppConfig's archive_rules what becomes of them."


def test_no_rule_is_of_a_table_that_is_gone(acme: Organization) -> None:
    assert set(table_rules()) <= set(tables_of(acme.schema_name)) | {"socialaccount_socialapp_sites"}


def test_a_table_without_a_rule_stops_the_export(acme: Organization) -> None:
    with pytest.raises(NoRuleError, match="portfolio_unheard_of"):
        _ = Table(acme.schema_name, "portfolio_unheard_of", ("id",), ("id",)).rule


def test_every_key_of_a_public_row_has_a_name_that_others_know() -> None:
    referred = {public for columns in public_references().values() for public in columns.values()}
    assert "market_instrument" in referred
    assert referred <= set(natural_keys())


def test_what_is_behind_a_reason_has_one() -> None:
    rules = table_rules()
    assert [t for t, rule in rules.items() if rule.rule in {Rule.STAYS, Rule.SEALED} and not rule.reason] == []
    assert {rules[table].rule for table in SECRET} == {Rule.STAYS}


def test_a_row_that_leaves_needs_no_row_that_stays() -> None:
    """A key that leads to a table which stays behind would fail every restore."""
    rules, stays = table_rules(), {t for t, rule in table_rules().items() if rule.rule == Rule.STAYS}
    models = [m for c in apps.get_app_configs() if c.name in settings.TENANT_APPS for m in c.get_models(True)]
    leaving = [m._meta for m in models if rules[m._meta.db_table].rule != Rule.STAYS]
    needs = {
        (m.db_table, f.related_model._meta.db_table) for m in leaving for f in m.concrete_fields if f.related_model
    }
    assert {pair for pair in needs if pair[1] in stays} == set()


def test_the_product_says_its_version() -> None:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    assert f"{project['name']} {project['version']}" == PRODUCT


def test_the_catalog_is_read_of_the_schema_that_is_named(acme: Organization, globex: Organization) -> None:
    with tenant_context(acme):
        assert connection.schema_name == acme.schema_name
        assert {table.schema for table in tables_of(globex.schema_name).values()} == {globex.schema_name}
