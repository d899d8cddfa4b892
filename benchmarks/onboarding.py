"""Fifty strangers in a row: from the button behind the mailed link to a full dashboard, on real processes."""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from signal import SIGTERM
from statistics import median

import httpx
from django.conf import settings
from django_tenants.utils import schema_context

from apps.accounts import services
from benchmarks.measure import Goal, Measure, percentile
from benchmarks.people import organization, owner
from benchmarks.servers import Server, web
from deploy.local.folders import ROOT
from deploy.local.processes import launch, stop
from deploy.local.stack import processes

SIGN_UPS = 50
CELLS = ("price", "change", "percent", "spark", "rsi", "signal", "sentiment")
CONFIRM, ENTER = "/signup/confirm/", "/accounts/enter/"
TOKEN = re.compile(r'name="token" value="([\w-]+)"')
FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
WAIT = 0.7  # as the waiting page does


@dataclass
class Walk:
    """One stranger's way in, and the seconds of each step."""

    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """From the button to the page."""
        return sum(self.seconds.values())

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Adds what the block takes to the step."""
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def full_dashboard() -> Iterator[Measure]:
    """The pool is filled up by the fleet's process meanwhile; a page that must wait for it waits as in a browser."""
    walks, bare = [], []
    with web() as server, _fleet(server.port):
        known = f"{organization().host}:{server.port}"
        cookie = dict([owner().cookie.split("=", 1)])
        for number in range(SIGN_UPS + 1):
            walks.append(_walk(server, number))
            bare.append(_bare(server, known, cookie))
    taken = walks[1:]  # the first one warms up
    split = ", ".join(f"{name} {median(walk.seconds[name] for walk in taken):.3f}" for name in taken[0].seconds)
    text = f"the dashboard of an organization that was there, p95; ours by steps, medians in s: {split}"
    value, limit = percentile([walk.total for walk in taken], 0.95), percentile(bare[1:], 0.95)
    yield Measure("organizations.full_dashboard_p95_s", value, "s", limit, text, Goal("value", "<=", 2))


def _walk(server: Server, number: int) -> Walk:
    link, walk = _mailed_link(number), Walk()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as public:
        public.headers.update(_at(settings.BASE_DOMAIN, server.port))
        sent = {"token": link, "csrfmiddlewaretoken": _found(FORM_TOKEN, public.get(CONFIRM, params={"token": link}))}
        with walk.step("found"):
            answer = public.post(CONFIRM, data=sent)
            while answer.status_code == httpx.codes.ACCEPTED:
                time.sleep(WAIT)
                answer = public.post(CONFIRM, data=sent)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as own:
        own.headers.update(_at(f"stranger-{number}.{settings.BASE_DOMAIN}", server.port))
        own.headers["Origin"] = f"http://{settings.BASE_DOMAIN}:{server.port}"
        with walk.step("enter"):
            entered = own.post(ENTER, data={"token": _found(TOKEN, answer)})
        with walk.step("dashboard"):
            page = own.get(entered.headers["Location"])
    _require_full(page)
    return walk


def _mailed_link(number: int) -> str:
    """Out of the very mail that the stranger gets."""
    with schema_context("public"):
        row = services.request_sign_up(
            name=f"Stranger {number}",
            subdomain=f"stranger-{number}",
            email=f"stranger{number}@generated.test",
            owner_name="A Stranger",
            password="generated-on-purpose-42",
        )
        claimed = services.claim_mail(row.pk)
    found = re.search(r"token=([\w-]+)", claimed[1].text if claimed else "")
    assert found
    return found[1]


def _require_full(page: httpx.Response) -> None:
    """Every cell of every starter symbol, and none of them empty."""
    for name in CELLS:
        keys = set(re.findall(rf'data-live="(\d+):{name}"', page.text))
        assert len(keys) >= len(settings.STARTER_SYMBOLS), f"{len(keys)} {name} cells, status {page.status_code}"
    assert "no data" not in page.text
    assert page.text.count("<polyline") >= len(settings.STARTER_SYMBOLS)


def _bare(server: Server, host: str, cookies: dict[str, str]) -> float:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", cookies=cookies, timeout=30) as member:
        start = time.perf_counter()
        page = member.get("/", headers={"Host": host})
        seconds = time.perf_counter() - start
    _require_full(page)
    return seconds


def _at(host: str, port: int) -> dict[str, str]:
    return {"Host": f"{host}:{port}", "Origin": f"http://{host}:{port}"}


def _found(pattern: re.Pattern[str], answer: httpx.Response) -> str:
    match = pattern.search(answer.text)
    assert match, f"{answer.status_code}: {answer.text[:500]}"
    return match[1]


@contextmanager
def _fleet(port: int) -> Iterator[None]:
    """The process with the owner's login, as the product's manager starts it."""
    command, added = processes(os.environ, port)["fleet"]
    with tempfile.TemporaryFile() as log:
        process = launch(command, cwd=ROOT, log=log, end=SIGTERM, env=os.environ | added)
        try:
            yield
        finally:
            stop(process, SIGTERM)


BENCHMARKS = {"organizations.full_dashboard": full_dashboard}
