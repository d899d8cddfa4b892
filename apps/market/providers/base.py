"""What a source of market data must answer, and the frozen records that it answers with."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, Self

from apps.market.columns import Bars


class ProviderError(Exception):
    """The source is away, or what it answered cannot be used; nothing stored may change because of it."""


class TermsError(ProviderError):
    """The source's terms forbid this use."""


class AwayError(ProviderError):
    """No usable answer this time: worth another try in a moment."""


class LaterError(ProviderError):
    """Not before `until`."""

    def __init__(self, text: str, until: datetime) -> None:
        super().__init__(text)
        self.until = until


class RefusedError(LaterError):
    """The source itself asks to be left alone until then (HTTP 429)."""


class BudgetSpentError(LaterError):
    """The installation has asked the source as often as it may, or the source asked for a pause."""


class BreakerOpenError(LaterError):
    """The source failed again and again: it is left alone for a while."""


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `calls` in any `seconds`, half of them at once and the others evenly."""

    calls: int
    seconds: int

    @property
    def burst(self) -> int:
        """How many may go out at one moment."""
        return (self.calls + 1) // 2

    @property
    def step(self) -> float:
        """Seconds after which one more may."""
        return self.seconds / max(self.calls - self.burst, 1)


type Meter = Callable[[], None]


def unmetered() -> None:
    """The meter of a source whose requests nobody counts."""


class Capability(StrEnum):
    """What a source can be asked for."""

    HISTORY = "history"
    MINUTES = "minutes"
    QUOTES = "quotes"
    STREAM = "stream"
    NEWS = "news"
    SEARCH = "search"
    ACTIONS = "actions"
    FX = "fx"
    PROFILE = "profile"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms a source gives its data; `delay` and `attribution` are words for the page."""

    licence: str
    delay: str
    attribution: str
    url: str
    commercial: bool


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
    """A published headline and the symbols that the source tags it with; `via` names the provider that brought it."""

    title: str
    published_at: datetime
    source: str
    symbols: tuple[str, ...]
    url: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of `base` cost in `quote` on a day."""

    base: str
    quote: str
    on: date
    rate: float
    source: str


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


type Symbols = Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Door:
    """By which a stream asks for what it does not hear: whoever runs it counts those calls and notes how it goes.

    `note` is told when the live connection comes (an empty text) and when it goes (why).
    """

    quotes: Callable[[Sequence[str]], Sequence[Tick]]
    minutes: Callable[[Sequence[str], date], Mapping[str, Sequence[MinuteData]]]
    histories: Callable[[Sequence[str], date, date], Mapping[str, Bars]]
    note: Callable[[str], None] = lambda problem: None


class Provider(Protocol):
    """A source: what it can, and under which terms. Every method below may raise ProviderError.

    Days are the exchange's, moments are aware. What a source has no answer for is left out of the answer.
    """

    name: str
    capabilities: frozenset[Capability]
    terms: Terms
    meter: Meter  # called before each request that leaves the machine; raises BudgetSpentError

    @classmethod
    def from_settings(cls) -> Self | None:
        """As the settings describe it; None where they do not (a key or a folder is missing)."""


class HistoryProvider(Provider, Protocol):
    """HISTORY: the bars carry splits and dividends too."""

    def histories(self, symbols: Sequence[str], start: date, end: date) -> Mapping[str, Bars]:
        """Closed sessions, both days included, ascending; the instrument's key is the caller's to fill in."""


class MinutesProvider(Provider, Protocol):
    """MINUTES."""

    def minutes(self, symbols: Sequence[str], on: date) -> Mapping[str, Sequence[MinuteData]]:
        """The minutes of a session, ascending."""


class QuotesProvider(Provider, Protocol):
    """QUOTES."""

    def quotes(self, symbols: Sequence[str]) -> Sequence[Tick]:
        """The last price of each symbol that the source knows."""


class NewsProvider(Provider, Protocol):
    """NEWS."""

    def headlines(self, about: Sequence[Listing], start: datetime, end: datetime) -> Iterable[Headline]:
        """Published after `start` and not after `end`, ascending."""


class SearchProvider(Provider, Protocol):
    """SEARCH."""

    def find(self, text: str) -> Sequence[Listing]:
        """What is traded under that symbol or name, the best first."""


class RatesProvider(Provider, Protocol):
    """FX."""

    def rates(self, pairs: Sequence[tuple[str, str]], start: date, end: date) -> Iterable[Rate]:
        """Daily rates of (base, quote), both days included."""


class MarketProvider(HistoryProvider, MinutesProvider, QuotesProvider, NewsProvider, Protocol):
    """What a whole market can rest on: it names a set of data, knows what is traded in it, and streams."""

    def series(self) -> str:
        """Names the set of data: when it changes, stored series begin anew."""

    def listings(self) -> Sequence[Listing]:
        """What the source knows."""

    def channel(self) -> Channel:
        """What `stream` will play; history loaded before it ends with the session before `first_session`."""

    def stream(self, symbols: Symbols, since: datetime | None = None, door: Door | None = None) -> Iterator[Batch]:
        """Endless; `symbols` is asked again and again, for they change. A replay resumes at `since` on its clock
        when that lies within what it plays."""
