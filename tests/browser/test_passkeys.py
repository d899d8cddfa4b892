"""Passkeys in a real browser, with a virtual authenticator: added, used alone, used as the second step, removed."""

import pytest
from playwright.sync_api import Page, expect

from deploy.local.background import PASSWORD, Product
from tests.browser.conftest import Visit
from tests.browser.test_every_page import SPILLS, THEMES, VIOLATIONS, WIDTHS

OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def _with_authenticator(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS})


def _sign_out(page: Page, running: Product) -> None:
    page.goto(running.url("acme", "/settings/security/"))
    page.get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url("**/accounts/login/")


def _by_password(page: Page, running: Product) -> None:
    page.goto(running.url("acme", "/accounts/login/"))
    page.get_by_label("E-mail").fill("vic@acme.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_from_the_first_to_the_last_day(visit: Visit, running: Product) -> None:
    page = visit(at="acme", path="/accounts/login/")
    _with_authenticator(page)
    _by_password(page, running)
    page.wait_for_url(running.url("acme"))
    page.goto(running.url("acme", "/accounts/factors/passkey/"))
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Passkey “My laptop”")).to_be_visible()
    _sign_out(page, running)
    page.goto(running.url("acme", "/reports/"))
    page.get_by_role("button", name="Use a passkey").click()  # alone, and on to the page that was asked for
    page.wait_for_url(running.url("acme", "/reports/"))
    _sign_out(page, running)
    _by_password(page, running)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()  # as the second step
    page.wait_for_url(running.url("acme"))
    page.goto(running.url("acme", "/settings/security/"))
    page.get_by_role("link", name="Remove the passkey My laptop").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Passkey “My laptop”")).to_have_count(0)


SIGNED_IN = ("/settings/security/", "/settings/sso/", "/accounts/password/", "/accounts/factors/app/",
             "/accounts/factors/passkey/", "/accounts/reauthenticate/")  # fmt: skip
OPEN = ("/accounts/reset/", "/accounts/reset/sent/", "/accounts/reset/1/unknown/", "/accounts/confirm/unknown/")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_signing_in_are_for_everybody(
    visit: Visit, running: Product, axe: str, width: int, theme: str
) -> None:
    member, guest = visit("eve@globex.test", width=width, theme=theme), visit(at="globex", path="/accounts/login/")
    found = {}
    for page, paths in ((member, SIGNED_IN), (guest, OPEN)):
        for path in paths:
            page.goto(running.url("globex", path))
            page.evaluate(axe)
            found[path] = [*page.evaluate(VIOLATIONS), *(["spills"] if page.evaluate(SPILLS) > 0 else [])]
    assert not any(found.values()), found
