"""Ann's first day: sign in, see the market move, open a chart, take a statement home."""

import re
from pathlib import Path

from playwright.sync_api import expect

from deploy.local.background import Product
from tests.browser.conftest import Visit, sign_in
from tests.conftest import SYMBOLS

MONEY = re.compile(r"^\d[\d,]*\.\d\d$")
WITHIN = 3_000  # ms: a price moves without a reload


def test_signing_in_leads_to_the_dashboard(visit: Visit, running: Product) -> None:
    page = visit(at="acme", path="/accounts/login/")
    sign_in(page, running, "ann@acme.test")
    assert page.url == running.url("acme")
    expect(page.get_by_role("heading", name="Core Blue Chips")).to_be_visible()


def test_a_wrong_password_says_so_once(visit: Visit) -> None:
    page = visit(at="acme", path="/accounts/login/", says="status of 422")
    page.get_by_label("E-mail").fill("ann@acme.test")
    page.get_by_label("Password").fill("not her password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("This e-mail and password do not belong together here.")


def test_the_starter_symbols_are_shown_with_all_their_figures(visit: Visit) -> None:
    page = visit("ann@acme.test")
    for symbol in SYMBOLS:
        row = page.locator("table.quotes tbody tr").filter(has=page.get_by_role("link", name=symbol, exact=True))
        expect(row.locator('[data-live$=":price"]')).to_have_text(MONEY)
        expect(row.locator('[data-live$=":percent"]')).to_contain_text("%")
        expect(row.locator('[data-live$=":rsi"]')).to_have_text(re.compile(r"^\s*\d{1,3}\s*$"))
        expect(row.locator('[data-live$=":sentiment"]')).to_have_text(re.compile(r"no coverage|[+−]?0\.\d\d"))
        expect(row.locator("svg.spark polyline")).to_be_attached()


def test_a_price_moves_without_a_reload(visit: Visit) -> None:
    page = visit("ann@acme.test")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    page.evaluate("window.sameDocument = true")
    cell = page.locator('table.quotes [data-live$=":price"]').first
    before = cell.get_attribute("data-value")
    expect(cell).not_to_have_attribute("data-value", str(before), timeout=WITHIN)
    assert page.evaluate("window.sameDocument")


def test_the_title_carries_the_first_price(visit: Visit) -> None:
    page = visit("ann@acme.test")
    expect(page).to_have_title(re.compile(r"^\(\d[\d,]*\.\d\d( [▲▼])?\) "))


def test_the_instruments_page_draws_its_chart(visit: Visit) -> None:
    page = visit("ann@acme.test")
    page.locator("table.quotes").get_by_role("link", name="AAPL", exact=True).click()
    page.wait_for_url("**/i/XNAS/AAPL/")
    expect(page.locator("#chart canvas").first).to_be_visible()
    expect(page.locator(".chart-legend")).to_contain_text("close")
    cell = page.locator('.headline-row [data-live$=":price"]')
    before = cell.get_attribute("data-value")
    expect(cell).not_to_have_attribute("data-value", str(before), timeout=WITHIN)


def test_totals_of_a_portfolio_move(visit: Visit) -> None:
    page = visit("ann@acme.test", "/portfolios/")
    page.get_by_role("main").get_by_role("link", name="Global Equity").first.click()
    value = page.locator('[data-live$=":value"]').first
    before = value.get_attribute("data-value")
    expect(value).not_to_have_attribute("data-value", str(before))


def test_a_statement_is_asked_for_announced_and_taken_home(visit: Visit, tmp_path: Path) -> None:
    page = visit("ann@acme.test", "/portfolios/")
    page.get_by_role("main").get_by_role("link", name="Global Equity").first.click()
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    page.get_by_role("button", name="Make PDF").click()
    report = page.locator("#reports > li").first
    expect(report).to_have_attribute("data-state", "ready", timeout=30_000)
    with page.expect_download() as download:
        report.get_by_role("link").click()
    target = tmp_path / "statement.pdf"
    download.value.save_as(target)
    assert target.read_bytes().startswith(b"%PDF-")
    assert download.value.suggested_filename.startswith("global-equity-")


def test_signing_out_ends_the_session_and_the_socket(visit: Visit, running: Product) -> None:
    """In every tab that was open."""
    page = visit(at="acme", path="/accounts/login/")
    sign_in(page, running, "ben@acme.test")
    other = page.context.new_page()
    other.goto(running.url("acme"))
    expect(other.locator("#connection")).to_have_attribute("data-state", "live")
    page.bring_to_front()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    other.wait_for_url("**/accounts/login/**")
