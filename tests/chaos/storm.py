"""The storm: every thread takes the next operation of any house, so that one worker serves all of them in turns."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from django_tenants.utils import tenant_context

from apps.portfolio.models import Portfolio
from deploy.local.background import Product
from deploy.local.terminal import PLAIN, RED, say, step
from tests.chaos.frames import Pages, opened
from tests.chaos.houses import House, make_houses
from tests.chaos.jobs import Jobs
from tests.chaos.tally import Tally
from tests.chaos.visits import Address, Web, addresses

THREADS = 8
SHARES = {"frames": 40, "jobs": 24, "pages": 12, "partials": 12, "exports": 12}  # of a hundred


@dataclass(frozen=True, slots=True)
class Operation:
    """Number, kind and whose."""

    number: int
    kind: str
    house: House


@dataclass(frozen=True, slots=True)
class Storm:
    """What the operations work with."""

    web: Web
    known: dict[str, list[Address]]
    pages: Pages
    jobs: Jobs
    tally: Tally
    book: str
    seed: int

    def do(self, one: Operation) -> None:
        """Asks or sends; frames and jobs are counted where they arrive."""
        rng = Random(f"{self.seed}:{one.number}")  # the same whatever thread takes it
        if one.kind == "frames":
            self.pages.send(one.number, one.house, self.book, rng)
        elif one.kind == "jobs":
            self.jobs.send(one.number, one.house, rng)
        else:
            address = rng.choice(self.known[one.kind])
            answer = self.web.ask(one.house, address, rng)
            self.tally.scan(one.kind, one.house, answer.text, f"{one.number}: {answer.status} {address.name}")


def run(running: Product, *, count: int, seed: int) -> int:
    """Prints the figure as its last line; 1 unless it is 0 with every control positive."""
    rng, tally, jobs = Random(seed), Tally(), Jobs()
    with step("Making houses with the same keys and their own marks"):
        houses = make_houses()
        web = Web(running.port, houses)
        known = addresses(web, houses[0], rng)
        with tenant_context(houses[0].organization):
            book = str(Portfolio.objects.filter(shared=True).earliest("pk").pk)
    say(", ".join(f"{len(found)} {kind}" for kind, found in known.items()) + " are asked for in turns")
    with opened(web, houses, known["pages"], tally) as pages:
        storm = Storm(web, known, pages, jobs, tally, book, seed)
        with step(f"{count:,} operations of {len(houses)} houses in {THREADS} threads"):
            _spread(storm.do, _plan(houses, count, rng))
        with step("Waiting for the worker"):
            jobs.collect(houses, tally)
    tally.unseen += [f"frame {number}" for number in pages.rest()]
    running.check()
    for problem in tally.problems():
        say(f"{RED}✗{PLAIN} {problem}")
    say(tally.line())
    return 1 if tally.problems() or tally.total != count else 0


def _plan(houses: list[House], count: int, rng: Random) -> list[Operation]:
    kinds = rng.choices(list(SHARES), weights=list(SHARES.values()), k=count)
    return [Operation(number, kind, rng.choice(houses)) for number, kind in enumerate(kinds, start=1)]


def _spread(do: Callable[[Operation], None], plan: Sequence[Operation]) -> None:
    """What breaks ends the run."""
    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(do, one) for one in plan]:
            done.result()
