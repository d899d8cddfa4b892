"""Files of an organization are found in its own folder only."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django_tenants.utils import schema_context, tenant_context

from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization
from apps.tenants.storage import TenantStorage

pytestmark = pytest.mark.django_db


def test_a_file_is_read_back_where_it_was_stored(acme: Organization) -> None:
    storage = TenantStorage()
    name = storage.save("reports/one.txt", ContentFile(b"acme's"))
    with storage.open(name) as file:
        assert file.read() == b"acme's"
    assert (Path(settings.MEDIA_ROOT) / acme.schema_name / name).is_file()


def test_a_name_from_next_door_is_not_found(acme: Organization, globex: Organization) -> None:
    storage = TenantStorage()
    name = storage.save("reports/two.txt", ContentFile(b"acme's"))
    with tenant_context(globex):
        assert not storage.exists(name)
        with pytest.raises(SuspiciousFileOperation):
            storage.open(f"../{acme.schema_name}/{name}")


def test_without_an_organization_there_are_no_files() -> None:
    storage = TenantStorage()
    with schema_context("public"), pytest.raises(SuspiciousFileOperation):
        storage.exists("reports/one.txt")
    connection.set_no_organization()
    with pytest.raises(SuspiciousFileOperation):
        storage.save("one.txt", ContentFile(b""))
