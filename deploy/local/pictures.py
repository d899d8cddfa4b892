"""docs/pictures: the pages as Ann sees them, dark, light and on a phone, from a product that lives only for them."""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from deploy.local.background import PASSWORD, Product, product
from deploy.local.folders import ROOT, ensure
from deploy.local.terminal import StopError, fail, say, step

FOLDER = ROOT / "docs" / "pictures"
WIDE: ViewportSize = {"width": 1600, "height": 1000}
PHONE: ViewportSize = {"width": 390, "height": 844}
PAGES = {"dashboard": "/", "instrument": "/i/XNAS/AAPL/", "portfolio": "/portfolios/"}
DRESSES = {
    "dark": ("dark", WIDE, ("dashboard", "instrument")),
    "light": ("light", WIDE, ("portfolio",)),
    "phone": ("dark", PHONE, ("dashboard", "portfolio")),
}
SETTLE = 4_000  # ms: prices have moved once, charts are drawn


def main() -> int:
    """Writes every page in every dress; 1 with one line when the product does not come up."""
    ensure(FOLDER)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            product(Path(folder), REPLAY_SPEED="120") as running,
            sync_playwright() as driver,
        ):
            flags = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = driver.chromium.launch(executable_path=os.environ["CHROMIUM"], args=flags)
            for dress in DRESSES:
                with step(f"Pictures: {dress}"):
                    take(browser, running, dress)
            browser.close()
    except StopError as err:
        return fail(str(err))
    say(f"Pictures are in {FOLDER.relative_to(ROOT)}.")
    return 0


def take(browser: Browser, running: Product, dress: str) -> None:
    """One visit: sign in, then each page of that dress."""
    theme, size, names = DRESSES[dress]
    context = browser.new_context(viewport=size, device_scale_factor=2 if size is PHONE else 1, reduced_motion="reduce")
    context.add_init_script(f'location.protocol === "http:" && localStorage.setItem("theme", "{theme}")')
    page = context.new_page()
    sign_in(page, running)
    for name in names:
        page.goto(running.url("acme", PAGES[name]))
        if name == "portfolio":
            page.get_by_role("main").locator('a[href^="/portfolios/"]:not([href$="/new/"])').first.click()
        page.wait_for_timeout(SETTLE)
        page.screenshot(path=FOLDER / f"{name}-{dress}.png")
    context.close()


def sign_in(page: Page, running: Product) -> None:
    page.goto(running.url("acme", "/accounts/login/"))
    page.get_by_label("E-mail").fill("ann@acme.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


if __name__ == "__main__":
    sys.exit(main())
