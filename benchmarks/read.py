"""Reading the dashboard: how many queries, and how far its watchlist is from one primary-key query."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context

from apps.market.columns import bars_of
from apps.market.models import Instrument
from apps.portfolio.models import Watchlist, WatchlistItem
from benchmarks.ingest import Table
from benchmarks.measure import Goal, Measure, seconds_a_call
from benchmarks.names import SESSION_ON, SOURCE
from benchmarks.peers.one_query import OneQuery
from benchmarks.people import Member, organization, owner
from benchmarks.sizes import sizes

MOST_QUERIES = 8
BARS_BEFORE, FLAT, PART = 1_000_000, 1.25, 500_000


def dashboard_queries() -> Iterator[Measure]:
    """Through every middleware, as the organization's owner; the host is remembered, as in a running process."""
    member = owner()
    member.client.get("/")
    captures = [_captured(member) for _ in range(3)]  # one may fall on the moment when the host is asked for again
    trips = min(captures, key=len)
    queries = [text for text in trips if not text.startswith("SET search_path")]
    text = f"the budget; {sizes().watched} symbols, 2 books, news; without the one that sets path and role"
    goal = Goal("value", "<=", MOST_QUERIES)
    yield Measure("read.dashboard_queries", len(queries), "queries", MOST_QUERIES, text, goal)
    text, most = "the budget and the one that sets path and role", MOST_QUERIES + 1
    yield Measure("read.dashboard_round_trips", len(trips), "statements", most, text, Goal("value", "<=", most))


def _captured(member: Member) -> list[str]:
    """Every statement of one request."""
    with CaptureQueriesContext(connection) as captured:
        response = member.client.get("/")
    assert response.status_code == 200, response.status_code
    shown = set(re.findall(rb'data-live="(\d+):price"', response.content))
    assert len(shown) == sizes().watched, f"{len(shown)} symbols on the page"
    return [query["sql"] for query in captured.captured_queries]


def watchlist_50() -> Iterator[Measure]:
    """The rows that the dashboard's view asks for, out of all instruments' quotes."""
    yield from _watchlist("read.watchlist_50", 50, 5)


def watchlist_500() -> Iterator[Measure]:
    """The same for a list of ten times as many."""
    yield from _watchlist("read.watchlist_500", 500, 10)


def growth() -> Iterator[Measure]:
    """The same list of 50 out of a short history and out of a long one, each beside the one query."""
    small, large = BARS_BEFORE, sizes().grown_bars
    with Table() as table:
        table.empty()
        _store(table, 0, small)
        before = _times_the_limit()
        _store(table, small, large)
        assert table.count() == large, f"{table.count()} bars"
        after = _times_the_limit()
        table.empty()
        _store(table, 0, sizes().instruments * sizes().sessions)  # as the other files know it
    text = f"the same at {small / 10**6:.0f} M bars; both in multiples of one primary-key query"
    yield Measure("read.growth", after, f"x at {large / 10**6:.0f} M", before, text, Goal("ratio", "<=", FLAT))


def _store(table: Table, start: int, end: int) -> None:
    """Bars number `start` to `end` of all instruments, counted back from the last session; the prices do not matter."""
    with schema_context("public"):
        keys = np.array(Instrument.objects.order_by("pk").values_list("pk", flat=True)[: sizes().instruments])
    ago = np.arange(start // len(keys), end // len(keys))
    days = np.sort(np.busday_offset(np.datetime64(SESSION_ON), -1 - ago, roll="forward"))
    for part in np.array_split(keys, max(1, (end - start) // PART)):
        count = len(part) * len(days)
        close = np.full((count, 4), 100.0)
        bars = bars_of(np.tile(days, len(part)), close, basis="raw", source=SOURCE)
        table.copy(b"".join(replace(bars, instrument=np.repeat(part, len(days))).encoded()))


def _times_the_limit() -> float:
    with tenant_context(organization()), OneQuery(os.environ["DATABASE_URL"]) as peer:
        watchlist = _list_of(50)
        limit = peer.reader([line.instrument.pk for line in watchlist.lines()])
        ours, theirs = seconds_a_call([watchlist.lines, limit], rounds=sizes().rounds * 3, calls=40)
    return ours / theirs


def _watchlist(key: str, length: int, bound: float) -> Iterator[Measure]:
    with tenant_context(organization()), OneQuery(os.environ["DATABASE_URL"]) as peer:
        watchlist = _list_of(length)
        keys = [line.instrument.pk for line in watchlist.lines()]
        limit = peer.reader(keys)
        assert len(keys) == len(limit()) == length
        with CaptureQueriesContext(connection) as captured:
            watchlist.lines()
        assert len(captured) == 1, f"{len(captured)} queries"
        ours, theirs = seconds_a_call([watchlist.lines, limit], rounds=sizes().rounds * 3, calls=40)
    text = f"one = ANY primary-key query of 3 columns, prepared, binary; {sizes().instruments:,} quotes"
    yield Measure(key, ours * 1000, "ms", theirs * 1000, text, Goal("ratio", "<=", bound))


def _list_of(length: int) -> Watchlist:
    """Made once a run, of the first instruments."""
    watchlist, is_new = Watchlist.objects.get_or_create(name=f"{length} symbols", shared=True)
    if is_new:
        known = Instrument.objects.order_by("pk")[:length]
        WatchlistItem.objects.bulk_create(
            WatchlistItem(watchlist=watchlist, instrument=one, position=place) for place, one in enumerate(known)
        )
    return watchlist


BENCHMARKS = {
    "read.dashboard": dashboard_queries,
    "read.watchlist_50": watchlist_50,
    "read.watchlist_500": watchlist_500,
    "read.growth": growth,
}
