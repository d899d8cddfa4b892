"""Candles of the instrument page, in the units of the quote's day."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import prod

from apps.market.models import Bar, Basis, Instrument, Quote
from apps.portfolio.services.series import splits_of
from apps.portfolio.splits import Split

YEARS = timedelta(days=2 * 366)


def candles(instrument: Instrument, quote: Quote | None) -> list[list[float]]:
    """[epoch, open, high, low, close, volume] of the closed sessions of two years, oldest first."""
    if quote is None:
        return []
    bars = Bar.objects.filter(instrument=instrument, on__lt=quote.session_on, on__gte=quote.session_on - YEARS)
    splits = [split for split in splits_of([instrument.pk]).get(instrument.pk, []) if split.on <= quote.session_on]
    return [_candle(bar, splits) for bar in bars.order_by("on")]


def _candle(bar: Bar, splits: Sequence[Split]) -> list[float]:
    """A bar as traded is divided by the splits that came after it; one already adjusted stays."""
    later = [split for split in splits if split.on > bar.on] if bar.basis == Basis.RAW else []
    up, down = prod(split.numerator for split in later), prod(split.denominator for split in later)
    at = datetime(bar.on.year, bar.on.month, bar.on.day, tzinfo=UTC).timestamp()
    prices = [round(price * down / up, 6) for price in (bar.open, bar.high, bar.low, bar.close)]
    return [int(at), *prices, bar.volume * up // down]
