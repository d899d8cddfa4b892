"""Eve of globex, at acme's door: over HTTP and over the socket, with her own door as the control."""

import re

from playwright.sync_api import Page

from deploy.local.background import Product
from tests.browser.conftest import Visit, status_of

OBJECT = re.compile(r"^/(?:portfolios|watchlists|reports)/[0-9a-f]{8}-[0-9a-f-]{27}/")
REFUSED = r"status of (404|405)"
PAGES = ("/", "/portfolios/", "/reports/")
DIAL = """(token) => new Promise((resolve) => {
  const socket = new WebSocket(`ws://${location.host}/ws/?topics=${encodeURIComponent(token)}`);
  socket.onmessage = () => { socket.onclose = null; socket.close(); resolve("frame"); };
  socket.onclose = (event) => resolve(event.code);
})"""


def _objects(page: Page, origin: str) -> set[str]:
    """Addresses of objects that the organization's own pages link to."""
    found: set[str] = set()
    for path in PAGES:
        page.goto(origin + path)
        links = page.eval_on_selector_all(
            "a[href], form[action]", "all => all.map(e => e.getAttribute('href') || e.getAttribute('action'))"
        )
        found |= {link for link in links if OBJECT.match(link)}
    return found


def test_eve_finds_nothing_of_acmes_on_her_own_host(visit: Visit, running: Product) -> None:
    acme, globex = running.url("acme", ""), running.url("globex", "")
    ann, eve = visit("ann@acme.test", says=REFUSED), visit("eve@globex.test", says=REFUSED)
    theirs, hers = _objects(ann, acme), _objects(eve, globex)
    assert len(theirs) >= 3
    assert len(hers) >= 3
    for path in theirs:
        assert status_of(eve, path) == 404, path
        assert status_of(ann, path) in {200, 405}, path
    for path in hers:
        assert status_of(eve, path) in {200, 405}, path


def test_a_cookie_of_acme_is_anonymous_at_globex(visit: Visit, running: Product) -> None:
    """Carried over by hand: a browser would not even send it."""
    ann = visit("ann@acme.test")
    session = next(c for c in ann.context.cookies() if c["name"] == "session")
    guest = visit(at="globex", path="/accounts/login/")
    guest.context.add_cookies([{"name": "session", "value": session["value"], "url": running.url("globex")}])
    guest.goto(running.url("globex"))
    assert "/accounts/login/" in guest.url
    assert guest.evaluate(DIAL, "any") == 4401


def test_acmes_topics_are_refused_at_globex(visit: Visit) -> None:
    """The list that Ann's page carries opens her own socket, and none of Eve's."""
    ann, eve = visit("ann@acme.test"), visit("eve@globex.test")
    theirs = ann.locator("body").get_attribute("data-live-topics")
    hers = eve.locator("body").get_attribute("data-live-topics")
    assert ann.evaluate(DIAL, theirs) == "frame"
    assert eve.evaluate(DIAL, hers) == "frame"
    assert eve.evaluate(DIAL, theirs) == 4403


def test_another_origin_opens_no_socket(visit: Visit, running: Product) -> None:
    """A page of globex asks acme's host: refused before the handshake."""
    eve = visit("eve@globex.test", says="Unexpected response code: 403")
    address = running.url("acme", "/ws/").replace("http:", "ws:")
    dial = DIAL.replace("`ws://${location.host}/ws/?topics=${encodeURIComponent(token)}`", "token")
    eve.context.new_page()  # the policy of Eve's page would stop it earlier: a blank page has none
    blank = eve.context.pages[-1]
    assert blank.evaluate(dial, address) == 1006
