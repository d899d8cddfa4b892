"""An organization with something in every table that leaves, committed once for these tests and dropped afterwards."""

import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connections
from django_tenants.utils import schema_context, tenant_context
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from apps.accounts.models import House, User
from apps.accounts.permissions import Role
from apps.accounts.services import add_member, record_audit
from apps.market.models import Instrument
from apps.portfolio.models import Account, Kind, Portfolio, Transaction, Watchlist
from apps.portfolio.services import onboard_user
from apps.reports.models import Report, Status
from apps.tenants.backend.connections import connection
from apps.tenants.models import Archive, Organization
from apps.tenants.services import create_organization
from tests.conftest import _log_in

PASSWORD = "stapler-red-42"


@pytest.fixture
def as_owner(committed: None, database: str) -> Iterator[None]:
    """Restores run under the owner's login."""
    _log_in(conninfo_to_dict(os.environ["OWNER_DATABASE_URL"]), database, role_prefix="")
    yield
    _log_in(conninfo_to_dict(settings.APP_DATABASE_URL), database, role_prefix="{database}_")


@pytest.fixture(scope="package")
def made(django_db_setup: None, django_db_blocker: Any, database: str) -> Iterator[str]:
    """Penetrode's subdomain."""
    with django_db_blocker.unblock():
        organization = create_organization(
            name="Penetrode",
            subdomain="penetrode",
            owner_email="bill@penetrode.test",
            owner_name="Bill",
            password=PASSWORD,
        )
        with tenant_context(organization):
            fill(organization)
        connections.close_all()
    yield organization.subdomain
    with django_db_blocker.unblock():
        for subdomain in ("penetrode", "initrode"):
            drop(subdomain, database)
        connections.close_all()


@pytest.fixture
def penetrode(committed: None, made: str) -> Organization:
    with schema_context("public"):
        organization: Organization = Organization.objects.get(subdomain=made)
    return organization


@pytest.fixture
def archive(penetrode: Organization, tmp_path: Path) -> Path:
    """As the operator's command writes it."""
    path = tmp_path / "penetrode.zip"
    call_command("export_organization", "penetrode", to=path, stdout=StringIO())
    return path


def fill(organization: Organization) -> None:
    """Awkward values on purpose: quotes, line ends, NULL beside empty text, many decimals, a private book."""
    owner = User.objects.get()
    peter = add_member(email="peter@penetrode.test", name='Peter "TPS", Gibbons', role=Role.ANALYST, password=PASSWORD)
    onboard_user(organization=organization, user=peter)
    book = Portfolio.objects.create(name="=cmd|'private'\n\\.", owner=peter, shared=False)
    account = Account.objects.create(portfolio=book, name="", currency="USD")
    for number, instrument in enumerate(Instrument.objects.all()[:3]):
        Transaction.objects.create(
            account=account, kind=Kind.BUY, instrument=instrument, quantity=Decimal("0.1000000001") + number,
            price=Decimal("99999999999999.0000000009"), currency="USD", traded_on=date(2012, 2, 29), recorded_by=peter,
        )  # fmt: skip
    Watchlist.objects.create(name="Füße 株\u2028", owner=owner, position=3)
    report = Report.objects.create(portfolio=book, requested_by=peter)
    report.file.save("statement.pdf", ContentFile(b"%PDF canary of penetrode " + bytes(range(256)) * 500), save=False)
    report.status, report.built_at = Status.READY, report.requested_at
    report.save()
    house = House(accent_colour="#3b82f6", contact="")
    house.logo.save("logo.png", ContentFile(b"\x89PNG of penetrode"), save=False)
    house.save()
    record_audit("house.changed", by_id=owner.pk, subject_id=None, address="192.0.2.7", fields=["logo", "ü", None])


def drop(subdomain: str, database: str) -> None:
    """What a test made, by the owner."""
    _log_in(conninfo_to_dict(os.environ["OWNER_DATABASE_URL"]), database, role_prefix="")
    for organization in Organization.objects.filter(subdomain=subdomain):
        name = sql.Identifier(organization.schema_name)
        role = sql.Identifier(f"{database}_{organization.schema_name}")
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(name))
            cursor.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(role))
        organization.delete()
    Archive.objects.all().delete()
    _log_in(conninfo_to_dict(settings.APP_DATABASE_URL), database, role_prefix="{database}_")
