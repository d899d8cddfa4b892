"""What a source of market data must answer, and the frozen records that it answers with."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from apps.market.columns import Bars


class ProviderError(Exception):
    """The source is away, or what it answered cannot be used; nothing stored may change because of it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A thing traded, as reference data names it."""

    symbol: str
    mic: str
    name: str
    sector: str = ""
    country: str = ""
    currency: str = "USD"
    asset_class: str = "stock"


@dataclass(frozen=True, slots=True)
class MinuteData:
    """One minute of a session, by the minute's start in UTC."""

    symbol: str
    at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int
    source: str


@dataclass(frozen=True, slots=True)
class Tick:
    """What a feed saw at a moment; open, high, low and volume are the session's up to then. Never stored."""

    symbol: str
    price: float
    at: datetime
    session_on: date
    source: str
    previous_close: float | None = None
    open: float | None = None
    high: float | None = None
    low: float | None = None
    volume: int | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """A published headline and the symbols that the source tags it with."""

    title: str
    published_at: datetime
    source: str
    symbols: tuple[str, ...]
    url: str = ""


class Happening(StrEnum):
    """What a batch of the stream means."""

    OPEN = "open"
    TICKS = "ticks"
    CLOSE = "close"
    REWIND = "rewind"


@dataclass(frozen=True, slots=True)
class Batch:
    """One step of a stream: the market clock, what was seen, and the real seconds to wait before the next step."""

    happening: Happening
    session_on: date
    at: datetime
    ticks: tuple[Tick, ...] = ()
    headlines: tuple[Headline, ...] = ()
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Channel:
    """How the stream runs: live or replay, its words for the page, and the first session that it brings."""

    mode: str
    first_session: date
    starts_at: datetime
    note: str


class Provider(Protocol):
    """A source. Every method may raise ProviderError; days are the exchange's, moments are aware."""

    name: str

    def series(self) -> str:
        """Names the set of data: when it changes, stored series begin anew."""

    def listings(self) -> Sequence[Listing]:
        """What the source knows."""

    def channel(self) -> Channel:
        """What `stream` will play; history loaded before it ends with the session before `first_session`."""

    def bars(self, symbol: str, start: date, end: date) -> Bars:
        """Closed sessions, both days included, ascending; the instrument's key is the caller's to fill in."""

    def minutes(self, symbol: str, on: date) -> Iterable[MinuteData]:
        """The minutes of a session, ascending; empty where the source has none."""

    def quotes(self, symbols: Iterable[str]) -> Sequence[Tick]:
        """The last price of each symbol that the source knows."""

    def headlines(self, symbols: Iterable[str], start: datetime, end: datetime) -> Iterable[Headline]:
        """Published after `start` and not after `end`, ascending."""

    def stream(self, symbols: Sequence[str], since: datetime | None = None) -> Iterator[Batch]:
        """Endless. A replay resumes at `since` on its clock when that lies within what it plays."""
