"""Search over everything traded: the function, beside what a database does for the same text, and over HTTP."""

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from urllib.parse import quote

from django.conf import settings
from django.db.models import Q
from django_tenants.utils import schema_context

from apps.market import services
from apps.market.models import Instrument
from apps.market.models.finding import index_rows
from apps.market.search import MOST, SymbolIndex
from benchmarks.load import get_page, request_bytes, run_paced
from benchmarks.measure import Goal, Measure, alternate, percentile, seconds_a_call, without_collector
from benchmarks.people import members, organization
from benchmarks.servers import Server, web
from benchmarks.sizes import sizes

USERS, QUESTIONS, PAUSE = 50, 6, 1.0
MOST_MS = 1.0
ROUNDS = 5
PATIENCE = 60.0
TYPED = ("boeing", "apple", "mircosoft", "brk b", "at&t", "spy", "general electric", "exxon mob", "vanguard total")


def function() -> Iterator[Measure]:
    """Every beginning of what people type, a letter at a time, and of names drawn from the list."""
    with schema_context("public"):
        index, texts = _index(), _typed()
    with without_collector():
        times = [seconds for _ in range(sizes().rounds) for seconds in _timed(index, texts)]
    peer = f"the bound; p95 of {len(texts):,} beginnings over {len(index):,} instruments"
    goal = Goal("value", "<=", MOST_MS)
    yield Measure("search.p95_ms", percentile(times, 0.95) * 1000, "ms", MOST_MS, peer, goal)


def against_the_database() -> Iterator[Measure]:
    """The same texts in turns."""
    with schema_context("public"):
        index, texts = _index(), random.Random(2026).sample(_typed(), 40)
        ways: list[Callable[[], object]] = [lambda: list(map(index.find, texts)), lambda: list(map(_icontains, texts))]
        ours, theirs = (seconds / len(texts) for seconds in seconds_a_call(ways, rounds=sizes().rounds, calls=1))
    text = f"symbol or name ICONTAINS, the first {MOST} rows, by the ORM"
    yield Measure("search.vs_icontains", ours * 1000, "ms", theirs * 1000, text, Goal("ratio", "<=", 0.05))


def over_http() -> Iterator[Measure]:
    """Fifty people, a letter a second each, beside the same people on a page with nothing on it."""
    with schema_context("public"):
        _index()  # imports the list
        texts = _typed()
    host, people = organization().host, members(USERS)
    with web() as server:
        address = f"{host}:{server.port}"

        def asked(path: str, *more: str) -> list[bytes]:
            return [request_bytes(address, person.cookie, path, *more) for person in people]

        questions = [asked(f"/search/?q={quote(text)}", "HX-Request: true") for text in texts[: QUESTIONS * 20]]
        pages = [asked("/search/")] * QUESTIONS
        _wait_for_index(server, request_bytes(address, people[0].cookie, "/search/?q=mircosoft"))
        turns = itertools.cycle(itertools.batched(questions, QUESTIONS))
        ours, theirs = alternate([lambda: _p95(server, next(turns)), lambda: _p95(server, pages)], ROUNDS)
    text = f"an empty signed-in page; p95, {USERS} people, one request a second each"
    yield Measure("search.http_p95", median(ours), "ms", median(theirs), text, Goal("ratio", "<=", 1.5))


def _index() -> SymbolIndex:
    """Of the bundled list and the generated instruments."""
    for _ in services.fetch_universe(settings.UNIVERSE):
        pass
    return SymbolIndex(index_rows())


def _typed() -> list[str]:
    names = list(Instrument.objects.filter(in_universe=True).order_by("pk").values_list("name", flat=True))
    chosen = [*TYPED, *random.Random(2026).sample(names, 100)]
    return [text[:end] for text in chosen for end in range(1, min(len(text), 12) + 1)]


def _timed(index: SymbolIndex, texts: Sequence[str]) -> Iterator[float]:
    for text in texts:
        start = time.perf_counter()
        index.find(text)
        yield time.perf_counter() - start


def _icontains(text: str) -> list[int]:
    found = Instrument.objects.filter(Q(symbol__icontains=text) | Q(name__icontains=text)).order_by("symbol")
    return list(found.values_list("pk", flat=True)[:MOST])


def _wait_for_index(server: Server, request: bytes) -> None:
    """Until it is built the database answers, which forgives no typo."""
    limit = time.monotonic() + PATIENCE
    while b"MSFT" not in get_page(server.port, request):
        assert time.monotonic() < limit, "the process has built no index"
        time.sleep(0.5)


def _p95(server: Server, asked: Sequence[Sequence[bytes]]) -> float:
    """Milliseconds; `asked` holds, request by request, what each person asks."""
    of_people = list(zip(*asked, strict=True))
    return percentile(run_paced(server.port, of_people, pause=PAUSE), 0.95) * 1000


BENCHMARKS = {"search.p95_ms": function, "search.vs_icontains": against_the_database, "search.http_p95": over_http}
