"""Sessions, opens and closes of exchanges, answered from tables built once from exchange_calendars."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache

FIRST_DAY = "1990-01-01"
DELAY = timedelta(minutes=20)
PRE_MARKET = timedelta(hours=5, minutes=30)
POST_MARKET = timedelta(hours=4)
WARN_AFTER, FAIL_AFTER = 1, 3


@dataclass(frozen=True, slots=True)
class Age:
    """How old a price is: fresh, delayed (within a running session), stale or error, by trading sessions."""

    state: str
    sessions: int

    @property
    def label(self) -> str:
        """The state in words."""
        return self.state if not self.sessions else f"{self.sessions} session{'s' * (self.sessions > 1)} old"


class Phase(StrEnum):
    """What an exchange does at a moment."""

    PRE = "pre"
    OPEN = "open"
    POST = "post"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one calendar: days, and their opens and closes as epoch seconds, ascending."""

    days: tuple[date, ...]
    opens: tuple[int, ...]
    closes: tuple[int, ...]


@cache
def sessions_of(calendar: str) -> Sessions:
    """All sessions from 1990 to about a year ahead; unknown names raise ValueError."""
    import exchange_calendars  # two seconds and pandas: only where a calendar is really asked for

    schedule = exchange_calendars.get_calendar(calendar, start=FIRST_DAY)
    return Sessions(
        tuple(day.date() for day in schedule.sessions),
        tuple(int(nanos) // 10**9 for nanos in schedule.opens_nanos),
        tuple(int(nanos) // 10**9 for nanos in schedule.closes_nanos),
    )


def _place(sessions: Sessions, moment: datetime) -> int:
    """Index of the last session that had opened at the moment."""
    place = bisect_right(sessions.opens, moment.timestamp()) - 1
    if place < 0:
        raise ValueError(f"{moment} lies before the calendar's first session")
    return place


def _index(sessions: Sessions, on: date) -> int:
    place = bisect_left(sessions.days, on)
    if place == len(sessions.days) or sessions.days[place] != on:
        raise ValueError(f"{on} is not a session")
    return place


def sessions_between(calendar: str, start: date, end: date) -> list[date]:
    """Days with a session, both ends included."""
    days = sessions_of(calendar).days
    return list(days[bisect_left(days, start) : bisect_right(days, end)])


def session_at(calendar: str, moment: datetime) -> date:
    """The session that runs at the moment, else the last one before it."""
    sessions = sessions_of(calendar)
    return sessions.days[_place(sessions, moment)]


def session_open(calendar: str, on: date) -> datetime:
    """When that session opens; a day without a session raises ValueError."""
    sessions = sessions_of(calendar)
    return datetime.fromtimestamp(sessions.opens[_index(sessions, on)], UTC)


def session_close(calendar: str, on: date) -> datetime:
    """When that session closes, half days known; a day without a session raises ValueError."""
    sessions = sessions_of(calendar)
    return datetime.fromtimestamp(sessions.closes[_index(sessions, on)], UTC)


def previous_session(calendar: str, on: date) -> date:
    """The last session before that day."""
    days = sessions_of(calendar).days
    return days[bisect_left(days, on) - 1]


def last_closed(calendar: str, moment: datetime) -> date:
    """The last session that had closed at the moment."""
    sessions = sessions_of(calendar)
    return sessions.days[bisect_right(sessions.closes, moment.timestamp()) - 1]


def is_open(calendar: str, moment: datetime) -> bool:
    """Whether the exchange trades at the moment; the closing second is outside."""
    sessions = sessions_of(calendar)
    return moment.timestamp() < sessions.closes[_place(sessions, moment)]


def next_open(calendar: str, moment: datetime) -> datetime:
    """The first open after the moment."""
    opens = sessions_of(calendar).opens
    return datetime.fromtimestamp(opens[bisect_right(opens, moment.timestamp())], UTC)


def next_close(calendar: str, moment: datetime) -> datetime:
    """The first close after the moment."""
    closes = sessions_of(calendar).closes
    return datetime.fromtimestamp(closes[bisect_right(closes, moment.timestamp())], UTC)


def phase_at(calendar: str, moment: datetime) -> Phase:
    """Open, or within the usual hours before and after it, or closed."""
    if is_open(calendar, moment):
        return Phase.OPEN
    if next_open(calendar, moment) - moment <= PRE_MARKET:
        return Phase.PRE
    closed_at = session_close(calendar, session_at(calendar, moment))
    return Phase.POST if moment - closed_at < POST_MARKET else Phase.CLOSED


def sessions_behind(calendar: str, as_of: datetime, clock: datetime) -> int:
    """How many sessions opened after the one that `as_of` belongs to, up to the clock; never negative."""
    sessions = sessions_of(calendar)
    return max(_place(sessions, clock) - _place(sessions, as_of), 0)


def age_state(calendar: str, as_of: datetime, clock: datetime) -> Age:
    """Fresh, delayed within a running session, stale after one session, error after three."""
    behind = sessions_behind(calendar, as_of, clock)
    if behind >= FAIL_AFTER:
        return Age("error", behind)
    if behind >= WARN_AFTER:
        return Age("stale", behind)
    late = clock - as_of > DELAY and is_open(calendar, clock)
    return Age("delayed" if late else "fresh", 0)
