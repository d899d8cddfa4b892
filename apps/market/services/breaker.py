"""A source that fails again and again is left alone, then tried by one caller; all processes know of it."""

from django.db import connection

from apps.market.models import SourceState
from apps.market.providers.base import BreakerOpenError

OPENS_AFTER = 5  # failures in a row
FIRST, LONGEST = 30, 900  # seconds that it stays open; twice as long with each failure in between
LEASE = 120  # seconds: a probe that died with its process holds nobody up for longer

PROBE = """
UPDATE market_sourcestate SET probe_until = clock_timestamp() + %(lease)s * interval '1 second'
WHERE provider = %(provider)s AND capability = %(capability)s
  AND open_until <= clock_timestamp() AND (probe_until IS NULL OR probe_until <= clock_timestamp())
RETURNING true
"""
CLOSE = """
INSERT INTO market_sourcestate AS s (provider, capability, failures, succeeded_at, error)
VALUES (%(provider)s, %(capability)s, 0, clock_timestamp(), '')
ON CONFLICT (provider, capability) DO UPDATE
SET failures = 0, open_until = NULL, probe_until = NULL, succeeded_at = clock_timestamp()
"""
FAIL = """
INSERT INTO market_sourcestate AS s (provider, capability, failures, failed_at, error)
VALUES (%(provider)s, %(capability)s, 1, clock_timestamp(), %(error)s)
ON CONFLICT (provider, capability) DO UPDATE
SET failures = s.failures + 1, probe_until = NULL, failed_at = clock_timestamp(), error = excluded.error,
    open_until = CASE WHEN s.failures + 1 >= %(most)s THEN clock_timestamp()
        + least(%(first)s * 2.0 ^ least(s.failures + 1 - %(most)s, 10), %(longest)s) * interval '1 second' END
"""
RELEASE = (
    "UPDATE market_sourcestate SET probe_until = NULL WHERE provider = %(provider)s AND capability = %(capability)s"
)


def enter(provider: str, capability: str) -> None:
    """Before a call. Raises BreakerOpenError while the source is left alone, or while another caller tries it."""
    state = SourceState.objects.filter(provider=provider, capability=capability).first()
    if state is None or state.open_until is None or _changed(PROBE, provider, capability, lease=LEASE):
        return
    until = max(state.open_until, state.probe_until or state.open_until)
    text = f"{provider} is left alone until {until:%H:%M:%S} UTC after {state.failures} failures: {state.error}"
    raise BreakerOpenError(text, until)


def close(provider: str, capability: str) -> None:
    """The source answered."""
    _changed(CLOSE, provider, capability)


def fail(provider: str, capability: str, error: str) -> None:
    """The source did not; from the fifth time in a row it is left alone."""
    _changed(FAIL, provider, capability, error=error[:300], most=OPENS_AFTER, first=FIRST, longest=LONGEST)


def release(provider: str, capability: str) -> None:
    """The call did not go out after all: the next caller may try."""
    _changed(RELEASE, provider, capability)


def _changed(statement: str, provider: str, capability: str, **values: str | int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"provider": provider, "capability": capability, **values})
        return bool(cursor.rowcount)
