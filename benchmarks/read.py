"""Reading the dashboard: how many queries, and how far its watchlist is from one primary-key query."""

import os
import re
from collections.abc import Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from apps.portfolio.models import Watchlist
from apps.portfolio.views.rows import rows_of
from benchmarks.measure import Goal, Measure, seconds_a_call
from benchmarks.peers.one_query import OneQuery
from benchmarks.people import Member, organization, owner
from benchmarks.sizes import sizes

MOST_QUERIES = 8


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
    with tenant_context(organization()), OneQuery(os.environ["DATABASE_URL"]) as peer:
        watchlist = Watchlist.objects.get(is_starter=True)
        keys = [row.instrument.pk for row in rows_of(watchlist)]
        limit = peer.reader(keys)
        assert len(keys) == len(limit()) == sizes().watched
        ours, theirs = seconds_a_call([lambda: rows_of(watchlist), limit], rounds=sizes().rounds * 3, calls=40)
    text = f"one = ANY primary-key query of 3 columns, prepared, binary; {sizes().instruments:,} quotes"
    yield Measure("read.watchlist_50", ours * 1000, "ms", theirs * 1000, text, Goal("ratio", "<=", 5))


BENCHMARKS = {
    "read.dashboard": dashboard_queries,
    "read.watchlist_50": watchlist_50,
}
