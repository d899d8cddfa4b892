"""What no browser sends: requests written by hand to a real daphne, whose Host header names somebody else, or two."""

import re
import socket

import pytest

from deploy.local.background import Product

PATH = "/accounts/login/"
CONTROL = "Host: acme.localhost:{port}"
REFUSED = {
    "an absolute URI of the neighbour": ("GET http://globex.localhost:{port}" + PATH, CONTROL),
    "an absolute URI of a stranger": ("GET http://evil.example" + PATH, CONTROL),
    "an authority without a path": ("GET //globex.localhost:{port}" + PATH, "Host: globex.localhost@evil.example"),
    "two hosts in two headers": ("GET " + PATH, CONTROL + "\r\nHost: globex.localhost:{port}"),
    "the same host twice": ("GET " + PATH, CONTROL + "\r\n" + CONTROL),
    "two hosts in one header": ("GET " + PATH, "Host: acme.localhost, globex.localhost"),
    "a user before the host": ("GET " + PATH, "Host: acme.localhost@evil.example"),
    "our host as the user": ("GET " + PATH, "Host: evil.example@acme.localhost"),
    "a host behind a port": ("GET " + PATH, "Host: acme.localhost:80@globex.localhost"),
    "a port that is none": ("GET " + PATH, "Host: acme.localhost:99999"),
    "a folded header": ("GET " + PATH, "Host: acme.localhost\r\n .evil.example"),
    "no host": ("GET " + PATH, "Accept: */*"),
}
LED_ON = {
    "a dot at its end": "acme.localhost.:{port}",
    "capitals": "ACME.LocalHost:{port}",
    "www": "www.acme.localhost:{port}",
}
NOT_BELIEVED = (
    "X-Forwarded-Host: globex.localhost",
    "X-Forwarded-Host: evil.example",
    "X-Host: globex.localhost",
    "Forwarded: host=globex.localhost",
    "X-Original-URL: http://globex.localhost/",
)


def _say(running: Product, line: str, *headers: str) -> tuple[int, str]:
    """Status and everything; what is no request to the server is 400, whether it says so or hangs up."""
    lines = [f"{line} HTTP/1.1", *headers, "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", running.port), 20) as line_to:
        line_to.sendall("\r\n".join(lines).format(port=running.port).encode())
        said = b""
        while block := line_to.recv(65536):
            said += block
    text = said.decode("utf-8", "replace")
    status = re.match(r"HTTP/1\.[01] (\d{3})", text)
    return int(status[1]) if status else 400, text


@pytest.mark.parametrize("trick", REFUSED)
def test_a_request_that_names_no_host_or_two_is_refused(running: Product, trick: str) -> None:
    line, headers = REFUSED[trick]
    status, said = _say(running, line, headers)
    assert status == 400, said[:500]
    assert not re.search("Globex|Acme", said)


@pytest.mark.parametrize("spelling", LED_ON)
def test_another_spelling_is_led_to_the_canonical_host(running: Product, spelling: str) -> None:
    status, said = _say(running, f"GET {PATH}", f"Host: {LED_ON[spelling]}")
    assert status == 302
    assert f"location: {running.url('acme', PATH)}\r\n" in said.lower()
    assert "Acme" not in said


@pytest.mark.parametrize("header", NOT_BELIEVED)
def test_no_other_header_names_the_host(running: Product, header: str) -> None:
    status, said = _say(running, f"GET {PATH}", CONTROL, header)
    assert (status, "Acme Capital" in said) == (200, True)
    assert not re.search("globex|evil", said, re.IGNORECASE)


def test_another_port_leads_nowhere_else(running: Product) -> None:
    """Behind a proxy a process cannot know its port: what it is told is in no address of the page."""
    status, said = _say(running, f"GET {PATH}", "Host: acme.localhost:4711")
    assert status in {200, 302}
    assert ":4711" not in said


def test_each_host_is_itself(running: Product) -> None:
    """The positive control."""
    for name, title in (("acme", "Acme Capital"), ("globex", "Globex Advisors")):
        status, said = _say(running, f"GET {PATH}", f"Host: {name}.localhost:{{port}}")
        assert (status, title in said) == (200, True)
