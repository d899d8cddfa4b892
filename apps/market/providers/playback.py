"""Plays recorded sessions as live batches on a market clock of its own; knows no folder and no vendor."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zlib import crc32

from apps.market.providers.base import Batch, Happening, Headline, MinuteData, Tick

STEP = timedelta(seconds=15)  # market time between two points of a path, and a quarter of a minute
BEAT = 0.25  # real seconds between two batches
NIGHT = 2.0  # real seconds between a close and the next open


@dataclass(frozen=True, slots=True)
class DayBar:
    """One recorded session with prices as traded."""

    symbol: str
    on: date
    open: float
    high: float
    low: float
    close: float
    volume: int
    source: str
    dividend: float = 0.0
    split_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Point:
    """A price at a moment, with the volume traded in the session up to then."""

    at: datetime
    price: float
    volume: int


@dataclass(frozen=True, slots=True)
class Recording:
    """One symbol's session; `path` is True for a walk through open, high, low and close."""

    symbol: str
    points: tuple[Point, ...]
    previous_close: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Session:
    """One day of the market: its hours and what was recorded."""

    on: date
    opens_at: datetime
    closes_at: datetime
    recordings: tuple[Recording, ...]


def minute_points(minutes: Sequence[MinuteData]) -> tuple[Point, ...]:
    """Each minute's open, low and high (the one nearer to the open first) and close, a quarter of a minute apart."""
    points, volume = [], 0
    for bar in minutes:
        rises = bar.close >= bar.open
        corners = (bar.open, bar.low, bar.high, bar.close) if rises else (bar.open, bar.high, bar.low, bar.close)
        for quarter, price in enumerate(corners):
            done = volume + bar.volume * (quarter + 1) // 4
            points.append(Point(bar.at + quarter * STEP, price, done))
        volume += bar.volume
    return tuple(points)


def path_points(bar: DayBar, opens_at: datetime, closes_at: datetime) -> tuple[Point, ...]:
    """A fixed way through the day's real open, low, high and close (a falling day: high first), touching each exactly.

    Straight lines between the four, rounded to the cent and kept within the day's range. Where the corners lie in the
    day follows from the symbol and the date, so that symbols do not turn together.
    """
    corners = (bar.open, bar.low, bar.high, bar.close)
    if bar.close < bar.open:
        corners = (bar.open, bar.high, bar.low, bar.close)
    steps = int((closes_at - opens_at) / STEP)
    seed = crc32(f"{bar.symbol} {bar.on}".encode())
    first, second = steps * (20 + seed % 25) // 100, steps * (55 + seed // 25 % 25) // 100
    places = (0, first, second, steps)
    points = []
    for place in range(steps + 1):
        leg = min(bisect_right(places, place) - 1, 2)
        price = _between(corners[leg], corners[leg + 1], place - places[leg], places[leg + 1] - places[leg])
        volume = bar.volume * place // steps
        points.append(Point(opens_at + place * STEP, price, volume))
    return tuple(points)


def _between(start: float, end: float, done: int, steps: int) -> float:
    if done in (0, steps):
        return start if done == 0 else end
    price = round(start + (end - start) * done / steps, 2)
    return min(max(price, min(start, end)), max(start, end))


class _Player:
    """One symbol's way through its session: keeps what was shown and the running open, high, low."""

    def __init__(self, session: Session, recording: Recording) -> None:
        self._session, self._recording = session, recording
        self._place, self._high, self._low = 0, float("-inf"), float("inf")

    def until(self, clock: datetime) -> list[Tick]:
        """The ticks since the last call; a price that did not move is told once a minute."""
        ticks, points = [], self._recording.points
        while self._place < len(points) and points[self._place].at <= clock:
            point = points[self._place]
            moved = self._place == 0 or point.price != points[self._place - 1].price
            self._high, self._low = max(self._high, point.price), min(self._low, point.price)
            self._place += 1
            if moved or point.at.second == 0:
                ticks.append(self._tick(point))
        return ticks

    def _tick(self, point: Point) -> Tick:
        recording = self._recording
        return Tick(
            symbol=recording.symbol,
            price=point.price,
            at=point.at,
            session_on=self._session.on,
            source=recording.source,
            previous_close=recording.previous_close,
            open=recording.points[0].price,
            high=self._high,
            low=self._low,
            volume=point.volume,
        )


def play(
    sessions: Sequence[date],
    load: Callable[[date], Session],
    news: Callable[[datetime, datetime], Sequence[Headline]],
    speed: float,
    since: datetime | None = None,
) -> Iterator[Batch]:
    """Endless: every session from open to close, then the next; after the last a REWIND and the first again.

    `speed` is market seconds a real second. `news(after, until)` gives what was published between two moments.
    """
    while True:
        heard = load(sessions[0]).opens_at
        for on in sessions:
            session = load(on)
            if since and session.closes_at <= since:
                heard = session.closes_at
                continue
            start = max(since, session.opens_at) if since else session.opens_at
            for batch in _day(session, news, heard, start, speed):
                yield batch
                heard = batch.at
            since = None
        since = None
        yield Batch(Happening.REWIND, sessions[0], load(sessions[0]).opens_at, pause=NIGHT)


def _day(
    session: Session,
    news: Callable[[datetime, datetime], Sequence[Headline]],
    heard: datetime,
    clock: datetime,
    speed: float,
) -> Iterator[Batch]:
    players = [_Player(session, recording) for recording in session.recordings]
    seen = [tick for player in players for tick in player.until(clock)[-1:]]
    yield Batch(Happening.OPEN, session.on, clock, tuple(seen), tuple(news(heard, clock)), BEAT)
    while clock < session.closes_at:
        heard, clock = clock, min(clock + timedelta(seconds=BEAT * speed), session.closes_at)
        seen = [tick for player in players for tick in player.until(clock)]
        yield Batch(Happening.TICKS, session.on, clock, tuple(seen), tuple(news(heard, clock)), BEAT)
    yield Batch(Happening.CLOSE, session.on, session.closes_at, pause=NIGHT)
