"""One call of one source: past its breaker, within its budget, tried again with jitter, and written down."""

import time
from collections.abc import Callable, Iterator, Sized
from datetime import datetime, timedelta
from functools import partial

import stamina
from django.conf import settings
from django.utils import timezone

from apps.market.models import Fetch, Outcome
from apps.market.providers.base import (
    AwayError,
    Batch,
    BudgetSpentError,
    Capability,
    Door,
    MarketProvider,
    Provider,
    ProviderError,
    RefusedError,
    Symbols,
)
from apps.market.services import breaker, budgets

ATTEMPTS = 3
MOST_SECONDS = 20.0  # of one call, its waits included: no attempt begins later


def call[T: Sized](source: Provider, capability: Capability, symbols: int, ask: Callable[[], T]) -> T:
    """The answer of `ask`, which asks the source about so many symbols. Raises ProviderError.

    To be called outside of a transaction, which would keep others from the budget and lose the note of a failure.
    """
    breaker.enter(source.name, capability)
    source.meter = partial(budgets.spend, source.name)
    note = Fetch(provider=source.name, capability=capability, symbols=symbols)
    began = time.monotonic()
    try:
        answer = _with_patience(ask)
    except BudgetSpentError:
        breaker.release(source.name, capability)
        raise
    except ProviderError as error:
        if isinstance(error, RefusedError):
            budgets.pause(source.name, (error.until - timezone.now()).total_seconds())
        breaker.fail(source.name, capability, str(error))
        _write(note, began, Outcome.FAILED, detail=str(error))
        raise
    breaker.close(source.name, capability)
    is_whole = len(answer) >= symbols or capability not in {Capability.HISTORY, Capability.QUOTES}
    _write(note, began, Outcome.OK if is_whole else Outcome.PARTIAL, rows=len(answer))
    return answer


def _with_patience[T](ask: Callable[[], T]) -> T:
    attempts = stamina.retry_context(
        on=AwayError, attempts=ATTEMPTS, timeout=MOST_SECONDS, wait_initial=0.2, wait_max=5.0, wait_jitter=1.0
    )
    for attempt in attempts:
        with attempt:
            return ask()
    raise AssertionError("the last attempt returns or raises")


def stream(provider: MarketProvider, symbols: Symbols, since: datetime | None) -> Iterator[Batch]:
    """The provider's endless stream; what it asks for beside comes through this door too."""
    door = Door(
        quotes=lambda wanted: call(provider, Capability.QUOTES, len(wanted), lambda: provider.quotes(wanted)),
        minutes=lambda wanted, on: call(
            provider, Capability.MINUTES, len(wanted), lambda: provider.minutes(wanted, on)
        ),
        histories=lambda wanted, start, end: call(
            provider, Capability.HISTORY, len(wanted), lambda: provider.histories(wanted, start, end)
        ),
        note=lambda problem: note_connection(provider, problem),
    )
    return provider.stream(symbols, since, door)


def note_connection(source: Provider, problem: str) -> None:
    """The live connection of a source came (no problem) or went, in words."""
    if problem:
        breaker.fail(source.name, Capability.STREAM, problem)
    else:
        breaker.close(source.name, Capability.STREAM)
    outcome = Outcome.FAILED if problem else Outcome.OK
    Fetch.objects.create(
        provider=source.name, capability=Capability.STREAM, outcome=outcome, took_ms=0, detail=problem[:300]
    )


def trim_fetches() -> int:
    """Forgets calls older than FETCH_DAYS; how many."""
    return Fetch.objects.filter(at__lt=timezone.now() - timedelta(days=settings.FETCH_DAYS)).delete()[0]


def _write(note: Fetch, began: float, outcome: Outcome, *, rows: int = 0, detail: str = "") -> None:
    note.outcome, note.rows, note.detail = outcome, rows, detail[:300]
    note.took_ms = round((time.monotonic() - began) * 1000)
    note.save(force_insert=True)
