"""Several real processes ask one source at once: together they stay within its budget, counted by the source."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django_tenants.utils import schema_context

from apps.market.models import Fetch, SourceBudget, SourceState
from tests.market.yahoo_server import YahooServer
from tests.tenants.archives.processes import environment

PROCESSES, AT_ONCE = 3, 20
ASK = """
import sys, django
django.setup()
from django_tenants.utils import schema_context
from apps.market.providers.base import BudgetSpentError, Capability
from apps.market.providers.yahoo.provider import Yahoo
from apps.market.services.calls import call
from tests.market.yahoo_server import LocalSession
source = Yahoo(session=LocalSession(sys.argv[1]))
with schema_context("public"):
    try:
        while True:
            call(source, Capability.QUOTES, 1, lambda: source.quotes(["WALK"]))
    except BudgetSpentError:
        print("spent")
"""


@pytest.fixture
def server(committed: None) -> Iterator[YahooServer]:
    """Yahoo's format; what was noted of the calls goes with the test."""
    with YahooServer() as running, schema_context("public"):
        SourceBudget.objects.all().delete()
        yield running
        for model in (SourceBudget, SourceState, Fetch):
            model.objects.all().delete()


def test_processes_share_one_budget(database: str, server: YahooServer) -> None:
    """Forty a day are twenty at once; crumbs and cookies are calls, too."""
    env = environment(database, DB_LOGIN="app", BUDGETS="yahoo=40/d", DJANGO_SETTINGS_MODULE="config.settings")
    command = [sys.executable, "-c", ASK, server.url]
    asking = [
        subprocess.Popen(command, env=env, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    assert [one.communicate(timeout=120)[0] for one in asking] == ["spent\n"] * PROCESSES
    assert len(server.asked) == AT_ONCE
    assert len([path for path in server.asked if path.startswith("/v7/")]) > PROCESSES
