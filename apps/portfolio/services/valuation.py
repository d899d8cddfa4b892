"""What portfolios are worth now: what they hold, as it is kept added up, at the quotes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef

from apps.accounts.models import User
from apps.market.currencies import NoRateError, Rates
from apps.market.models import Instrument, Quote
from apps.portfolio.lots import LEDGER
from apps.portfolio.models import Portfolio, Tally, Transaction
from apps.portfolio.performance import Quality
from apps.portfolio.services.entries import market_day
from apps.portfolio.services.listed import Listed, listed_of
from apps.portfolio.services.series import price_of, rates_of
from apps.portfolio.services.tallies import Stake, Stakes, refresh_tally, stakes_of

ZERO = Decimal(0)
MOST_STALE = Decimal("0.3")  # of the value may rest on old prices before the total says so


@dataclass(frozen=True, slots=True)
class Position:
    """One instrument held: money in the portfolio's currency; what cannot be computed is None with a reason."""

    instrument: Instrument
    quote: Quote | None
    quantity: Decimal
    cost: Decimal | None
    average_cost: Decimal | None
    value: Decimal | None
    day_change: Decimal | None
    weight: float | None = None
    reason: str = ""
    local_gain: Decimal | None = None

    @property
    def gain(self) -> Decimal | None:
        """Unrealised, since purchase, fees of buying counted: each lot's cost at the rate of its own day."""
        return None if self.value is None or self.cost is None else self.value - self.cost

    @property
    def fx_gain(self) -> Decimal | None:
        """The currency's part of the gain: what is left of it over `local_gain`, the gain at today's rate."""
        return None if self.gain is None or self.local_gain is None else self.gain - self.local_gain

    @property
    def is_stale(self) -> bool:
        """Whether its price is sessions old."""
        return self.quote is not None and self.quote.age.sessions > 0

    @property
    def gain_percent(self) -> float | None:
        """Gain over cost, 0.05 is 5 %; None without a value or a cost."""
        return _ratio(self.gain, self.cost)

    @property
    def day_percent(self) -> float | None:
        """Change since the last close over the value at that close."""
        return _change(self.value, self.day_change)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the positions that have a price (`cost`: over those bought in the base currency); `quality` and
    `reasons` say what is missing."""

    value: Decimal | None
    cost: Decimal | None
    gain: Decimal | None
    day_change: Decimal | None
    quality: Quality
    reasons: tuple[str, ...] = ()

    @property
    def gain_percent(self) -> float | None:
        """Gain over the cost of what has a price."""
        return None if self.value is None or self.gain is None else _ratio(self.gain, self.value - self.gain)

    @property
    def day_percent(self) -> float | None:
        """Change since the last close over the value at that close."""
        return _change(self.value, self.day_change)


@dataclass(frozen=True, slots=True)
class RelativePosition:
    """A position for members who see weights and percentages only."""

    instrument: Instrument
    quote: Quote | None
    weight: float | None
    gain_percent: float | None
    day_percent: float | None
    reason: str

    @classmethod
    def of(cls, row: Position) -> "RelativePosition":
        """Without its amounts."""
        return cls(row.instrument, row.quote, row.weight, row.gain_percent, row.day_percent, row.reason)


@dataclass(frozen=True, slots=True)
class RelativeTotals:
    """Totals for members who see percentages only."""

    gain_percent: float | None
    day_percent: float | None
    quality: str
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, totals: Totals) -> "RelativeTotals":
        """Without their amounts."""
        return cls(totals.gain_percent, totals.day_percent, totals.quality, totals.reasons)


@dataclass(frozen=True, slots=True)
class Valuation:
    """A portfolio at one moment; `as_of_on` is the latest session among its quotes."""

    portfolio: Portfolio
    positions: tuple[Position, ...]
    totals: Totals
    as_of_on: date | None


def value_positions(portfolio: Portfolio) -> tuple[Position, ...]:
    """What the portfolio holds, largest first, at the latest quotes. Two queries."""
    return value_portfolios([portfolio])[portfolio.pk].positions


def value_portfolios(portfolios: Iterable[Portfolio]) -> dict[UUID, Valuation]:
    """Each portfolio's valuation by its key; a few queries however many there are, and however long their ledgers."""
    found = list(portfolios)
    tallies = Tally.objects.in_bulk([portfolio.pk for portfolio in found])
    return _valuations([(portfolio, tallies.get(portfolio.pk)) for portfolio in found])


def value_visible_portfolios(user: User) -> list[Valuation]:
    """Those with entries that the member may see, by name; two queries, portfolios included."""
    entries = Transaction.objects.filter(account__portfolio=OuterRef("pk"))
    visible = Portfolio.objects.visible_to(user).filter(Exists(entries)).select_related("tally")
    return list(_valuations([(one, getattr(one, "tally", None)) for one in visible]).values())


def _valuations(portfolios: Sequence[tuple[Portfolio, Tally | None]]) -> dict[UUID, Valuation]:
    if any(tally is None or tally.stale for _, tally in portfolios):
        today = market_day()
        portfolios = [
            (one, tally if tally and not tally.stale else refresh_tally(one, today)) for one, tally in portfolios
        ]
    listed = listed_of({int(key) for _, tally in portfolios if tally for key in tally.held})
    as_of = max((one.quote.session_on for one in listed.values() if one.quote), default=None)
    told = {key: one.splits for key, one in listed.items()}
    made = {}
    for portfolio, tally in portfolios:
        stakes = stakes_of(portfolio, tally, as_of or date.max, told if as_of else None)
        made[portfolio.pk] = _valuation(portfolio, stakes, listed, _rates(portfolio, stakes, listed, as_of))
    return made


def _rates(portfolio: Portfolio, stakes: Stakes, listed: Mapping[int, Listed], as_of: date | None) -> Rates:
    """No query for a portfolio whose instruments are of its own currency."""
    foreign = {listed[key].instrument.currency for key in stakes} - {portfolio.base_currency}
    day = as_of or date.min
    return rates_of(portfolio.base_currency, foreign, day, day)


def _valuation(portfolio: Portfolio, stakes: Stakes, listed: Mapping[int, Listed], rates: Rates) -> Valuation:
    rows = [_position(portfolio, stake, listed[key], rates) for key, stake in stakes.items()]
    gone = [row for row in rows if not row.quantity]
    positions = [row for row in rows if row.quantity]
    value = sum((row.value for row in positions if row.value is not None), ZERO)
    weighed = [_with_weight(row, value) for row in positions]
    weighed.sort(key=lambda row: (row.value is None, -(row.value or ZERO), row.instrument.symbol))
    as_of = max((row.quote.session_on for row in positions if row.quote), default=None)
    return Valuation(portfolio, tuple(weighed), _totals(weighed, gone), as_of)


def _position(portfolio: Portfolio, stake: Stake, listed: Listed, rates: Rates) -> Position:
    """In the portfolio's currency at the rate of the quote's day; without one, units alone."""
    instrument, quote = listed.instrument, listed.quote
    rate, reason = _rate(instrument, quote, rates)
    if not reason and (quote is None or quote.price is None):
        reason = f"{instrument.symbol} has no price yet."
    if rate is None:
        return Position(instrument, quote, stake.quantity, None, None, None, None, reason=reason)
    cost = stake.base if instrument.currency != portfolio.base_currency else stake.cost
    average = LEDGER.divide(cost, stake.quantity) if cost is not None and stake.quantity else None
    if quote is None or reason:
        return Position(instrument, quote, stake.quantity, cost, average, None, None, reason=reason)
    local = LEDGER.multiply(stake.quantity, price_of(quote.price))
    change = _day_change(stake, quote, local)
    return Position(
        instrument,
        quote,
        stake.quantity,
        cost,
        average,
        LEDGER.multiply(local, rate),
        None if change is None else LEDGER.multiply(change, rate),
        local_gain=LEDGER.multiply(local - stake.cost, rate),
    )


def _rate(instrument: Instrument, quote: Quote | None, rates: Rates) -> tuple[Decimal | None, str]:
    try:
        return rates(instrument.currency, quote.session_on if quote else date.min), ""
    except NoRateError as error:
        return None, str(error)


def _day_change(stake: Stake, quote: Quote, local: Decimal) -> Decimal | None:
    """Against the last close of what was held then; what was bought in this session against what was paid for it, what
    was sold at what it got."""
    if quote.previous_close is None:
        return None
    if stake.traded_on < quote.session_on:
        return local - stake.quantity * price_of(quote.previous_close)
    before = (stake.quantity - stake.bought + stake.sold) * price_of(quote.previous_close)
    return local - before - stake.paid + stake.got


def _with_weight(row: Position, total: Decimal) -> Position:
    weight = float(row.value / total) if row.value is not None and total else None
    return replace(row, weight=weight)


def _totals(rows: Sequence[Position], gone: Sequence[Position]) -> Totals:
    """`gone` was sold whole and may have moved before, in this session."""
    priced = [row for row in rows if row.value is not None]
    reasons = tuple(row.reason for row in rows if row.reason)
    costs = [row.cost for row in rows if row.cost is not None]
    cost = sum(costs, ZERO) if costs or not rows else None
    if rows and not priced:
        return Totals(None, cost, None, None, Quality.UNAVAILABLE, reasons)
    value = sum((row.value for row in priced if row.value is not None), ZERO)
    changes = [row.day_change for row in priced if row.day_change is not None]
    moved = sum((row.day_change or ZERO for row in gone), ZERO)
    stale = sum((row.value for row in priced if row.value is not None and row.is_stale), ZERO)
    if stale > MOST_STALE * value:
        reasons += (f"{stale / value:.0%} of the value rests on prices of earlier sessions.",)
    return Totals(
        value=value,
        cost=cost,
        gain=value - sum((row.cost for row in priced if row.cost is not None), ZERO),
        day_change=sum(changes, ZERO) + moved if len(changes) == len(priced) else None,
        quality=Quality.DEGRADED if reasons else Quality.COMPLETE,
        reasons=reasons,
    )


def _ratio(part: Decimal | None, whole: Decimal | None) -> float | None:
    return float(part / whole) if part is not None and whole else None


def _change(value: Decimal | None, change: Decimal | None) -> float | None:
    if value is None or change is None:
        return None
    return _ratio(change, value - change)
