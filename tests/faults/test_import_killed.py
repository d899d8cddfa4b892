"""kill -9 of a real worker while it records an import: nothing is half done, and the job is found again."""

import subprocess
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from dramatiq import Message

from apps.accounts.models import User
from apps.portfolio.models import Import, Portfolio, Transaction
from apps.portfolio.models.imports import State
from apps.portfolio.services import create_portfolio, importing
from apps.tenants.backend.broker import FairBroker
from apps.tenants.backend.connections import connection
from tests.tenants.archives.processes import environment, holding, kill, start, wait_until_blocked, wait_until_gone

PATIENCE, ROWS = 90, 500
WORKER = ("rundramatiq", "--processes", "1", "--threads", "1", "--queues", "default")


@pytest.fixture
def shown(committed: None, ann: User) -> Iterator[Import]:
    """A file that was read; the member has said that it shall be recorded."""
    book = create_portfolio(name="Killed", owner=ann)
    rows = [f"2013-02-04,buy,AAPL,{place + 1},440" for place in range(ROWS)]
    content = "\n".join(["Date,Type,Symbol,Quantity,Price", *rows]).encode()
    imported = importing.upload_import(portfolio=book, upload=SimpleUploadedFile("a.csv", content), by=ann)
    importing.start_reading(imported, importing.layout_of(imported))
    imported = importing.work_on_import(imported)
    assert importing.start_recording(imported, by=ann)
    yield imported
    Transaction.objects.filter(batch=imported).delete()
    imported.delete()
    Portfolio.objects.get(pk=book.pk).delete()


def worker(database: str) -> subprocess.Popen[str]:
    """As in production: the application's login."""
    return start(environment(database, DB_LOGIN="app", PGAPPNAME="killed", MARKET_PROVIDER="replay"), *WORKER)


def send(imported: Import) -> FairBroker:
    """As the page does, and the sweep."""
    broker = FairBroker(url=settings.BROKER_URL, middleware=[])  # type: ignore[no-untyped-call]
    options = {"schema": connection.schema_name}
    broker.enqueue(Message("default", "work_on_import", (str(imported.pk),), {}, options))
    return broker


def state_of(imported: Import) -> tuple[str, int]:
    imported.refresh_from_db()
    return imported.state, Transaction.objects.filter(batch=imported).count()


def test_killed_while_it_is_recorded(database: str, shown: Import) -> None:
    send(shown)
    with holding(database, f"{connection.schema_name}.portfolio_transaction IN SHARE MODE"):
        first = worker(database)
        wait_until_blocked(database, 'INSERT INTO "portfolio_transaction"')
        kill(first)
    wait_until_gone(database)
    assert state_of(shown) == (State.RECORDING, 0)
    Import.objects.filter(pk=shown.pk).update(worked_at=shown.at - importing.RESEND_AFTER)
    assert shown in importing.due_imports()
    broker, second = send(shown), worker(database)
    limit = time.monotonic() + PATIENCE
    while state_of(shown)[0] == State.RECORDING and time.monotonic() < limit:
        time.sleep(0.2)
    kill(second)
    broker.flush_all()
    assert state_of(shown) == (State.DONE, ROWS)
