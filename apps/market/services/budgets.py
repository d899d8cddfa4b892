"""What may still be asked of a source: one row a source, changed by single statements, exact over all processes.

The pace is that of the generic cell rate algorithm (ITU-T I.371): a burst, then one call a step, so that no window of
the budget's length, wherever it begins, holds more calls than the budget. Time is the database's.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.market.providers.base import BudgetSpentError
from apps.market.providers.budgets import budget_of

SPEND = """
INSERT INTO market_sourcebudget AS b (provider, due_at)
VALUES (%(provider)s, clock_timestamp() + %(step)s * interval '1 second')
ON CONFLICT (provider) DO UPDATE
SET due_at = greatest(b.due_at, clock_timestamp()) + %(step)s * interval '1 second'
WHERE greatest(b.due_at, clock_timestamp()) <= clock_timestamp() + (%(burst)s - 1) * %(step)s * interval '1 second'
  AND (b.paused_until IS NULL OR b.paused_until <= clock_timestamp())
RETURNING true
"""
NEXT = """
SELECT paused_until > clock_timestamp(),
       greatest(due_at - (%(burst)s - 1) * %(step)s * interval '1 second', paused_until)
FROM market_sourcebudget WHERE provider = %(provider)s
"""
LEFT = """
SELECT floor(extract(epoch FROM clock_timestamp() + %(burst)s * %(step)s * interval '1 second'
                                - greatest(due_at, clock_timestamp())) / %(step)s + 0.000001)::int,
       due_at, paused_until
FROM market_sourcebudget WHERE provider = %(provider)s
"""
PAUSE = """
INSERT INTO market_sourcebudget AS b (provider, due_at, paused_until)
VALUES (%s, clock_timestamp(), clock_timestamp() + %s * interval '1 second')
ON CONFLICT (provider) DO UPDATE SET paused_until = greatest(b.paused_until, excluded.paused_until)
"""


def spend(provider: str) -> None:
    """One call of the source. Raises BudgetSpentError, also while the source wants to be left alone."""
    if (budget := budget_of(provider)) is None:
        return
    wanted: dict[str, str | float] = {"provider": provider, "burst": budget.burst, "step": budget.step}
    with connection.cursor() as cursor:
        cursor.execute(SPEND, wanted)
        if cursor.fetchone():
            return
        cursor.execute(NEXT, wanted)
        is_paused, until = cursor.fetchone()
    why = f"{provider} asked to be left alone" if is_paused else f"The budget of {provider} is spent"
    raise BudgetSpentError(f"{why} until {until:%H:%M:%S} UTC.", until)


def pause(provider: str, seconds: float) -> None:
    """Nobody asks the source for so long; a longer pause that is known already stays."""
    with connection.cursor() as cursor:
        cursor.execute(PAUSE, [provider, seconds])


@dataclass(frozen=True, slots=True)
class Left:
    """How many calls may go out at this moment, when all may again, and until when the source wants a pause."""

    calls: int
    full_at: datetime | None = None
    paused_until: datetime | None = None


def left(provider: str) -> Left | None:
    """None for a source without a budget."""
    if (budget := budget_of(provider)) is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(LEFT, {"provider": provider, "burst": budget.burst, "step": budget.step})
        return Left(*(cursor.fetchone() or (budget.burst,)))
