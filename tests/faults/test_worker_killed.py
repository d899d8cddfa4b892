"""kill -9 of a real worker in the middle of a batch: each ticker-day is whole or absent, and the batch is taken up."""

import subprocess
import time
from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from django_tenants.utils import schema_context
from dramatiq import Message

from apps.market.models import Bar, Instrument
from apps.tenants.backend.broker import FairBroker
from tests.tenants.archives.processes import environment, holding, kill, start, wait_until_blocked, wait_until_gone

PATIENCE = 90
GAP = (date(2012, 11, 5), date(2012, 11, 9))
WORKER = ("rundramatiq", "--processes", "1", "--threads", "1", "--queues", "history")


@pytest.fixture
def gap(committed: None) -> Iterator[list[int]]:
    """Two instruments without a week of sessions; what the jobs bring is what was there."""
    with schema_context("public"):
        instruments = Instrument.objects.filter(symbol__in=("AAPL", "IBM")).order_by("pk")
        ids = list(instruments.values_list("pk", flat=True))
        before = list(rows(ids))
        with connection.cursor() as cursor:
            cursor.execute(
                'DELETE FROM market_bar WHERE instrument_id = ANY(%s) AND "on" BETWEEN %s AND %s', [ids, *GAP]
            )
        yield ids
        assert list(rows(ids)) == before


def rows(ids: list[int]) -> list[tuple[object, ...]]:
    bars = Bar.objects.filter(instrument__in=ids).between(*GAP).order_by("instrument_id", "on")
    return list(bars.values_list("instrument_id", "on", "open", "high", "low", "close", "volume"))


def worker(database: str) -> subprocess.Popen[str]:
    """As in production: the queue `history`, the application's login."""
    return start(environment(database, DB_LOGIN="app", PGAPPNAME="killed", MARKET_PROVIDER="replay"), *WORKER)


def test_killed_in_the_middle_of_a_batch(database: str, gap: list[int]) -> None:
    broker = FairBroker(url=settings.BROKER_URL, middleware=[])  # type: ignore[no-untyped-call]
    broker.enqueue(Message("history", "fill_gap", (gap, str(GAP[0]), str(GAP[1])), {}, {"schema": "public"}))
    with holding(database, "public.market_bar IN SHARE MODE"):
        first = worker(database)
        wait_until_blocked(database, "\nMERGE INTO market_bar")
        kill(first)
    wait_until_gone(database)
    assert rows(gap) == []
    second = worker(database)
    limit = time.monotonic() + PATIENCE
    while len(rows(gap)) < 10 and time.monotonic() < limit:
        time.sleep(0.2)
    kill(second)
    broker.flush_all()
    assert len(rows(gap)) == 10
