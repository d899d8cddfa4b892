"""One organization comes back in place among many others, beside a raw COPY of its rows into the same tables."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

import psycopg
from django.core.files.base import ContentFile
from django_tenants.utils import tenant_context
from psycopg import sql

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio.models import Account, Kind, Portfolio, Transaction, Watchlist, WatchlistItem
from apps.reports.models import Report, Status
from apps.tenants.models import Organization
from apps.tenants.services.archives.reading import sound_archive
from benchmarks.measure import Goal, Measure, alternate
from benchmarks.people import organization
from benchmarks.sizes import sizes
from deploy.local.folders import ROOT

TRANSACTIONS = 20_000
BOOKS = LISTS = 20
FILES = 50
ROUNDS = 3
OTHERS = 1_000 if os.environ.get("FULL") else 40
OWNER = os.environ.get("OWNER_DATABASE_URL", "")


def restore() -> Iterator[Measure]:
    """The operator's command as a process of its own: checksums, the export of what is replaced, load and swap."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"MEDIA_ROOT": f"{folder}/media", "ARCHIVE_DIR": f"{folder}/archives"}
        env, ours = dict(os.environ) | files | {"DB_LOGIN": "owner"}, organization()
        _manage(env, "prepare_schemas", "--count", str(OTHERS), "-v0")
        fill(ours, Path(files["MEDIA_ROOT"]))
        archive = Path(folder) / "taken.zip"
        _manage(env, "export_organization", ours.subdomain, "--to", str(archive))
        with sound_archive(archive) as sound:
            rows, tables = sound.manifest.rows, [entry.table for entry in sound.manifest.tables]

        def back() -> float:
            start = time.perf_counter()
            _manage(env, "restore_organization", str(archive), "--replace")
            return time.perf_counter() - start

        taken, raw = (median(samples) for samples in alternate([back, lambda: copied(ours, tables)], ROUNDS))
    text = f"raw COPY of its {rows:,} rows into the same indexed tables; {OTHERS:,} other schemas, {FILES} files"
    yield Measure("organizations.restore_s", taken, "s", raw, text, Goal("value", "<=", 60))


def fill(ours: Organization, media: Path) -> None:
    """Beside the members that are there: lists, books, a ledger and files, as a firm of some years has them."""
    from django.conf import settings

    settings.MEDIA_ROOT = media
    with tenant_context(ours):
        people, instruments = list(User.objects.all()), list(Instrument.objects.order_by("pk")[: sizes().watched])
        for number in range(LISTS):
            watchlist = Watchlist.objects.create(name=f"List {number}", owner=people[number], position=number + 1)
            WatchlistItem.objects.bulk_create(
                WatchlistItem(watchlist=watchlist, instrument=instrument, position=place)
                for place, instrument in enumerate(instruments)
            )
            _book(people[number], f"Book {number}", instruments)


def _book(owner: User, name: str, instruments: list[Instrument]) -> None:
    book = Portfolio.objects.create(name=name, owner=owner, shared=True)
    account = Account.objects.create(portfolio=book, name="Custody", currency="USD")
    Transaction.objects.bulk_create(
        Transaction(
            account=account, kind=Kind.BUY, instrument=instruments[number % len(instruments)], currency="USD",
            quantity=Decimal(number + 1), price=Decimal("12.3456789"), fee=Decimal("4.95"), recorded_by=owner,
            traded_on=date(2010, 1, 1) + timedelta(days=number),
        )
        for number in range(TRANSACTIONS // BOOKS)
    )  # fmt: skip
    for _ in range(FILES // BOOKS + 1):
        report = Report(portfolio=book, requested_by=owner, status=Status.READY, built_at=owner.joined_at)
        report.file.save("statement.pdf", ContentFile(os.urandom(100_000)), save=False)
        report.save()


def copied(ours: Organization, tables: list[str]) -> float:
    """Seconds that the rows take into empty tables of the same shape, with their indexes; nothing is checked."""
    with psycopg.connect(OWNER) as connection:
        connection.execute("DROP SCHEMA IF EXISTS raw_copy CASCADE")
        connection.execute("CREATE SCHEMA raw_copy")
        loads = [_emptied(connection, ours.schema_name, table) for table in tables]
        start = time.perf_counter()
        for statement, data in loads:
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(data)
        connection.commit()
        return time.perf_counter() - start


def _emptied(connection: psycopg.Connection, schema: str, table: str) -> tuple[sql.Composed, bytes]:
    """A table like the organization's, without rows, and the rows that go into it."""
    source, target = sql.Identifier(schema, table), sql.Identifier("raw_copy", table)
    connection.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(target, source))
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} TO STDOUT").format(source)) as copy:
        return sql.SQL("COPY {} FROM STDIN").format(target), b"".join(map(bytes, copy))


def _manage(env: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stderr.strip()[-500:]}")


BENCHMARKS = {"organizations.restore": restore}
