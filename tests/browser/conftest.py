"""A real Chromium before the real product: every process, PostgreSQL and Valkey."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from deploy.local.background import PASSWORD, Product, product
from deploy.local.suite import BROWSERS

SPEED = "4000"  # market seconds a second: a session in six seconds
FLAGS = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"""
PATIENCE = 10_000  # ms: longer than anything takes, short enough to see that it never comes

type Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Prepared by the commands of `make demo`, on a database of its own."""
    with product(tmp_path_factory.mktemp("product"), REPLAY_SPEED=SPEED) as ours:
        yield ours


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The Chromium of the PATH; a missing one fails."""
    path = next(filter(None, map(shutil.which, [os.environ.get("CHROMIUM") or "", *BROWSERS])), None)
    assert path, "Chromium or Google Chrome must be on the PATH; type: apt-get install chromium"
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def sessions() -> dict[str, Any]:
    """E-mail -> cookies: each person signs in once."""
    return {}


class Watched:
    """A context whose pages are listened to: whatever a console says is a finding."""

    def __init__(self, context: BrowserContext, says: str) -> None:
        self.context, self.expected = context, re.compile(says or r"(?!)")
        self.findings: list[str] = []
        context.set_default_timeout(PATIENCE)
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.findings.append(str(error.error)))
        context.on("requestfailed", lambda request: self._failed(request.url, str(request.failure)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"} and not self.expected.search(message.text):
            self.findings.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _failed(self, url: str, why: str) -> None:
        if "ERR_ABORTED" not in why:  # a page that is left ends its requests
            self.findings.append(f"{why}: {url}")


@pytest.fixture
def visit(running: Product, chromium: Browser, sessions: dict[str, Any]) -> Iterator[Visit]:
    """visit("ann@acme.test", "/path/") opens a page; afterwards its console must have said nothing but `says`."""
    opened: list[Watched] = []

    def open_page(
        email: str = "", path: str = "/", *, at: str = "", width: int = 1600, theme: str = "dark", says: str = ""
    ) -> Page:
        running.check()
        organization = at or email.partition("@")[2].partition(".")[0]
        state = sessions.get(email) if email else None
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            storage_state=state,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.add_init_script(f'location.protocol === "http:" && localStorage.setItem("theme", "{theme}")')
        opened.append(Watched(context, says))
        page = context.new_page()
        if email and state is None:
            sign_in(page, running, email)
            sessions[email] = context.storage_state()
        page.goto(running.url(organization, path))
        if email and "/accounts/login/" in page.url:  # an earlier journey ended this person's sessions
            sign_in(page, running, email)
            sessions[email] = context.storage_state()
            page.goto(running.url(organization, path))
        return page

    yield open_page
    findings = [finding for watched in opened for finding in watched.findings]
    for watched in opened:
        watched.context.close()
    assert findings == [], findings


def sign_in(page: Page, running: Product, email: str) -> None:
    """Through the form, as a person does."""
    page.goto(running.url(email.partition("@")[2].partition(".")[0], "/accounts/login/"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility rules, from the front-end packages."""
    return (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()


def status_of(page: Page, path: str) -> int:
    """What the page's own host answers to its browser."""
    return int(page.evaluate("async (path) => (await fetch(path)).status", path))
