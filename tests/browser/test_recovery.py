"""Processes are killed while a page is open: without a reload it is right again once they are back."""

import re

import redis
from playwright.sync_api import Locator, Page, expect

from deploy.local.background import Product
from tests.browser.conftest import Visit

BACK = 45_000  # ms: the page tries again after at most 22 s
SOCKET = r"WebSocket connection to|ERR_CONNECTION"


def _price(page: Page) -> Locator:
    return page.locator('table.quotes [data-live$=":price"]').first


def _moves(page: Page, patience: int = 15_000) -> None:
    before = _price(page).get_attribute("data-value")
    expect(_price(page)).not_to_have_attribute("data-value", str(before), timeout=patience)


def _open(visit: Visit, path: str = "/") -> Page:
    page = visit("ann@acme.test", path, says=SOCKET)
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    page.evaluate("window.sameDocument = true")
    return page


def test_the_web_process_is_killed(visit: Visit, running: Product) -> None:
    page = _open(visit)
    expect(page.locator("#chart canvas").first).to_be_visible()  # what was still loading would be lost
    running.kill("web")
    expect(page.locator("#connection")).to_have_attribute("data-state", re.compile("reconnecting|offline"))
    running.start("web")
    running.wait()
    expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=BACK)
    _moves(page)
    assert page.evaluate("window.sameDocument")


def test_the_price_stream_is_killed(visit: Visit, running: Product) -> None:
    page = _open(visit)
    running.kill("stream")
    running.start("stream")
    _moves(page, BACK)


def test_the_carrier_drops_every_listener(visit: Visit, running: Product) -> None:
    """As it does when it restarts: the hub subscribes again and shows the present state."""
    page = _open(visit)
    url = running.env.get("LIVE_URL") or running.env["REDIS_URL"]
    with redis.Redis.from_url(url) as carrier:
        carrier.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    _moves(page)
    assert page.evaluate("window.sameDocument")


def test_a_report_waits_for_the_worker(visit: Visit, running: Product) -> None:
    """Asked for while nobody works; built and announced when somebody does."""
    running.kill("reports")
    page = _open(visit, "/reports/")
    page.get_by_role("button", name="PDF of Global Equity").click()
    report = page.locator("#reports > li").first
    expect(report).to_have_attribute("data-state", "pending")
    running.start("reports")
    expect(report).to_have_attribute("data-state", "ready", timeout=BACK)
