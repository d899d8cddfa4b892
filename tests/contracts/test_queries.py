"""How many queries each page costs is a committed figure: `tests/contracts/queries.json`.

A page that became cheaper or dearer on purpose gets its new figure there, in the same commit
(WRITE_BASELINE=1 make test ARGS=tests/contracts/test_queries.py).
"""

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from tests.conftest import ClientOf
from tests.contracts.addresses import NAMES, ask, path_of

BASELINE = Path(__file__).with_name("queries.json")
NOT_PAGES = {"healthz", "readyz"}


@pytest.mark.django_db
@pytest.mark.usefixtures("report")
def test_every_page_costs_what_the_baseline_says(client_of: ClientOf, ann: User) -> None:
    client, found = client_of(ann), {}
    for name in (name for name in NAMES if name not in NOT_PAGES):
        asked = [_cost(client, path_of(name)) for _ in range(3)]  # the process remembers hosts for seconds: one is warm
        if None not in asked:
            found[name] = min(cost for cost in asked if cost is not None)
    if "WRITE_BASELINE" in os.environ:
        BASELINE.write_text(json.dumps(found, indent=2) + "\n")
    assert found == json.loads(BASELINE.read_text())


def _cost(client: Client, path: str) -> int | None:
    with CaptureQueriesContext(connection) as queries:
        answer = ask(client, "GET", path)
    return sum("SAVEPOINT" not in query["sql"] for query in queries) if answer.status_code == 200 else None
