"""What portfolios are worth now: positions and totals from the ledger, the splits and the quotes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from apps.accounts.models import User
from apps.market.models import Instrument, Quote
from apps.portfolio import lots
from apps.portfolio.models import Portfolio, Transaction
from apps.portfolio.services.series import price_of, splits_of
from apps.portfolio.splits import Split

ZERO = Decimal(0)


class Quality(StrEnum):
    """How much of a figure rests on prices that we have."""

    COMPLETE = "complete"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


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

    @property
    def gain(self) -> Decimal | None:
        """Unrealised, since purchase, fees of buying counted."""
        return None if self.value is None or self.cost is None else self.value - self.cost

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
    """Each portfolio's valuation by its key; two queries however many there are."""
    found = list(portfolios)
    movements = Transaction.objects.of(*found).moving_units().with_quotes()
    return _valuations({portfolio.pk: portfolio for portfolio in found}, list(movements))


def value_visible_portfolios(user: User) -> list[Valuation]:
    """Those with entries that the member may see, by name; two queries, portfolios included."""
    visible = Portfolio.objects.visible_to(user)
    movements = list(Transaction.objects.among(visible).moving_units().with_quotes())
    portfolios = {entry.account.portfolio_id: entry.account.portfolio for entry in movements}
    return sorted(_valuations(portfolios, movements).values(), key=lambda v: (v.portfolio.name, v.portfolio.pk))


def _valuations(portfolios: Mapping[UUID, Portfolio], movements: Sequence[Transaction]) -> dict[UUID, Valuation]:
    ledgers: dict[UUID, list[Transaction]] = defaultdict(list)
    for entry in movements:
        ledgers[entry.account.portfolio_id].append(entry)
    splits = splits_of({entry.instrument_id for entry in movements if entry.instrument_id})
    return {pk: _valuation(portfolio, ledgers[pk], splits) for pk, portfolio in portfolios.items()}


def _valuation(portfolio: Portfolio, ledger: list[Transaction], splits: dict[int, list[Split]]) -> Valuation:
    held: dict[int, list[Transaction]] = defaultdict(list)
    for entry in ledger:
        held[entry.instrument_id or 0].append(entry)
    sessions = [q.session_on for q in map(_quote_of, ledger) if q]
    as_of = max(sessions, default=None)
    rows = [_position(portfolio, rows, splits.get(pk, []), as_of) for pk, rows in held.items()]
    positions = [row for row in rows if row.quantity]
    value = sum((row.value for row in positions if row.value is not None), ZERO)
    weighed = [_with_weight(row, value) for row in positions]
    weighed.sort(key=lambda row: (row.value is None, -(row.value or ZERO), row.instrument.symbol))
    return Valuation(portfolio, tuple(weighed), _totals(weighed), as_of)


def _position(portfolio: Portfolio, entries: list[Transaction], splits: list[Split], as_of: date | None) -> Position:
    """Splits that the market has not come to yet are not applied."""
    instrument, quote = entries[0].instrument, _quote_of(entries[0])
    assert instrument is not None
    known = [split for split in splits if as_of is None or split.on <= as_of]
    holding = lots.match((entry.as_lot_entry() for entry in entries), known, lots.Method(portfolio.cost_method))
    is_foreign = instrument.currency != portfolio.base_currency
    value, reason = None, ""
    if is_foreign:
        reason = f"There is no rate from {instrument.currency} to {portfolio.base_currency}."
    elif quote is None or quote.price is None:
        reason = f"{instrument.symbol} has no price yet."
    else:
        value = holding.quantity * price_of(quote.price)
    change = None if value is None or quote is None else _day_change(holding, quote, value)
    cost, average = (None, None) if is_foreign else (holding.cost, holding.average_cost)
    return Position(instrument, quote, holding.quantity, cost, average, value, change, reason=reason)


def _day_change(holding: lots.Holding, quote: Quote, value: Decimal) -> Decimal | None:
    """Against the last close; a lot bought in this session against what was paid for it."""
    if quote.previous_close is None:
        return None
    close = price_of(quote.previous_close)
    before = (lot.gross if lot.opened_on >= quote.session_on else lot.quantity * close for lot in holding.lots)
    return value - sum(before, ZERO)


def _with_weight(row: Position, total: Decimal) -> Position:
    weight = float(row.value / total) if row.value is not None and total else None
    return replace(row, weight=weight)


def _totals(rows: Sequence[Position]) -> Totals:
    priced = [row for row in rows if row.value is not None]
    reasons = tuple(row.reason for row in rows if row.reason)
    costs = [row.cost for row in rows if row.cost is not None]
    cost = sum(costs, ZERO) if costs or not rows else None
    if rows and not priced:
        return Totals(None, cost, None, None, Quality.UNAVAILABLE, reasons)
    value = sum((row.value for row in priced if row.value is not None), ZERO)
    changes = [row.day_change for row in priced if row.day_change is not None]
    return Totals(
        value=value,
        cost=cost,
        gain=value - sum((row.cost for row in priced if row.cost is not None), ZERO),
        day_change=sum(changes, ZERO) if len(changes) == len(priced) else None,
        quality=Quality.DEGRADED if reasons else Quality.COMPLETE,
        reasons=reasons,
    )


def _quote_of(entry: Transaction) -> Quote | None:
    """None where the market has no quote row for the instrument; it knows the clock that came with the entry."""
    quote: Quote | None = getattr(entry.instrument, "quote", None)
    if quote is not None and entry.instrument is not None:
        quote.market_at, quote.instrument = entry.market_at, entry.instrument
    return quote


def _ratio(part: Decimal | None, whole: Decimal | None) -> float | None:
    return float(part / whole) if part is not None and whole else None


def _change(value: Decimal | None, change: Decimal | None) -> float | None:
    if value is None or change is None:
        return None
    return _ratio(change, value - change)
