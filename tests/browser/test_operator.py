"""The operator comes in with a second factor; the pages are for everybody, in both themes, on a phone too."""

from playwright.sync_api import Page, expect

from deploy.local.background import Product
from tests.accounts.codes import code_of
from tests.browser.conftest import Visit
from tests.browser.test_every_page import SPILLS, VIOLATIONS

LISTS = ("/admin/", "/admin/tenants/organization/", "/admin/tenants/organization/add/", "/admin/tenants/archive/",
         "/admin/tenants/archive/add/", "/admin/tenants/fleetrun/", "/admin/tenants/readyschema/",
         "/admin/accounts/auditentry/", "/admin/accounts/supportgrant/", "/admin/accounts/supportgrant/add/",
         "/admin/market/fetch/", "/admin/market/quarantine/", "/settings/security/")  # fmt: skip
STEPS = ("change", "suspend", "close", "rename", "add-domain", "quotas", "particulars")
DRESSES = (("dark", 1440), ("light", 390))


def _into_the_admin(page: Page) -> None:
    """The first sign-in adds a second factor, then leads on."""
    page.get_by_label("E-mail").fill("op@stockintel.test")
    page.get_by_label("Password").fill("demo-please-change")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Connect an authenticator app").click()
    page.get_by_label("code").fill(code_of(page.locator("#totp-secret").inner_text()))
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="To the admin").click()


def _dress(page: Page, theme: str, width: int) -> None:
    page.context.add_init_script(f'location.protocol === "http:" && localStorage.setItem("theme", "{theme}")')
    page.set_viewport_size({"width": width, "height": 900})


def _trouble(page: Page, axe: str, address: str) -> list[str]:
    page.goto(address)
    page.evaluate(axe)
    found: list[str] = page.evaluate(VIOLATIONS)
    return [*found, *(["spills"] if page.evaluate(SPILLS) > 0 else [])]


def test_the_operators_pages_open_and_are_for_everybody(visit: Visit, running: Product, axe: str) -> None:
    page = visit(at="", path="/admin/")
    _into_the_admin(page)
    page.get_by_role("link", name="Organizations").first.click()
    expect(page.get_by_role("link", name="Acme Capital")).to_be_visible()
    organization = str(page.get_by_role("link", name="Acme Capital").get_attribute("href")).removesuffix("change/")
    paths, found = (*LISTS, *(f"{organization}{step}/" for step in STEPS)), {}
    for theme, width in DRESSES:
        _dress(page, theme, width)
        for path in paths:
            found[f"{path} {theme} {width}"] = _trouble(page, axe, running.url("", path))
    assert not any(found.values()), {where: what for where, what in found.items() if what}
