"""Dan is invited, comes in by the mailed link, is given less to see, more to do, and leaves his list to Ann."""

import re

import pytest
from playwright.sync_api import Page, expect

from deploy.local.background import Product
from tests.browser.conftest import Visit
from tests.browser.letters import mailed_link, require_clean

LINK = re.compile(r"http://\S+/invitations/accept/\?token=[\w-]+")
AT_ONCE = 5_000  # ms, without a reload by hand


def _invite(page: Page, email: str) -> None:
    main = page.get_by_role("main")
    main.get_by_label("E-mail").fill(email)
    main.get_by_label("Role").select_option("viewer")
    main.get_by_role("button", name="Invite").click()
    expect(main.get_by_role("status")).to_contain_text(email)
    expect(main.get_by_role("list", name="Open invitations")).to_contain_text(email)


def _joined(page: Page, link: str, axe: str) -> None:
    page.goto(link)
    expect(page.get_by_role("main")).to_contain_text("Ann Owner invites you to Acme Capital as viewer")
    require_clean(page, axe)
    page.get_by_label("Your name").fill("Dan Newcomer")
    page.get_by_label("A new password").fill("tall-grass-77")
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(lambda url: "/invitations/" not in url)


@pytest.mark.parametrize(("theme", "width"), [("dark", 1600), ("light", 390)])
def test_from_the_invitation_to_the_heir(visit: Visit, running: Product, axe: str, theme: str, width: int) -> None:
    email = f"dan-{theme}@acme.test"
    ann = visit("ann@acme.test", "/members/", theme=theme, width=width)
    _invite(ann, email)
    require_clean(ann, axe)
    dan = visit(at="acme", path="/accounts/login/", theme=theme, width=width)
    _joined(dan, mailed_link(running, email, LINK), axe)
    _sees_amounts_until_told_otherwise(ann, dan, running, axe, email)
    _leaves_a_private_list(ann, dan, running, axe, email)


def _open_member(ann: Page, running: Product, email: str) -> None:
    ann.goto(running.url("acme", "/members/"))
    ann.get_by_role("row").filter(has_text=email).get_by_role("link").click()


def _sees_amounts_until_told_otherwise(ann: Page, dan: Page, running: Product, axe: str, email: str) -> None:
    dan.goto(running.url("acme", "/portfolios/"))
    dan.get_by_role("main").get_by_role("link", name="Global Equity").first.click()
    expect(dan.locator("#connection")).to_have_attribute("data-state", "live")
    expect(dan.locator('[data-live$=":value"]').first).to_be_attached()
    _open_member(ann, running, email)
    require_clean(ann, axe)
    ann.get_by_label("Sees").select_option("no")
    ann.get_by_role("button", name="Change what is shown").click()
    expect(ann.get_by_role("main")).to_contain_text("Saved.")
    expect(dan.locator('[data-live$=":value"]')).to_have_count(0, timeout=AT_ONCE)
    expect(dan.get_by_role("heading", name="Global Equity").first).to_be_visible()


def _leaves_a_private_list(ann: Page, dan: Page, running: Product, axe: str, email: str) -> None:
    dan.evaluate("window.sameDocument = true")
    ann.get_by_role("main").get_by_label("Role").select_option("analyst")
    ann.get_by_role("button", name="Change the role").click()
    expect(ann.get_by_role("main")).to_contain_text("Saved.")
    dan.wait_for_function("() => !window.sameDocument")  # his page comes back by itself
    dan.wait_for_load_state()
    dan.goto(running.url("acme", "/watchlists/new/"))
    dan.get_by_role("main").get_by_label("Name").fill("Quiet")
    dan.get_by_label("Shared with the firm").uncheck()
    dan.get_by_role("button", name="Make the list").click()
    expect(dan.locator("#connection")).to_have_attribute("data-state", "live")
    _open_member(ann, running, email)
    ann.get_by_role("link", name="Remove Dan Newcomer").click()
    expect(ann.get_by_role("main")).to_contain_text("Dan Newcomer keeps 1 private watchlist")
    require_clean(ann, axe)
    ann.get_by_label("Who takes them over").select_option(label="Ann Owner")
    ann.get_by_role("button", name="Remove", exact=True).click()
    expect(ann.get_by_role("main")).to_contain_text("Dan Newcomer was removed")
    dan.wait_for_url(lambda url: "/accounts/login/" in url, timeout=AT_ONCE)
    expect(ann.get_by_role("row").filter(has_text=email)).to_contain_text("removed")
