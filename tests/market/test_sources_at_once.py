"""Many callers at the same moment, each on a connection of its own: one budget, one probe."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django_tenants.utils import schema_context

from apps.market.models import SourceBudget, SourceState
from apps.market.providers.base import BreakerOpenError, BudgetSpentError
from apps.market.services import breaker, budgets


@pytest.fixture(autouse=True)
def _clean(committed: None, settings: Any) -> Iterator[None]:
    """Forty calls a day: twenty at once, and none that time brings back during a test."""
    settings.BUDGETS = {"yahoo": "40/d"}
    with schema_context("public"):
        yield
        SourceBudget.objects.all().delete()
        SourceState.objects.all().delete()


def at_once(work: Callable[[], object], refused: type[Exception], times: int) -> int:
    """How many of so many callers were let through."""

    def one(_: int) -> bool:
        try:
            with schema_context("public"):
                work()
        except refused:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(one, range(times)))


def test_all_share_one_budget() -> None:
    SourceBudget.objects.all().delete()
    assert at_once(lambda: budgets.spend("yahoo"), BudgetSpentError, 60) == 20


def test_one_caller_tries_a_source_that_was_left_alone() -> None:
    for _ in range(breaker.OPENS_AFTER):
        breaker.fail("yahoo", "quotes", "away")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE market_sourcestate SET open_until = now() - interval '1 second'")
    assert at_once(lambda: breaker.enter("yahoo", "quotes"), BreakerOpenError, 16) == 1
