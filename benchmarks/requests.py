"""A signed-in member's dashboard from a real daphne, beside plain Django under the same server."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.load import Load, get_page, request_bytes, run_load
from benchmarks.many import host_of
from benchmarks.measure import Goal, Measure, alternate
from benchmarks.people import members, organization
from benchmarks.servers import Server, threads, web
from benchmarks.sizes import sizes
from deploy.local.folders import ROOT

CONNECTIONS = 8
SECONDS = 4.0
TURN_SECONDS = 2.0
PEER = "benchmarks.peers.plain_django:application"


@dataclass(frozen=True, slots=True)
class Round:
    """One round of load on one server."""

    load: Load
    cpu: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.load.requests / self.load.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU of the web process a request."""
        return 1000 * self.cpu / self.load.requests


def dashboard() -> Iterator[Measure]:
    """Throughput of concurrent keep-alive clients, and the web process's CPU a page."""
    host = organization().host
    with web() as ours:
        pages = [request_bytes(f"{host}:{ours.port}", member.cookie) for member in members(sizes().members)]
        size = len(get_page(ours.port, pages[0]))
        with web(PEER, PAGE_BYTES=str(size)) as peer:
            ways = [_round(ours, pages), _round(peer, [request_bytes(f"{host}:{peer.port}")])]
            mine, plain = alternate(ways, sizes().rounds)
    text = f"plain Django, same daphne, one query, bare template, {size / 1024:.0f} KB; {CONNECTIONS} clients"
    yield Measure("requests.dashboard_rps", _rate(mine), "requests/s", _rate(plain), text, Goal("ratio", ">=", 0.25))
    goal = Goal("ratio", "<=", 4)
    yield Measure("requests.dashboard_cpu_ms", _cpu(mine), "ms CPU a page", _cpu(plain), text, goal)


def locks() -> Iterator[Measure]:
    """The same page in turns of many organizations: both locks, the first alone, and plain Django in one schema."""
    count = sizes().organizations
    _make_many(count)
    with (
        threads("tenant") as both,
        threads("tenant", DB_LOGIN="owner") as one,
        threads("plain", SCHEMA=organization().schema_name) as plain,
    ):
        turns = [[request_bytes(f"{host_of(n)}:{way.port}") for n in range(count)] for way in (both, one)]
        ways = [_turn(both, turns[0]), _turn(one, turns[1]), _turn(plain, [request_bytes(f"localhost:{plain.port}")])]
        two, single, django = alternate(ways, sizes().rounds)
    text = f"search_path alone; a page with one query, {count} organizations in turns, one thread"
    yield Measure("requests.two_locks", _wait(two), "ms a page", _wait(single), text, Goal("ratio", "<=", 1.15))
    text = "plain Django, same WSGI server with threads, same query"
    yield Measure("requests.tenant_page", _cpu(two), "ms CPU a page", _cpu(django), text, Goal("ratio", "<=", 1.3))


def _make_many(count: int) -> None:
    command = [sys.executable, "-m", "benchmarks.many", str(count)]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DB_LOGIN": "owner"}, check=True)


def _turn(server: Server, pages: Sequence[bytes]) -> Callable[[], Round]:
    """One client: what it waits for is the page, not its neighbours."""

    def run() -> Round:
        before = server.cpu_seconds()
        load = run_load(server.port, pages, connections=1, seconds=TURN_SECONDS)
        return Round(load, server.cpu_seconds() - before)

    return run


def _wait(rounds: Sequence[Round]) -> float:
    return median(1000 / one.rate for one in rounds)


def _round(server: Server, pages: Sequence[bytes]) -> Callable[[], Round]:
    def run() -> Round:
        before = server.cpu_seconds()
        load = run_load(server.port, pages, connections=CONNECTIONS, seconds=SECONDS)
        return Round(load, server.cpu_seconds() - before)

    return run


def _rate(rounds: Sequence[Round]) -> float:
    return median(one.rate for one in rounds)


def _cpu(rounds: Sequence[Round]) -> float:
    return median(one.cpu_ms for one in rounds)


BENCHMARKS = {"requests.dashboard": dashboard, "requests.t": locks}
