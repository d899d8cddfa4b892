"""Making an organization's schema: by migration, as a copy, and out of the pool, beside the bare DDL of a copy."""

import itertools
import time
from collections.abc import Iterator
from statistics import median

import psycopg
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.tenants.backend import roles
from apps.tenants.models import TEMPLATE, ReadySchema, new_schema_name
from apps.tenants.services import create_organization, prepare_schemas
from apps.tenants.services.schemas import prepare_schema
from apps.tenants.services.template import make_schema, migrate_in_place, newest_text
from benchmarks.logins import as_owner
from benchmarks.measure import Goal, Measure, alternate
from benchmarks.people import organization

ROUNDS = 5
CLAIMS = 10
_number = itertools.count(1)


def provisioning() -> Iterator[Measure]:
    """Four ways in turn, each from nothing, with a connection that is open already."""
    ways = alternate([_migrated, _copied, _claimed, _bare], ROUNDS)
    migrated, copied, claimed, bare = (1000 * median(samples) for samples in ways)
    text = "the same tables as one text of bare DDL, without role, grants and rows of its own"
    yield Measure("organizations.migrate_ms", migrated, "ms", bare, text, Goal("value", "<=", 3_000))
    yield Measure("organizations.clone_ms", copied, "ms", bare, text, Goal("ratio", "<=", 1.5))
    text += f"; a claim with owner and watchlist, mean of {CLAIMS}"
    yield Measure("organizations.pool_ms", claimed, "ms", bare, text, Goal("ratio", "<=", 0.5))


def _migrated() -> float:
    with as_owner():
        start, schema = time.perf_counter(), new_schema_name()
        make_schema(schema)
        migrate_in_place(schema)
        roles.grant_organization(schema)
        return time.perf_counter() - start


def _copied() -> float:
    with as_owner():
        text = newest_text()
        start = time.perf_counter()
        prepare_schema(text)
        return time.perf_counter() - start


def _claimed() -> float:
    """Through the service, as the application; the owner chooses a password later, so none is hashed here."""
    with as_owner():
        prepare_schemas(CLAIMS + 1)
    with tenant_context(organization()):
        assert User.objects.exists()  # the first role of a connection costs more than the others
    start = time.perf_counter()
    for number in itertools.islice(_number, CLAIMS):
        create_organization(name=f"Claim {number}", subdomain=f"claim{number}", owner_email="one@claim.test")
    seconds = time.perf_counter() - start
    with schema_context("public"):
        assert ReadySchema.objects.exists(), "the pool ran dry while it was measured"
    return seconds / CLAIMS


def _bare() -> float:
    with as_owner() as url, psycopg.connect(url) as raw:
        text = newest_text().text.replace(TEMPLATE, new_schema_name())
        raw.execute("SELECT 1")
        start = time.perf_counter()
        raw.execute(text.encode())
        raw.commit()
        return time.perf_counter() - start


BENCHMARKS = {"organizations.": provisioning}
