"""Pages, their parts and files, as browsers ask the web process for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import local

from django.conf import settings
from django_tenants.utils import tenant_context

from apps.tenants.middleware import form_secret
from tests.chaos.houses import House
from tests.chaos.words import words
from tests.contracts.addresses import NAMES, path_of

HTMX = {"HX-Request": "true"}
BUSY = 429
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Address:
    """What is asked for, at every house."""

    name: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, type and words."""

    status: int
    kind: str
    text: str


class Web:
    """The web process; each thread of ours has a connection of its own."""

    def __init__(self, port: int, houses: list[House]) -> None:
        self.port, self.place = port, local()
        self.paths = {house.mark: _paths(house) for house in houses}
        self.tokens = {house.mark: _token(house) for house in houses}

    def ask(self, house: House, address: Address, rng: Random) -> Answer:
        """As one of the members, another one where the first asked too often."""
        for cookie in rng.sample(house.cookies, len(house.cookies)):
            answer = self.ask_as(house, address, cookie)
            if answer.status != BUSY:
                break
        return answer

    def ask_as(self, house: House, address: Address, cookie: str) -> Answer:
        """As the member with this session."""
        host = f"{house.organization.host}:{self.port}"
        headers = {"Host": host, "Cookie": cookie, **address.headers}
        body = None
        if address.method == "POST":
            headers |= {
                "Origin": f"http://{host}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={self.tokens[house.mark]}",
            }
            body = f"csrfmiddlewaretoken={self.tokens[house.mark]}"
        line = self._line()
        try:
            line.request(address.method, self.paths[house.mark][address.name], body=body, headers=headers)
            answer = line.getresponse()
            kind = answer.headers.get("Content-Type", "").partition(";")[0]
            return Answer(answer.status, kind, words(answer.read(), kind) + str(answer.headers))
        except (HTTPException, OSError):
            line.close()
            raise

    def _line(self) -> HTTPConnection:
        if not hasattr(self.place, "line"):
            self.place.line = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        line: HTTPConnection = self.place.line
        return line


def _paths(house: House) -> dict[str, str]:
    with tenant_context(house.organization):
        return {name: path_of(name) for name in NAMES}


def _token(house: House) -> str:
    """Of the forms of its pages: as the cookie has it, which Django takes in a form, too."""
    with tenant_context(house.organization):
        return form_secret("c" * 20)


def addresses(web: Web, house: House, rng: Random) -> dict[str, list[Address]]:
    """Kind -> everything that the resolver knows, answers 200 and shows the own mark; nobody keeps a list."""
    found: dict[str, list[Address]] = {"pages": [], "partials": [], "exports": [Address("audit_export", "POST")]}
    for name in NAMES:
        for headers in ({}, HTMX):
            answer = web.ask(house, address := Address(name, headers=headers), rng)
            if answer.status == 200 and house.mark in answer.text and (kind := _kind_of(answer, address)):
                found[kind].append(address)
    return found


def _kind_of(answer: Answer, address: Address) -> str:
    if answer.kind != "text/html":
        return "" if address.headers else "exports"
    if "<html" in answer.text:
        return "" if address.headers else "pages"
    return "partials"
