"""Instruments and quotes as a page of many rows reads them: the columns that it shows, and no model around them.

Not frozen: a frozen dataclass takes three times as long to make, and a page makes thousands.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import cached_property

from apps.market.calendars import Age, age_state
from apps.market.models.instruments import AssetClass
from apps.market.models.prices import Figures

KINDS = {kind.value: str(kind.label) for kind in AssetClass}


@dataclass(slots=True, eq=False)
class InstrumentRow:
    """What a list says of an instrument."""

    pk: int
    symbol: str
    name: str
    exchange_id: str
    currency: str

    def get_absolute_url(self) -> str:
        """Fifty look-ups in the resolver would cost more than the query; a test holds the two together."""
        return f"/i/{self.exchange_id}/{self.symbol}/"


@dataclass(slots=True, eq=False)
class FoundRow(InstrumentRow):
    """What search says of it; without a quote there is no price."""

    asset_class: str
    price: float | None
    previous_close: float | None

    @property
    def change_percent(self) -> float | None:
        """Since the previous close as a ratio; None without one."""
        return self.price / self.previous_close - 1 if self.price and self.previous_close else None

    @property
    def kind(self) -> str:
        """Stock or ETF."""
        return KINDS[self.asset_class]


@dataclass(eq=False)
class QuoteRow(Figures):
    """What a list says of a price; the same figures and words as those of a Quote."""

    instrument: InstrumentRow
    calendar: str
    market_at: datetime | None
    price: float
    previous_close: float | None
    as_of: datetime
    session_on: date
    source: str
    spark: bytes
    rsi14: float | None
    signal: str
    signal_reason: str
    sentiment: float | None
    sentiment_n: int

    @property
    def pk(self) -> int:
        """A quote has the key of its instrument."""
        return self.instrument.pk

    @cached_property
    def age(self) -> Age:
        """How old the price is on the market clock, in sessions of its exchange."""
        return age_state(self.calendar, self.as_of, self.market_at or self.as_of)
