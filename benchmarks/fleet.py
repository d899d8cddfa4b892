"""One change over many schemas: a fleet migration beside the same DDL sent bare, and asking whether there is one."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from django.conf import settings
from django.test import override_settings
from django_tenants.utils import schema_context
from psycopg_pool import ConnectionPool

from apps.tenants.backend.connections import connection
from apps.tenants.models import FleetRun, ReadySchema
from apps.tenants.services import Pace, is_behind, migrate_fleet, migrate_public, prepare_schemas
from benchmarks.logins import as_owner
from benchmarks.measure import Goal, Measure, alternate, seconds_a_call

SCHEMAS = 1_000 if os.environ.get("FULL") else 60
ROUNDS = 3
WORKERS = 4
MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("reports", "{before}")]
    operations = [
        migrations.AddField("report", "later{number}", models.CharField(max_length=9, default="x", db_index=True))
    ]
"""
# What Django makes of that.
BARE = """
BEGIN;
SET LOCAL search_path = {schema}, public;
ALTER TABLE "reports_report" ADD COLUMN "bare{number}" varchar(9) DEFAULT 'x' NOT NULL;
ALTER TABLE "reports_report" ALTER COLUMN "bare{number}" DROP DEFAULT;
CREATE INDEX "bare{number}_a" ON "reports_report" ("bare{number}");
CREATE INDEX "bare{number}_b" ON "reports_report" ("bare{number}" varchar_pattern_ops);
COMMIT
"""


def fleet() -> Iterator[Measure]:
    """The seconds from the first schema to the last one; the template is migrated before, once."""
    with as_owner() as url, tempfile.TemporaryDirectory() as folder:
        prepare_schemas(SCHEMAS)
        with schema_context("public"):
            schemas = list(ReadySchema.objects.values_list("schema_name", flat=True))
        with _migrations(Path(folder)) as grow:
            ways: list[Callable[[], float]] = [lambda: _migrated(grow), _bare(url, schemas)]
            ours, bare = (1000 * median(samples) / len(schemas) for samples in alternate(ways, ROUNDS))
            check, union = seconds_a_call([is_behind, lambda: _asked_each(schemas)], rounds=5, calls=5)
            assert not is_behind()
    text = f"the same four statements sent bare, {len(schemas)} schemas over {WORKERS} connections too"
    yield Measure("fleet.per_schema_ms", ours, "ms", bare, text, Goal("ratio", "<=", 2))
    text = f"one UNION ALL over django_migrations of {len(schemas)} schemas"
    yield Measure("fleet.noop_check_ms", 1000 * check, "ms", 1000 * union, text, Goal("value", "<=", 5))


def _migrated(grow: Callable[[], None]) -> float:
    times: list[float] = []
    grow()
    migrate_public()
    run = migrate_fleet(Pace(WORKERS), tell=lambda run: times.append(time.perf_counter()))
    assert run.migrated == run.schemas == FleetRun.objects.latest("started_at").migrated > 1
    return times[-1] - times[0]


def _bare(url: str, schemas: Sequence[str]) -> Callable[[], float]:
    numbers = iter(range(1, 100))

    def run() -> float:
        number = next(numbers)
        start = time.perf_counter()
        with (
            ConnectionPool(url, min_size=1, max_size=WORKERS, kwargs={"autocommit": True}) as pool,
            ThreadPoolExecutor(WORKERS) as threads,
        ):

            def send(schema: str) -> None:
                with pool.connection() as free:
                    free.execute(BARE.format(schema=schema, number=number).encode())

            list(threads.map(send, schemas))
        return time.perf_counter() - start

    return run


def _asked_each(schemas: Sequence[str]) -> None:
    text = " UNION ALL ".join(f"SELECT '{schema}', count(*) FROM {schema}.django_migrations" for schema in schemas)
    with connection.cursor() as cursor:
        cursor.execute(text)
        assert len(cursor.fetchall()) == len(schemas)


@contextmanager
def _migrations(folder: Path) -> Iterator[Callable[[], None]]:
    """Each call gives this code one more migration of `reports`, in a package of another name."""
    texts = {"0001_initial": (settings.BASE_DIR / "apps/reports/migrations/0001_initial.py").read_text()}
    sys.path.insert(0, str(folder))

    def grow() -> None:
        number, last = len(texts), next(reversed(texts))
        texts[f"{number + 1:04}_later"] = MIGRATION.format(before=last, number=number)
        package = folder / f"reports_{number}"
        package.mkdir()
        for name, text in {"__init__": "", **texts}.items():
            (package / f"{name}.py").write_text(text)
        settings.MIGRATION_MODULES = {"reports": package.name}

    with override_settings(MIGRATION_MODULES={}):
        yield grow
    sys.path.remove(str(folder))


BENCHMARKS = {"fleet.": fleet}
