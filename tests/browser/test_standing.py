"""An organization is suspended while pages are open at two web processes: both are closed, and wake again."""

import subprocess
import sys
from collections.abc import Iterator
from signal import SIGTERM

import pytest
from playwright.sync_api import Page, expect

from deploy.local.background import Product
from deploy.local.folders import ROOT
from deploy.local.processes import free_port, launch, stop
from deploy.local.stack import local_url, processes
from tests.browser.conftest import Visit

SAYS = r"status of 403|WebSocket connection to|ERR_CONNECTION"
PATIENCE = 30_000  # ms: ten seconds of the product's own and a busy machine


@pytest.fixture
def second_web(running: Product) -> Iterator[int]:
    """Another web process of the same product: it has a memory of its own."""
    port = free_port()
    command, added = processes(running.env, port)["web"]
    with (running.logs / "second_web.log").open("ab") as log:
        process = launch(command, cwd=ROOT, log=log, end=SIGTERM, env=running.env | added)
    yield port
    stop(process, SIGTERM)


def _manage(running: Product, *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments, "--yes"], cwd=ROOT, env=running.env, check=True)


def _is_live(page: Page) -> None:
    expect(page.locator("table.quotes").first).to_be_visible(timeout=PATIENCE)


def test_a_suspension_reaches_every_process(visit: Visit, running: Product, second_web: int) -> None:
    first, second = visit("eve@globex.test", says=SAYS), visit("eve@globex.test", says=SAYS)
    second.wait_for_timeout(5000)  # the second process starts
    second.goto(local_url("globex", second_web))
    neighbour = visit("ann@acme.test")
    for page in (first, second):
        _is_live(page)
    _manage(running, "suspend_organization", "globex", "--reason", "a test")
    try:
        for page in (first, second):  # nobody touches them: their sockets are closed
            expect(page.get_by_role("heading", name="Globex Advisors is suspended")).to_be_visible(timeout=PATIENCE)
        _is_live(neighbour)
    finally:
        _manage(running, "resume_organization", "globex")
    first.wait_for_timeout(5000)  # the middlewares' memory
    first.reload()
    _is_live(first)
