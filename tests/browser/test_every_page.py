"""Every page at every width and in both themes: nothing spills, nothing is broken, nothing complains."""

import json
import re
from collections import deque
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from deploy.local.background import Product
from tests.browser.conftest import Visit, status_of

WIDTHS = (390, 1600)
THEMES = ("dark", "light")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SPILLS = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
SPILLING = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 5).map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)"""
VIOLATIONS = """async () => (await axe.run(document)).violations.map((v) =>
  `${v.id} (${v.impact}), ${v.nodes.length} times: ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary}`)"""
SETTINGS = ("/settings/", "/settings/house/", "/settings/support/", "/settings/audit/", "/settings/export/")
NAMED = (
    *SETTINGS,
    "/",
    "/i/XNAS/AAPL/",
    "/portfolios/",
    "/reports/",
    "/search/?q=a",
    "/search/new/?symbol=ZQXJ.DE",
    "/portfolios/new/",
    "/watchlists/new/",
    "/nowhere/",
)


OF_A_BOOK = (
    "",
    "performance/?period=1Y",
    "income/?period=all",
    "gains/",
    "risk/",
    "allocation/?by=sector",
    "what-if/?add=IBM",
    "positions/XNAS/AAPL/",
    "transactions/",
    "transactions/new/",
    "import/",
    "export/",
)


def _links(page: Page) -> set[str]:
    addresses = page.eval_on_selector_all("a[href]", "all => all.map(e => e.href)")
    own = urlsplit(page.url).netloc
    return {address.partition("#")[0] for address in addresses if urlsplit(address).netloc == own}


def _shape(address: str) -> str:
    """One of each kind is looked at: keys of objects, numbers of pages and symbols are left out."""
    parts = urlsplit(address)
    path = re.sub(r"(^/i|/positions)/[^/]+/[^/]+/", r"\1/*/", UUID.sub("*", parts.path))
    if "/why/" in path:
        return path.partition("/why/")[0] + "/why/"  # the trails of all figures are one page
    return path + ("?" + "&".join(sorted(p.partition("=")[0] for p in parts.query.split("&"))) if parts.query else "")


@pytest.mark.parametrize("email", ["ann@acme.test", "vic@acme.test"])
def test_every_link_goes_somewhere(visit: Visit, running: Product, email: str) -> None:
    """From the dashboard on, through every kind of page that is linked."""
    page = visit(email)
    waiting, seen, checked = deque([page.url]), {_shape(page.url)}, set[str]()
    while waiting:
        address = waiting.popleft()
        if "/download/" in address or re.search(r"/export/\w+/\w+/$", address):
            continue
        page.goto(address)
        for link in sorted(_links(page)):
            if link not in checked:
                checked.add(link)
                assert status_of(page, link) < 400, f"{link} on {address}"
            if _shape(link) not in seen:
                seen.add(_shape(link))
                waiting.append(link)
    assert {"/", "/i/*/", "/portfolios/", "/portfolios/*/", "/reports/", "/watchlists/*/"} <= seen | {"/watchlists/*/"}
    assert len(checked) > 10


def _book(page: Page, running: Product) -> str:
    page.goto(running.url("acme", "/portfolios/"))
    address = page.get_by_role("main").get_by_role("link", name="Global Equity").first.get_attribute("href")
    return str(address)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_spills_over_the_edge(visit: Visit, running: Product, width: int, theme: str) -> None:
    page = visit("ann@acme.test", width=width, theme=theme)
    found = {}
    book = _book(page, running)
    for path in (*(p for p in NAMED if p != "/nowhere/"), *(book + rest for rest in OF_A_BOOK)):
        page.goto(running.url("acme", path))
        page.wait_for_load_state("networkidle") if path.startswith("/reports") else None
        expect(page.get_by_role("main")).to_be_visible()
        if page.evaluate(SPILLS) > 0:
            found[path] = page.evaluate(SPILLING)
    assert found == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_rules_of_accessibility_hold(visit: Visit, running: Product, axe: str, width: int, theme: str) -> None:
    page = visit("ann@acme.test", width=width, theme=theme)
    book = _book(page, running)
    found = {}
    for path in (
        "/",
        "/i/XNAS/AAPL/",
        *(book + rest for rest in OF_A_BOOK),
        "/portfolios/",
        "/reports/",
        "/search/?q=a",
        "/search/new/?symbol=ZQXJ.DE",
        *SETTINGS,
    ):
        page.goto(running.url("acme", path))
        if path in {"/", "/i/XNAS/AAPL/"}:
            expect(page.locator("#chart canvas").first).to_be_visible()
        found[path] = _violations(page, axe)
    guest = visit(at="acme", path="/accounts/login/", width=width, theme=theme)
    found["login"] = _violations(guest, axe)
    assert not any(found.values()), json.dumps({path: v for path, v in found.items() if v}, indent=1)


def _violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found: list[str] = page.evaluate(VIOLATIONS)
    return found


def test_a_lost_visitor_finds_the_way_back(visit: Visit, running: Product) -> None:
    page = visit("ann@acme.test", "/nowhere/", says="status of 404")
    page.get_by_role("main").get_by_role("link").first.click()
    page.wait_for_url(running.url("acme"))


def test_the_public_host_leads_to_an_organization(visit: Visit, running: Product) -> None:
    page = visit(at="", path="/")
    page.get_by_role("textbox").first.fill("acme")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{running.url('acme', '/accounts/login/')}**")
