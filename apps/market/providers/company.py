"""What a source says of a company beside its prices: what it does and where, and its days to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from apps.market.columns import Bars
from apps.market.providers.base import Provider


@dataclass(frozen=True, slots=True)
class Profile:
    """Sector by the names of GICS, country by ISO 3166 (two letters); empty where the source does not say."""

    sector: str = ""
    industry: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day to come; `kind` is one of the model's (EventKind)."""

    kind: str
    on: date


class ProfileProvider(Provider, Protocol):
    """PROFILE."""

    def profiles(self, symbols: Sequence[str]) -> Mapping[str, Profile]:
        """Of each symbol that the source knows."""


class EventsProvider(Provider, Protocol):
    """EVENTS."""

    def events(self, symbols: Sequence[str]) -> Mapping[str, Sequence[Occasion]]:
        """All days to come that the source knows of each symbol; none is an answer too."""


class ActionsProvider(Provider, Protocol):
    """ACTIONS."""

    def actions(self, symbols: Sequence[str], start: date, end: date) -> Mapping[str, Bars]:
        """Splits and dividends, both days included, a running session's too; prices may be missing (NaN)."""
