"""What was seen: an operation counts when its own mark was found in the answer; a foreign one is never forgiven."""

from collections import Counter
from threading import Lock

from tests.chaos.houses import House

KINDS = ("pages", "partials", "frames", "jobs", "exports")
SHOWN = 10


class Tally:
    """Counts of all threads."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.foreign: list[str] = []
        self.unseen: list[str] = []
        self._lock = Lock()

    def scan(self, kind: str, house: House, text: str, where: str) -> None:
        """One operation's whole answer."""
        with self._lock:
            self.foreign += [f"{where} of {house.mark} showed {mark}" for mark in house.foreign_in(text)]
            if house.mark in text:
                self.seen[kind] += 1
            else:
                self.unseen.append(f"{where} of {house.mark}: {text[:300]!r}")

    def overhear(self, house: House, text: str, where: str) -> None:
        """What came unasked: it is no operation, and must not carry another's mark."""
        if foreign := house.foreign_in(text):
            with self._lock:
                self.foreign += [f"{where} of {house.mark} overheard {mark}" for mark in foreign]

    @property
    def total(self) -> int:
        """Operations that were shown their own mark."""
        return self.seen.total()

    def problems(self) -> list[str]:
        """The first of each sort; none when isolation held and the controls are positive."""
        rare = [f"only {self.seen[kind]} of {kind}" for kind in KINDS if self.seen[kind] * 10 < self.total]
        return [*self.foreign[:SHOWN], *self.unseen[:SHOWN], *rare]

    def line(self) -> str:
        """The last line of the run."""
        kinds = " ".join(f"{kind} {self.seen[kind]:,}" for kind in KINDS)
        return f"isolation: {len(self.foreign)} foreign canaries in {self.total:,} operations ({kinds})"
