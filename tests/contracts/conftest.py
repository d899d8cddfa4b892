"""Books and a report in both organizations, so that every address has something to lead to."""

import os
from collections.abc import Iterator
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django_tenants.utils import schema_context, tenant_context
from psycopg import sql
from psycopg.conninfo import make_conninfo

from apps.accounts.models import User
from apps.portfolio.models import Portfolio
from apps.portfolio.services import importing
from apps.reports.services import build_report, request_report
from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization
from apps.tenants.services.archives import build_archive, request_archive
from tests.conftest import member, organization_named
from tests.contracts.twins import Twin, add_guests, make_twins, names_of_twins


@pytest.fixture(scope="package")
def report(database: str, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Committed once for all of these tests, and taken back by the owner; what a test changes is rolled back."""
    with django_db_blocker.unblock():
        call_command("seed_demo_books", stdout=StringIO())
        for name, email in (("acme", "ann@acme.test"), ("globex", "eve@globex.test")):
            with tenant_context(organization_named(name)):
                bring_in(member(email))
                build_report(request_report(portfolio=Portfolio.objects.filter(shared=True)[0], by=member(email)))
            build_archive(request_archive(organization_named(name)))
        schemas = [add_guests(organization_named(name)) for name in ("acme", "globex")]
        connections.close_all()
    yield
    with psycopg.connect(make_conninfo(os.environ["OWNER_DATABASE_URL"], dbname=database)) as owner:
        owner.execute("DELETE FROM public.tenants_archive")
        for schema in schemas:
            for table in (
                "portfolio_portfolio",
                "portfolio_dashboard",
                "portfolio_mapping",
                "accounts_invitation",
                "accounts_supportgrant",
                "accounts_auditentry",
            ):
                owner.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(schema, table)))


def bring_in(by: User) -> None:
    """A file that was looked at and not recorded, and the mapping that it was read by."""
    book = Portfolio.objects.filter(shared=True)[0]
    content = b"Date,Type,Symbol,Quantity,Price\n2013-02-04,buy,AAPL,1,440\n2013-02-05,buy,Somebody,1,2\n"
    imported = importing.upload_import(portfolio=book, upload=SimpleUploadedFile("trades.csv", content), by=by)
    layout = importing.layout_of(imported)
    importing.save_mapping(name="Our broker", layout=layout, by=by)
    importing.start_reading(imported, layout)
    importing.work_on_import(imported)


@pytest.fixture(scope="package")
def twins(report: None, database: str, django_db_blocker: Any) -> Iterator[tuple[Twin, Twin]]:
    """Two organizations with acme's rows under acme's keys, each with its own marks; gone afterwards."""
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        found = make_twins(organization_named("acme"))
        for twin in found:
            build_archive(request_archive(twin.organization))
        connections.close_all()
    yield found
    with django_db_blocker.unblock(), schema_context("public"):
        schemas = names_of_twins()
        Organization.objects.filter(schema_name__in=schemas).delete()
        connections.close_all()
    with psycopg.connect(make_conninfo(os.environ["OWNER_DATABASE_URL"], dbname=database)) as owner:
        for schema in schemas:
            owner.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


@pytest.fixture
def north(twins: tuple[Twin, Twin], _at_acme: None) -> Iterator[Twin]:
    """The twin in whose context a test works."""
    with tenant_context(twins[0].organization):
        yield twins[0]


@pytest.fixture
def south(twins: tuple[Twin, Twin]) -> Twin:
    """The twin next door."""
    return twins[1]
