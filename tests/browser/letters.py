"""What journeys share: the link in a mail that the worker wrote, and a page without a finding."""

import re
import time
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Page

from deploy.local.background import Product
from tests.browser.test_every_page import SPILLS, VIOLATIONS

PATIENCE = 30


def mailed_link(running: Product, to: str, link: re.Pattern[str]) -> str:
    """Waits for the file of a mail to `to` that holds such a link."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        for path in (Path(running.env["LOCAL_ROOT"]) / "mail").iterdir():
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            if message["To"] == to and body and (found := link.search(body.get_content())):
                return found[0]
        time.sleep(0.2)
    raise TimeoutError(f"No mail to {to}.\n{running.tail('worker')}")


def require_clean(page: Page, axe: str) -> None:
    """No rule of accessibility is broken, and nothing spills over the edge."""
    page.evaluate(axe)
    assert page.evaluate(VIOLATIONS) == [], page.url
    assert page.evaluate(SPILLS) <= 0, page.url
