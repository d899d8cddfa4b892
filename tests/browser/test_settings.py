"""What a member chooses is how pages and live frames look, without a reload and without a flash."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.background import Product
from tests.browser.conftest import PATIENCE, Visit, sign_in

COMMA, POINT = re.compile(r"^\d[\d.]*,\d\d$"), re.compile(r"^\d[\d,]*\.\d\d$")
PRICE = 'table.quotes [data-live$=":price"]'
EVERY_PAINT = """() => {
  window.seen = [];
  const look = () => { const cell = document.querySelector('table.quotes [data-live$=":price"]');
    if (cell) window.seen.push(cell.textContent.trim()); requestAnimationFrame(look); };
  requestAnimationFrame(look); }"""


def _choose(page: Page, running: Product, **choices: str) -> None:
    page.goto(running.url("acme", "/settings/"))
    for label, value in choices.items():
        page.get_by_label(label.replace("_", " "), exact=True).select_option(value)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


@pytest.fixture
def vics(visit: Visit, running: Product) -> Iterator[Page]:
    """A page of Vic, whose choices are taken back afterwards."""
    page = visit("vic@acme.test")
    yield page
    _choose(page, running, Numbers="point", Dates="iso", Theme="dark")


def test_a_comma_is_a_comma_after_loading_and_after_a_tick(vics: Page, running: Product) -> None:
    _choose(vics, running, Numbers="comma")
    vics.context.add_init_script(f"({EVERY_PAINT})()")
    vics.goto(running.url("acme"))
    cell = vics.locator(PRICE).first
    expect(cell).to_have_text(COMMA)
    before = str(cell.get_attribute("data-value"))
    expect(cell).not_to_have_attribute("data-value", before)
    expect(cell).to_have_text(COMMA)
    value = float(str(cell.get_attribute("data-value")))
    assert float(cell.inner_text().replace(".", "").replace(",", ".")) == pytest.approx(value, abs=0.005)
    assert [text for text in vics.evaluate("window.seen") if not COMMA.match(text)] == []


def test_thousands_are_grouped_as_the_member_groups_them(vics: Page, running: Product) -> None:
    _choose(vics, running, Numbers="space")
    vics.goto(running.url("acme", "/portfolios/"))
    expect(vics.locator(".figure-value, td.num").first).to_have_text(re.compile(r"\d"))
    written = " ".join(vics.locator(".figure-value, td.num").all_inner_texts())
    assert re.search(r"\d\u202f\d{3},\d\d", written)
    assert not re.search(r"\d\.\d|\d,\d{3}", written)


def test_without_scripts_figures_are_plain(chromium: Browser, running: Product, vics: Page) -> None:
    _choose(vics, running, Numbers="comma")
    context = chromium.new_context(java_script_enabled=False, storage_state=vics.context.storage_state())
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(running.url("acme"))
    expect(page.locator(PRICE).first).to_have_text(POINT)
    context.close()


def test_dates_follow_the_member(vics: Page, running: Product) -> None:
    for choice, shape in (("month_first", r"[A-Z][a-z]{2} \d{1,2}, \d{4}"), ("iso", r"\d{4}-\d\d-\d\d")):
        _choose(vics, running, Dates=choice)
        vics.goto(running.url("acme", "/i/XNAS/AAPL/"))
        expect(vics.get_by_role("heading", name="Session of")).to_have_text(re.compile(f"{shape}$"))


def test_the_theme_is_the_members_until_the_device_says_otherwise(chromium: Browser, running: Product) -> None:
    """The toggle counts on its device; a new choice in the settings counts everywhere."""
    context = chromium.new_context(color_scheme="light")
    context.set_default_timeout(PATIENCE)
    page, root = context.new_page(), "html"
    sign_in(page, running, "gil@globex.test")
    page.goto(running.url("globex", "/settings/"))
    for theme, seen in (("dark", "dark"), ("system", "light"), ("dark", "dark")):
        page.get_by_label("Theme", exact=True).select_option(theme)
        page.get_by_role("button", name="Save").click()
        expect(page.locator(root)).to_have_attribute("data-theme", theme)
        expect(page.locator(root)).to_have_attribute("data-bs-theme", seen)
    page.get_by_role("button", name="Use the light theme").click()
    page.reload()
    expect(page.locator(root)).to_have_attribute("data-bs-theme", "light")
    page.get_by_label("Theme", exact=True).select_option("system")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Theme", exact=True).select_option("dark")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(root)).to_have_attribute("data-bs-theme", "dark")
    context.close()
