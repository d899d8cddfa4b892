"""Sessions as the New York Stock Exchange published them: nyse.com, holidays and trading hours 2013, 2024 and 2025."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.market import calendars
from apps.market.calendars import Phase

NY = "XNYS"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("holiday", [date(2013, 2, 18), date(2025, 1, 9), date(2025, 12, 25), date(2013, 2, 23)])
def test_holidays_have_no_session(holiday: date) -> None:
    assert calendars.sessions_between(NY, holiday, holiday) == []


def test_a_half_day_closes_at_one() -> None:
    assert calendars.session_close(NY, date(2025, 12, 24)) == at("2025-12-24T18:00")


def test_a_winter_session_opens_at_half_past_two() -> None:
    assert calendars.session_open(NY, date(2013, 3, 1)) == at("2013-03-01T14:30")


def test_a_summer_session_opens_an_hour_earlier() -> None:
    assert calendars.session_open(NY, date(2026, 3, 23)) == at("2026-03-23T13:30")


def test_no_session_no_open() -> None:
    with pytest.raises(ValueError, match="not a session"):
        calendars.session_open(NY, date(2013, 2, 18))


def test_before_the_first_session_nothing_is_known() -> None:
    with pytest.raises(ValueError, match="first session"):
        calendars.session_at(NY, at("1980-01-02T15:00"))


def test_before_the_open_the_last_session_counts() -> None:
    assert calendars.session_at(NY, at("2013-02-19T14:29")) == date(2013, 2, 15)


def test_the_previous_session_skips_a_long_weekend() -> None:
    assert calendars.previous_session(NY, date(2013, 2, 19)) == date(2013, 2, 15)


def test_next_open_and_close() -> None:
    friday_evening = at("2013-03-01T22:00")
    assert calendars.next_open(NY, friday_evening) == at("2013-03-04T14:30")
    assert calendars.next_close(NY, friday_evening) == at("2013-03-04T21:00")


@pytest.mark.parametrize(
    ("moment", "phase"),
    [
        ("2013-03-01T14:30", Phase.OPEN),
        ("2013-03-01T20:59", Phase.OPEN),
        ("2013-03-01T21:00", Phase.POST),
        ("2013-03-02T02:00", Phase.CLOSED),
        ("2013-03-01T10:00", Phase.PRE),
    ],
)
def test_phases_of_a_day(moment: str, phase: Phase) -> None:
    assert calendars.phase_at(NY, at(moment)) is phase


@pytest.mark.parametrize(
    ("as_of", "clock", "state", "words"),
    [
        ("2013-03-01T15:00", "2013-03-01T15:05", "fresh", "fresh"),
        ("2013-03-01T15:00", "2013-03-01T15:21", "delayed", "delayed"),
        ("2013-03-01T20:59", "2013-03-02T12:00", "fresh", "fresh"),
        ("2013-02-15T20:59", "2013-02-19T14:29", "fresh", "fresh"),
        ("2013-02-15T20:59", "2013-02-19T14:30", "stale", "1 session old"),
        ("2013-02-15T20:59", "2013-02-20T20:00", "stale", "2 sessions old"),
        ("2013-02-15T20:59", "2013-02-21T20:00", "error", "3 sessions old"),
        ("2013-03-01T15:00", "2013-02-28T15:00", "fresh", "fresh"),
    ],
)
def test_age_counts_sessions(as_of: str, clock: str, state: str, words: str) -> None:
    age = calendars.age_state(NY, at(as_of), at(clock))
    assert (age.state, age.label) == (state, words)


def test_an_open_market_has_a_next_close_today() -> None:
    now = at("2013-03-01T15:00")
    assert calendars.is_open(NY, now)
    assert calendars.next_close(NY, now) - now == timedelta(hours=6)
