"""Migrations of every schema: computed once on one of them, replayed on the others in one round trip each."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from time import monotonic

import psycopg
from django.core.management import call_command
from django.utils.timezone import now
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand
from django_tenants.utils import schema_context
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from apps.tenants.backend import roles
from apps.tenants.backend.connections import connection
from apps.tenants.backend.logins import alone, login
from apps.tenants.models import TEMPLATE, FleetRun, Organization, ReadySchema
from apps.tenants.services.changes import Change, change_of
from apps.tenants.services.template import keep_text, make_schema
from apps.tenants.services.versions import applied_in, learn_version, on_disk, target_version, version_of

logger = logging.getLogger(__name__)

SAVED_EVERY = 0.5  # seconds

type Told = Callable[[FleetRun], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How many schemas at once, and how long one may wait for a lock that a request holds."""

    workers: int = 4
    lock_timeout_ms: int = 2_000


@dataclass(frozen=True, slots=True)
class Behind:
    """A schema that has other migrations than the code."""

    schema: str
    version: str
    organization: Organization | None


type Outcome = tuple[Behind, Exception | None]


def is_behind() -> bool:
    """Whether a fleet migration has anything to do: one query, whatever the number of schemas."""
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT COALESCE((SELECT version FROM tenants_schematext ORDER BY made_at DESC LIMIT 1), '') <> %(target)s
                OR EXISTS (SELECT FROM tenants_organization WHERE schema_version <> %(target)s)
                OR EXISTS (SELECT FROM tenants_readyschema WHERE version <> %(target)s)
            """,
            {"target": target_version()},
        )
        row: tuple[bool] = cursor.fetchone()
    return row[0]


def migrate_public() -> None:
    """Platform and market tables, and what the application's login may do with them."""
    if applied_in("public") != on_disk().keys():
        call_command(MigrateSchemasCommand(), shared=True, interactive=False, verbosity=0)
    connection.set_schema_to_public()
    roles.grant_public()


def waiting_schemas() -> list[str]:
    """The template, if there is one, and its copies that no organization has taken."""
    with schema_context("public"):
        ready = list(ReadySchema.objects.values_list("schema_name", flat=True))
    return [TEMPLATE, *ready] if applied_in(TEMPLATE) else ready


def learn_versions() -> None:
    """After Django's own commands: write down what every schema really has, and the template's text."""
    with schema_context("public"):
        schemas = [*Organization.objects.values_list("schema_name", flat=True), *waiting_schemas()]
    for schema in schemas:
        learn_version(schema)
    if TEMPLATE in schemas:
        keep_text()
    roles.grant_public()


def migrate_fleet(pace: Pace | None = None, *, only: str = "", tell: Told = lambda run: None) -> FleetRun:
    """Bring the template and every schema (or only one organization's) to the migrations of this code.

    A schema that is blocked or fails stays as it was and is written down with its reason; the others go on.
    Can be repeated at any time: only schemas of another version are touched. Needs the owner's login and a migrated
    `public`. Raises BusyError, DumpError, and what the template's own migration raises.
    """
    pace = pace or Pace()
    with alone("migrate_fleet"), schema_context("public"):
        changes = _migrate_template(pace)
        behind = _behind(only)
        run = FleetRun(version=target_version(), schemas=len(behind))
        if behind:
            run.save()
            _follow(run, _outcomes(behind, changes, pace), tell)
        return run


def _migrate_template(pace: Pace) -> dict[str, Change]:
    """What led the template from the version that it had, if it was behind; its text is written anew."""
    make_schema(TEMPLATE)
    version = version_of(applied_in(TEMPLATE))
    changes = {version: change_of(TEMPLATE, pace.lock_timeout_ms)} if version != target_version() else {}
    keep_text()
    return changes


def _behind(only: str) -> list[Behind]:
    """By version, and organizations first: their people wait."""
    unknown = [*Organization.objects.filter(schema_version=""), *ReadySchema.objects.filter(version="")]
    for one in unknown:
        learn_version(one.schema_name)
    organizations = Organization.objects.exclude(schema_version=target_version())
    if only:
        organizations = organizations.filter(subdomain=only)
    found = [Behind(one.schema_name, one.schema_version, one) for one in organizations]
    ready = ReadySchema.objects.none() if only else ReadySchema.objects.exclude(version=target_version())
    return sorted([*found, *(Behind(one.schema_name, one.version, None) for one in ready)], key=attrgetter("version"))


def _follow(run: FleetRun, outcomes: Iterable[Outcome], tell: Told) -> None:
    """Keep the run's row at what is true, a moment late at most."""
    tell(run)
    saved = monotonic()
    for behind, error in outcomes:
        if error is None:
            run.migrated += 1
        else:
            run.failed += 1
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            logger.warning("%s stays behind: %s", behind.schema, reason)
            run.failures.create(schema_name=behind.schema, organization=behind.organization, reason=reason)
        if monotonic() - saved > SAVED_EVERY:
            run.save()
            saved = monotonic()
        tell(run)
    run.finished_at = now()
    run.save()


def _outcomes(behind: Iterable[Behind], changes: dict[str, Change], pace: Pace) -> Iterator[Outcome]:
    """Version by version, so that each change is computed once."""
    for version, group in groupby(behind, key=attrgetter("version")):
        yield from _migrated(list(group), changes.get(version), pace)


def _migrated(group: list[Behind], change: Change | None, pace: Pace) -> Iterator[Outcome]:
    """Where no change is known, the first schema goes in Django's own way, and the rest repeats what that took."""
    while group and not (change and change.is_replayable):
        one = group.pop(0)
        try:
            change = change_of(one.schema, pace.lock_timeout_ms)
        except Exception as error:  # whatever a migration raises is this schema's trouble alone
            connection.close()
            yield one, error
        else:
            yield one, None
        finally:
            learn_version(one.schema)
    if group and change:
        yield from _replayed(group, change, pace)


def _replayed(group: Sequence[Behind], change: Change, pace: Pace) -> Iterator[Outcome]:
    version = target_version()

    def replay(schema: str) -> None:
        with pool.connection() as free:
            free.execute(change.text_for(schema, version=version, lock_timeout_ms=pace.lock_timeout_ms))

    with (
        ConnectionPool(
            make_conninfo(**login()), min_size=1, max_size=pace.workers, kwargs={"autocommit": True}
        ) as pool,
        ThreadPoolExecutor(pace.workers) as threads,
    ):
        futures = {threads.submit(replay, one.schema): one for one in group}
        for future in as_completed(futures):
            error = future.exception()
            if error is not None and not isinstance(error, psycopg.Error):
                raise error
            yield futures[future], error
