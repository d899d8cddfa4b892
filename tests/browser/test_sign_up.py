"""From a stranger on the public host to a full dashboard, by way of a mailbox; and a symbol that arrives live."""

import os
import re
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from deploy.local.background import Product
from tests.browser.conftest import Visit
from tests.browser.letters import mailed_link, require_clean
from tests.browser.test_first_day import MONEY
from tests.conftest import SYMBOLS

LINK = re.compile(r"http://localhost:\d+/signup/confirm/\?token=[\w-]+")


def _fill_in(page: Page, name: str, email: str) -> None:
    page.get_by_label("Organization").press_sequentially(name)
    expect(page.get_by_label("Subdomain")).to_have_value(name.lower().replace(" ", "-"))
    page.get_by_label("Your name").fill("Bill Lumbergh")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("stapler-red-42")


def _row(page: Page, symbol: str) -> Locator:
    return page.locator("table.quotes tbody tr").filter(has=page.get_by_role("link", name=symbol, exact=True))


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1600, 390])
def test_a_stranger_becomes_an_owner(visit: Visit, running: Product, axe: str, width: int, theme: str) -> None:
    name, email = f"Initech {theme} {width}", f"bill-{theme}-{width}@initech.test"
    page = visit(at="", path="/", width=width, theme=theme)
    require_clean(page, axe)
    page.get_by_role("link", name="Sign up with your organization").click()
    _fill_in(page, name, email)
    require_clean(page, axe)
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    require_clean(page, axe)
    page.goto(mailed_link(running, email, LINK))
    require_clean(page, axe)
    page.get_by_role("button", name="Make it and sign me in").click()
    page.wait_for_url(running.url(name.lower().replace(" ", "-")))
    _require_full(page)
    require_clean(page, axe)


def _require_full(page: Page) -> None:
    """Every figure of every starter symbol stands on the page as it came."""
    expect(page.get_by_role("heading", name="Core Blue Chips")).to_be_visible()
    expect(page.get_by_role("link", name="Add a passkey")).to_be_visible()
    for symbol in SYMBOLS:
        row = _row(page, symbol)
        expect(row.locator('[data-live$=":price"]')).to_have_text(MONEY)
        expect(row.locator('[data-live$=":percent"]')).to_contain_text("%")
        expect(row.locator("svg.spark polyline")).to_be_attached()
        expect(row.locator('[data-live$=":rsi"]')).to_have_text(re.compile(r"^\s*\d{1,3}\s*$"))
        expect(row.locator('[data-live$=":signal"]')).not_to_contain_text("No data")
        expect(row.locator('[data-live$=":sentiment"]')).to_have_text(re.compile(r"no coverage|[+−]?0\.\d\d"))


def test_what_is_wrong_is_told_at_its_field(visit: Visit, axe: str) -> None:
    page = visit(at="", path="/signup/", says="status of 422")
    _fill_in(page, "Acme", "ann@acme.test")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#id_subdomain_error")).to_contain_text("taken")
    require_clean(page, axe)


@pytest.fixture
def newcomer(running: Product) -> Iterator[str]:
    """Facebook as if nobody had ever held it; the stream rests, so that only the job can bring it."""
    running.end("stream")
    tables = ("market_signalstate", "market_quote", "market_bar", "market_minutebar", "market_mention")
    with psycopg.connect(running.env["OWNER_DATABASE_URL"]) as owner:
        for table in tables:
            owner.execute(f"DELETE FROM {table} WHERE instrument_id = (SELECT id FROM market_instrument "
                          "WHERE symbol = 'FB')")  # fmt: skip
    yield "FB"
    running.start("stream")


def test_a_symbol_that_nobody_held_arrives_live(visit: Visit, newcomer: str) -> None:
    page = visit("ann@acme.test", "/watchlists/new/")
    page.locator("#id_name").fill(f"Newcomers {os.getpid()}")
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url(re.compile(r"/watchlists/[0-9a-f-]{36}/"))
    page.evaluate("window.sameDocument = true")
    page.locator("#id_symbol").fill(newcomer)
    page.locator("#id_symbol").press("Enter")
    row = _row(page, newcomer)
    expect(row.locator('[data-live$=":price"]')).to_have_text(MONEY)
    expect(row.locator('[data-live$=":percent"]')).to_contain_text("%")
    expect(row.locator("svg.spark polyline")).to_be_attached()
    expect(row.locator('[data-live$=":signal"]')).not_to_have_text("–")
    assert page.evaluate("window.sameDocument")
