"""Long ledgers: the page of fifty thousand rows, days replayed and kept, and returns beside their libraries."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from statistics import median

import numpy as np
import pyxirr
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.market.columns import bars_of
from apps.market.models import Bar, Instrument
from apps.portfolio import services
from apps.portfolio.models import Kind, Portfolio, Snapshot, Transaction
from apps.portfolio.performance import flows_of, money_weighted, returns_of
from apps.portfolio.replay import EVE, Day
from apps.portfolio.services.books import rows_of
from apps.portfolio.services.snapshots import days_of
from benchmarks.ingest import Table
from benchmarks.measure import Goal, Measure, percentile, seconds_a_call, without_collector
from benchmarks.names import OWNER, SESSION_ON, SOURCE
from benchmarks.people import organization, owner
from benchmarks.sizes import sizes

POSITIONS, ROWS, PAGES = 200, 50_000, 40
HELD, LEDGER, YEARS = 40, 5_000, 10
CLOSED = SESSION_ON - EVE


def page() -> Iterator[Measure]:
    """Through every middleware, as the owner; the ledger was valued once before, as by the hourly job."""
    member = owner()
    with tenant_context(organization()):
        book = _book("Long", ROWS, _instruments(0, POSITIONS), SESSION_ON - timedelta(days=3650))
        rows = _timed(lambda: rows_of(book))
    address = book.get_absolute_url()
    answer = member.client.get(address)
    assert answer.status_code == 200, answer.status_code
    assert len(set(re.findall(rb'data-live="([^"]+):weight"', answer.content))) == POSITIONS
    with without_collector():
        seconds = [_timed(lambda: member.client.get(address)) for _ in range(PAGES)]
    text = f"reading the {ROWS:,} rows of the ledger once; {POSITIONS} positions"
    goal = Goal("value", "<=", 150)
    yield Measure("portfolio.page_p95_ms", percentile(seconds, 0.95) * 1000, "ms", rows * 1000, text, goal)


def days() -> Iterator[Measure]:
    """A row is recorded in the first year of ten; every day after it is replayed and kept again."""
    with tenant_context(organization()):
        instruments = _instruments(POSITIONS, HELD)
        start = SESSION_ON - timedelta(days=365 * YEARS)
        _history(instruments, start)
        book = _book("Ten years", LEDGER, instruments, start)
        services.refresh_snapshots(book, through=CLOSED)
        took = [_recomputed(book, instruments[0], start) for _ in range(3)]
        kept = Snapshot.objects.filter(portfolio=book).count()
        assert services.verify_snapshots(book, through=CLOSED) == 0
        read = _timed(lambda: days_of(book, since=None, until=CLOSED, closed=CLOSED))
        yield from _returns(days_of(book, since=None, until=CLOSED, closed=CLOSED))
    text = f"reading the {kept:,} kept days; {LEDGER:,} rows, {HELD} instruments"
    yield Measure("portfolio.recompute_s", median(took), "s", read, text, Goal("value", "<=", 1))
    text = f"days read back a second; {HELD} instruments held"
    rate = kept / median(took)
    yield Measure("portfolio.snapshots_per_s", rate, "days/s", kept / read, text, Goal("value", ">=", 1000))


def _recomputed(book: Portfolio, instrument: Instrument, start: date) -> float:
    """Seconds from the change to the last day kept again."""
    begun = time.perf_counter()
    services.forget_snapshots(book, start + timedelta(days=5), [instrument.pk])
    services.refresh_snapshots(book, through=CLOSED)
    return time.perf_counter() - begun


def _returns(found: list[Day]) -> Iterator[Measure]:
    """XIRR beside the library that it asks; the time-weighted return beside numpy."""
    flows = flows_of(found)
    on, amounts = [day for day, _ in flows], [amount for _, amount in flows]
    ours, theirs = seconds_a_call(
        [lambda: money_weighted(flows), lambda: pyxirr.xirr(on, amounts)], rounds=sizes().rounds, calls=3
    )
    text = f"pyxirr alone, {len(flows):,} flows; ours checks that the root is the only one"
    yield Measure("portfolio.xirr", ours * 1000, "ms", theirs * 1000, text, Goal("ratio", "<=", 10))
    columns = np.array([(float(day.value), float(day.inflow), float(day.outflow)) for day in found])
    value, inflow, outflow = columns.T
    ours, theirs = seconds_a_call(
        [lambda: returns_of(found), lambda: np.prod((value[1:] + outflow[1:]) / (value[:-1] + inflow[1:])) - 1],
        rounds=sizes().rounds,
        calls=5,
    )
    text = f"numpy on columns that are floats already, {len(found):,} days"
    yield Measure("portfolio.xirr_twr", ours * 1000, "ms", theirs * 1000, text, Goal("value", "<=", 20))


def _instruments(first: int, count: int) -> list[Instrument]:
    return list(Instrument.objects.order_by("symbol")[first : first + count])


def _history(instruments: list[Instrument], start: date) -> None:
    """Closes of every weekday, a walk of each."""
    chance = np.random.default_rng(5)
    span = np.arange(np.datetime64(start), np.datetime64(SESSION_ON))
    session = span[np.is_busday(span)]
    with schema_context("public"):
        if Bar.objects.filter(instrument=instruments[0]).exists():
            return
        with Table() as table:
            for one in instruments:
                close = np.round(100 * np.exp(np.cumsum(chance.normal(0, 0.01, len(session)))), 2)
                bars = bars_of(session, np.repeat(close[:, None], 4, axis=1), basis="raw", source=SOURCE)
                table.copy(b"".join(bars.of(one.pk).encoded()))


def _book(name: str, rows: int, instruments: list[Instrument], start: date) -> Portfolio:
    """Purchases, and a sale of part of the last one after every fifth."""
    chance, by = Random(7), User.objects.get(email=OWNER)
    Transaction.objects.filter(account__portfolio__name=name).delete()
    Portfolio.objects.filter(name=name).delete()
    book = services.create_portfolio(name=name, owner=by)
    account, length = book.accounts.get(), (CLOSED - start).days
    entries = [
        Transaction(
            account=account,
            kind=Kind.SELL if place % 5 == 4 else Kind.BUY,
            instrument=instruments[place // 5 % len(instruments)],
            quantity=Decimal(1 + place % 5 if place % 5 < 4 else 3),
            price=Decimal(f"{chance.uniform(80, 120):.2f}"),
            fee=Decimal("0.95"),
            currency="USD",
            traded_on=start + timedelta(days=1 + place * length // rows),
            recorded_by=by,
        )
        for place in range(rows)
    ]
    Transaction.objects.bulk_create(entries, batch_size=5_000)
    services.forget_snapshots(book, start)
    return book


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


BENCHMARKS = {"portfolio.page": page, "portfolio": days}
