"""Trails: how many of the figures on the pages open one that gives them, and what a trail costs beside its page."""

import time
from collections.abc import Callable, Iterator
from statistics import median

from django.test import Client
from django_tenants.utils import tenant_context

from apps.portfolio.models import Portfolio
from benchmarks.measure import Goal, Measure, alternate
from benchmarks.people import organization, owner
from benchmarks.sizes import sizes
from tests.portfolio.cells import as_shown, cells_of, steps_of
from tests.portfolio.recompute import recomputed

OF_A_PORTFOLIO = ("", "performance/", "income/", "gains/", "risk/", "allocation/")
DEAREST = 3.0


def checked() -> Iterator[Measure]:
    """Each derived money or percent cell of the organization's pages, its trail evaluated by other code."""
    client = owner().client
    cells = [(page, cell) for page in _pages() for cell in cells_of(client.get(page).text) if not cell.is_fact]
    given: dict[str, bool] = {}
    for _, cell in cells:
        if cell.why and (cell.why + cell.text) not in given:
            given[cell.why + cell.text] = _gives(client, cell.why, cell.text)
    right = sum(given.get(cell.why + cell.text, False) for _, cell in cells)
    text = "derived money and percent cells on all pages of the portfolios"
    yield Measure("portfolio.why_checked", right, "cells", len(cells), text, Goal("ratio", ">=", 1.0))


def beside_its_page() -> Iterator[Measure]:
    """The trail of the whole value, in turns with the page of positions that shows it."""
    client = owner().client
    address = _books()[0].get_absolute_url()
    ways = [_timed(client, f"{address}why/value/"), _timed(client, address)]
    ours, theirs = (median(samples) * 1000 for samples in alternate(ways, sizes().rounds))
    goal = Goal("ratio", "<=", DEAREST)
    yield Measure("portfolio.why_page", ours, "ms", theirs, "the page of positions that shows the figure", goal)


def _books() -> list[Portfolio]:
    with tenant_context(organization()):
        return list(Portfolio.objects.all())


def _pages() -> list[str]:
    books = [f"{book.get_absolute_url()}{part}" for book in _books() for part in OF_A_PORTFOLIO]
    return ["/", "/portfolios/", *books]


def _gives(client: Client, address: str, text: str) -> bool:
    answer = client.get(address)
    return answer.status_code == 200 and as_shown(recomputed(steps_of(answer.text)), text) == text


def _timed(client: Client, address: str) -> Callable[[], float]:
    def run() -> float:
        start = time.perf_counter()
        assert client.get(address).status_code == 200
        return time.perf_counter() - start

    return run


BENCHMARKS = {"portfolio.why_checked": checked, "portfolio.why_page": beside_its_page}
