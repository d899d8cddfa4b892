"""Type-ahead by keyboard and for screen readers, over everything traded."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from deploy.local.background import Product
from tests.browser.conftest import Visit
from tests.browser.test_every_page import VIOLATIONS

SETTLED = 1000  # ms: many times what an answer takes


def box(page: Page) -> None:
    """Focused by its key; nothing is open yet."""
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search symbols and names")).to_be_focused()


def first(page: Page, symbol: str) -> None:
    option = page.locator("#search-results [role=option]").first
    expect(option.locator(".strong")).to_have_text(symbol)
    expect(option).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [
        ("BA", "BA"),
        ("boeing", "BA"),
        ("brk b", "BRK-B"),
        ("at&t", "T"),
        ("apple", "AAPL"),
        ("mircosoft", "MSFT"),
        ("spy", "SPY"),
    ],
)
def test_what_is_meant_comes_first(visit: Visit, typed: str, symbol: str) -> None:
    page = visit("ann@acme.test")
    page.locator("#search").fill(typed)
    first(page, symbol)


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = visit("ann@acme.test")
    page.keyboard.press("/")
    search = page.get_by_role("combobox", name="Search symbols and names")
    expect(search).to_be_focused()
    page.locator("#search").fill("ibm")
    first(page, "IBM")
    expect(search).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#search-count")).to_have_text(re.compile(r"^\d+ results?, the first is IBM"))
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#search-results [aria-selected=true]")
    expect(search).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
    page.keyboard.press("Enter")
    page.wait_for_url("**/i/XNYS/IBM/")


def test_escape_closes_the_list_and_then_empties_the_box(visit: Visit) -> None:
    page = visit("ann@acme.test")
    box(page)
    page.locator("#search").fill("ibm")
    first(page, "IBM")
    page.keyboard.press("Escape")
    search = page.locator("#search")
    expect(page.locator("#search-panel")).to_be_hidden()
    expect(search).to_have_attribute("aria-expanded", "false")
    expect(search).to_have_value("ibm")
    page.keyboard.press("Escape")
    expect(search).to_have_value("")


def test_an_old_answer_never_overwrites_a_newer_one(visit: Visit) -> None:
    """The first answer is held back until the second is shown."""
    page = visit("ann@acme.test", says=r"htmx:(afterRequest|sendAbort)")
    held: list[Route] = []
    page.route(re.compile(r"/search/\?q=ibm$"), lambda route: held.append(route))
    box(page)
    with page.expect_request(re.compile(r"/search/\?q=ibm$")):
        page.locator("#search").fill("ibm")
    page.locator("#search").fill("apple")
    first(page, "AAPL")
    with suppress(Error):  # the browser has given it up
        held[0].continue_()
    page.wait_for_timeout(SETTLED)
    first(page, "AAPL")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [390, 1600])
def test_the_open_list_keeps_the_rules_of_accessibility(visit: Visit, axe: str, theme: str, width: int) -> None:
    page = visit("ann@acme.test", theme=theme, width=width)
    page.locator("#search").fill("ZQXJ.DE")
    expect(page.get_by_role("option", name="ZQXJ.DE Add new symbol")).to_be_visible()
    page.evaluate(axe)
    assert page.evaluate(VIOLATIONS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_unknown_symbol_is_added_looked_up_and_given_up(visit: Visit) -> None:
    """By keyboard; the replay knows nothing of it, and says so on the page that waits."""
    page = visit("ann@acme.test")
    box(page)
    page.locator("#search").fill("ZQXJ.DE")
    expect(page.locator("#found-new")).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add new symbol").click()
    page.wait_for_url("**/i/XNAS/ZQXJ.DE/")
    expect(page.get_by_text(re.compile("not known to the feed")).first).to_be_visible()


def test_nonsense_is_refused_with_a_reason(visit: Visit) -> None:
    page = visit("ann@acme.test", "/search/new/?symbol=!!!", says="status of 422")
    page.get_by_role("button", name="Add new symbol").click()
    expect(page.get_by_text("letters A to Z")).to_be_visible()


def test_it_works_without_scripts(visit: Visit, running: Product, sessions: dict[str, dict[str, object]]) -> None:
    page = visit("ann@acme.test")
    context = page.context.browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())  # type: ignore[union-attr]
    plain = context.new_page()
    plain.goto(running.url("acme"))
    plain.locator("#search").fill("ibm")
    plain.locator("#search").press("Enter")
    expect(plain.get_by_role("main").get_by_role("link", name="IBM International")).to_be_visible()
    context.close()
