"""Daily bars into the market's table: what production calls, beside a raw binary COPY of the same rows into it."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median

import numpy as np
import psycopg
from django.db import transaction
from django_tenants.utils import schema_context

from apps.market.columns import COLUMNS, Bars
from apps.market.models import Instrument
from apps.market.services import record_bars, settle_quotes
from benchmarks.measure import Goal, Measure, alternate, without_collector
from benchmarks.names import SESSION_ON, SOURCE
from benchmarks.sizes import sizes

SESSIONS = 250
ROUNDS = 3
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)


def new_bars() -> Iterator[Measure]:
    """All new: a year of sessions of every instrument."""
    yield from _all_new("ingest.new_bars", record_bars, 0.75)


def full() -> Iterator[Measure]:
    """The same, and with it quotes, sparklines, indicators, signals, in one transaction."""
    yield from _all_new("ingest.full", _with_quotes, 0.4)


def _all_new(key: str, way: Callable[[Bars], object], bound: float) -> Iterator[Measure]:
    bars = generated()
    data = b"".join(bars.encoded())
    with Table() as table, schema_context("public"):

        def ours() -> float:
            table.empty()
            return seconds(lambda: way(bars))

        def limit() -> float:
            table.empty()
            return seconds(lambda: table.copy(data))

        with without_collector():
            taken, raw = (median(samples) for samples in alternate([ours, limit], ROUNDS))
        ours()
        assert table.count() == len(bars), f"{table.count()} rows"
    text, rate = f"raw binary COPY of the same {len(bars):,} rows into the same indexed table", len(bars) / 1000
    yield Measure(key, rate / taken, "k rows/s", rate / raw, text, Goal("ratio", ">=", bound))


def resent() -> Iterator[Measure]:
    """The same bars again: nothing is written."""
    bars = generated()
    data = b"".join(bars.encoded())
    with Table() as table, schema_context("public"):

        def ours() -> float:
            record_bars(bars)
            written: list[int] = []
            taken = seconds(lambda: written.append(record_bars(bars).rows))
            assert written == [0], f"{written} rows written"
            return taken

        def limit() -> float:
            table.empty()
            return seconds(lambda: table.copy(data))

        with without_collector():
            again, raw = (median(samples) for samples in alternate([ours, limit], ROUNDS))
    text, rate = f"raw binary COPY of the same {len(bars):,} rows", len(bars) / 1000
    yield Measure("ingest.resent", rate / again, "k rows/s", rate / raw, text, Goal("ratio", ">=", 0.3))


def generated() -> Bars:
    """Random walks of `ingested` rows in all, by instrument and day."""
    chance = np.random.default_rng(2013)
    with schema_context("public"):
        keys = list(Instrument.objects.order_by("pk").values_list("pk", flat=True)[: sizes().ingested // SESSIONS])
    days = np.array([SESSION_ON - timedelta(days=ago) for ago in range(SESSIONS * 2)], dtype="M8[D]")
    days = np.sort(days[np.is_busday(days)][:SESSIONS])
    shape = (len(keys), SESSIONS)
    close = np.round(100 * np.exp(np.cumsum(chance.normal(0, 0.01, shape), axis=1)), 2).ravel()
    opened = np.round(close * 1.001, 2)
    return Bars(
        instrument=np.repeat(np.array(keys, "i8"), SESSIONS),
        on=np.tile(days, len(keys)),
        open=opened,
        high=np.maximum(opened, close) + 0.5,
        low=np.minimum(opened, close) * 0.99,
        close=close,
        volume=chance.integers(1, 10**7, close.size),
        dividend=np.zeros(close.size),
        split_factor=np.ones(close.size),
        basis="raw",
        source=SOURCE,
    )


class Table:
    """The owner's connection: empties the table between two samples, and copies as nothing but a copy."""

    def __enter__(self) -> "Table":
        self._connection = psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def empty(self) -> None:
        """Not measured."""
        self._connection.execute("TRUNCATE public.market_bar, public.market_restatement, public.market_indicatorstate")
        self._connection.execute("CHECKPOINT")

    def copy(self, data: bytes) -> None:
        """The limit: one statement, one transaction."""
        view = memoryview(data)
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY public.market_bar ({NAMES}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            for start in range(0, len(view), 1 << 20):
                copy.write(view[start : start + (1 << 20)])

    def count(self) -> int:
        """How many rows stand in it."""
        row = self._connection.execute("SELECT count(*) FROM public.market_bar").fetchone()
        return int(row[0]) if row else 0


def seconds(work: Callable[[], object]) -> float:
    """Of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _with_quotes(bars: Bars) -> None:
    """One transaction, as at the close of a session."""
    with transaction.atomic():
        settle_quotes(record_bars(bars).instruments)


BENCHMARKS = {"ingest.new_bars": new_bars, "ingest.full": full, "ingest.resent": resent}
