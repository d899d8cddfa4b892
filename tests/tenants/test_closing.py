"""The end of an organization, under the owner's login: nothing of it stays but the act and a resting name."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone
from django_tenants.utils import tenant_context

from apps.accounts.models import Act, AuditEntry
from apps.tenants import actors
from apps.tenants.models import Domain, Organization, RestingName
from apps.tenants.services import (
    close_organization,
    create_organization,
    prepare_schemas,
    reap,
    rename_subdomain,
    reopen_organization,
    suspend_organization,
)
from apps.tenants.storage import TenantStorage
from tests.tenants.fleet import logged_in, platform, rows


@pytest.fixture(scope="module")
def owned(django_db_blocker: Any) -> Iterator[dict[str, str]]:
    with django_db_blocker.unblock(), platform("closing") as env, logged_in(env["OWNER_DATABASE_URL"]):
        call_command("migrate_schemas", verbosity=0)
        yield env


@pytest.fixture
def initech(owned: dict[str, str], tmp_path: Path) -> Iterator[Organization]:
    before, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path
    prepare_schemas(1)
    yield create_organization(name="Initech", subdomain="initech", owner_email="bill@initech.test")
    settings.MEDIA_ROOT = before


def _day_comes(organization: Organization) -> None:
    Organization.objects.filter(pk=organization.pk).update(closes_at=timezone.now() - timedelta(seconds=1))


def _schemas() -> set[str]:
    found = rows("pg_catalog", "pg_namespace", "nspname::text") + rows("pg_catalog", "pg_roles", "rolname::text")
    return {name.rpartition("org_")[2] for (name,) in found if "org_" in name}


def test_nothing_stays_but_the_act_and_a_resting_name(initech: Organization, tmp_path: Path) -> None:
    with tenant_context(initech):
        TenantStorage().save("reports/one.pdf", ContentFile(b"theirs"))
    rename_subdomain(organization=initech, subdomain="zenith", by=None)
    close_organization(organization=initech, by=None)
    actors.drop_closed()
    assert Organization.objects.filter(pk=initech.pk).exists()  # its day has not come
    _day_comes(initech)
    actors.drop_closed()
    reap(timedelta(0))
    assert not Organization.objects.filter(pk=initech.pk).exists()
    assert not Domain.objects.exists()
    assert initech.schema_name.removeprefix("org_") not in _schemas()
    assert not (tmp_path / initech.schema_name).exists()
    act = AuditEntry.objects.get(act=Act.ORGANIZATION_DROPPED)
    assert (act.subject_id, act.details["subdomain"]) == (initech.pk, "zenith")
    for name in ("initech", "zenith"):
        with pytest.raises(ValidationError, match="rests until"):
            create_organization(name="Another", subdomain=name, owner_email="eve@another.test")
    RestingName.objects.all().delete()
    actors.drop_closed()  # again: nothing to do


@pytest.mark.parametrize("standing", ["active", "suspended", "reopened"])
def test_only_what_is_closing_is_dropped(initech: Organization, standing: str) -> None:
    if standing == "suspended":
        suspend_organization(organization=initech, by=None, reason="Invoice 17")
    if standing == "reopened":
        close_organization(organization=initech, by=None)
        reopen_organization(organization=initech, by=None)
    _day_comes(initech)
    actors.drop_closed()
    assert Organization.objects.filter(pk=initech.pk).exists()
    Organization.objects.filter(pk=initech.pk).delete()
