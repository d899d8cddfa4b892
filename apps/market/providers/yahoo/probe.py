"""Whether Yahoo answers this machine at all; asked before anything else of it is imported."""

import threading
from urllib.request import Request, urlopen

PROBE = "https://query2.finance.yahoo.com/v8/finance/chart/SPY?range=1d&interval=1d"


def answers(url: str = PROBE, seconds: float = 3.0) -> bool:
    """Whether Yahoo gives prices to this machine: one question, at most three seconds, any trouble is a no."""
    found: list[bool] = []
    asking = threading.Thread(target=lambda: found.append(_probe(url, seconds)), daemon=True)
    asking.start()
    asking.join(seconds)  # a name server that hangs keeps to no socket timeout
    return found == [True]


def _probe(url: str, seconds: float) -> bool:
    try:
        request = Request(url, headers={"User-Agent": "Mozilla/5.0"})  # noqa: S310 - https, or the tests' own server
        with urlopen(request, timeout=seconds) as answer:  # noqa: S310
            return b'"regularMarketPrice"' in answer.read(200_000)
    except (OSError, ValueError):
        return False
