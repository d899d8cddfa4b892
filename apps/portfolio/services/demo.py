"""The demo's books: real instruments bought at real closes of days before the session on show."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.market.models import Bar, Basis, Instrument
from apps.portfolio.models import Kind, Portfolio, Transaction
from apps.portfolio.services.entries import market_day
from apps.portfolio.services.ledger import create_portfolio, record_transaction
from apps.portfolio.services.series import price_of, splits_of

FEE = Decimal("4.95")
SESSIONS_AGO = (170, 45)
SOLD_AGO = 15
STAKES = (Decimal(90_000), Decimal(30_000))
MOST_INSTRUMENTS = 12


@transaction.atomic
def add_demo_book(
    *, owner: User, name: str, symbols: Iterable[str] | None = None, shared: bool = True, scale: Decimal = Decimal(1)
) -> Portfolio:
    """A portfolio with purchases of the symbols (by default whatever has enough history); found, never doubled."""
    portfolio = Portfolio.objects.filter(owner=owner, name=name).first()
    portfolio = portfolio or create_portfolio(name=name, owner=owner, shared=shared)
    if Transaction.objects.of(portfolio).exists():
        return portfolio
    for place, instrument in enumerate(_chosen(portfolio.base_currency, symbols)):
        _trade(portfolio, instrument, place, scale)
    return portfolio


def _chosen(currency: str, symbols: Iterable[str] | None) -> list[Instrument]:
    """Those named; else the starter symbols and then the others."""
    known = Instrument.objects.filter(currency=currency, quote__isnull=False)
    if symbols is not None:
        return list(known.by_symbols(symbols))
    first = list(known.by_symbols(settings.STARTER_SYMBOLS))
    others = known.exclude(pk__in=[instrument.pk for instrument in first]).order_by("symbol")
    return [*first, *others][:MOST_INSTRUMENTS]


def _trade(portfolio: Portfolio, instrument: Instrument, place: int, scale: Decimal) -> None:
    """One purchase or two, and of every third instrument a partial sale."""
    bars = _usable_bars(instrument, market_day())
    for ago, stake in zip(SESSIONS_AGO[: 2 - place % 2], STAKES, strict=False):
        if len(bars) >= ago:
            _record(portfolio, instrument, Kind.BUY, bars[-ago], stake * scale * (12 - place) / 12)
    if place % 3 == 0 and len(bars) >= SESSIONS_AGO[0]:
        _record(portfolio, instrument, Kind.SELL, bars[-SOLD_AGO], STAKES[1] * scale / 2)


def _usable_bars(instrument: Instrument, before: date) -> Sequence[Bar]:
    """Closed sessions, oldest first; prices in today's units cannot stand for days before a split."""
    bars = list(instrument.bars.filter(on__lt=before).order_by("-on")[: SESSIONS_AGO[0]])[::-1]
    split = max((split.on for split in splits_of([instrument.pk]).get(instrument.pk, [])), default=date.min)
    return [bar for bar in bars if bar.basis == Basis.RAW or bar.on >= split]


def _record(portfolio: Portfolio, instrument: Instrument, kind: Kind, bar: Bar, stake: Decimal) -> None:
    price = price_of(bar.close)
    quantity = max(Decimal(1), (stake / price / 5).quantize(Decimal(1)) * 5)
    record_transaction(
        portfolio=portfolio,
        kind=kind,
        instrument=instrument,
        quantity=quantity,
        price=price,
        fee=FEE,
        traded_on=bar.on,
        by=portfolio.owner,
    )
