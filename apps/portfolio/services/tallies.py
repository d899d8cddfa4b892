"""What portfolios hold, kept added up: computed again of the rows of what was touched, and of nothing else."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from apps.market.currencies import NoRateError, Rates
from apps.portfolio.holdings import valued
from apps.portfolio.lots import ZERO, Method
from apps.portfolio.models import Portfolio, Tally
from apps.portfolio.replay import Rate
from apps.portfolio.services.books import Book, book_of
from apps.portfolio.services.evidence import written
from apps.portfolio.services.series import splits_of

BOOK = "book"


@dataclass(frozen=True, slots=True)
class Stake:
    """Units held of one instrument with their cost, in its own currency; `base` as cost, each lot at its day's rate."""

    quantity: Decimal
    cost: Decimal
    gross: Decimal
    base: Decimal | None


type Stakes = dict[int, Stake]


def forget_tally(portfolio: Portfolio, instruments: Iterable[int] | None = None) -> None:
    """Rows of these instruments changed (None: of any). Called by who holds the portfolio's lock."""
    tally = Tally.objects.filter(pk=portfolio.pk).first()
    if tally is None:
        return
    if instruments is None:
        tally.delete()
        return
    tally.stale = sorted({*tally.stale, *instruments})
    tally.save(update_fields=["stale"])


def stakes_of(portfolios: Sequence[Portfolio], as_of: date) -> dict[UUID, Stakes]:
    """What each holds, with splits up to that day: two queries where nothing is to be computed."""
    kept = Tally.objects.in_bulk([portfolio.pk for portfolio in portfolios])
    keys = {int(key) for tally in kept.values() for key in tally.splits}
    told = splits_of(keys) if keys else {}
    found: dict[UUID, Stakes] = {}
    for portfolio in portfolios:
        tally = kept.get(portfolio.pk)
        if tally is None or tally.stale or written(told, map(int, tally.splits), as_of) != tally.splits:
            tally = refresh_tally(portfolio, as_of)
        found[portfolio.pk] = {int(key): _stake(said) for key, said in tally.held.items()}
    return found


@transaction.atomic
def refresh_tally(portfolio: Portfolio, as_of: date, *, whole: bool = False) -> Tally:
    """Matches what was touched since, or all of it where nothing is kept, and keeps the sums."""
    Portfolio.objects.select_for_update(no_key=True).get(pk=portfolio.pk)
    tally = None if whole else Tally.objects.filter(pk=portfolio.pk).first()
    touched = None if tally is None else _touched(tally, as_of)
    tally = tally or Tally(portfolio=portfolio)
    if touched is None or touched:
        book = book_of(portfolio, until=date.max, since=as_of, instruments=touched)
        keys = {key for key in book.series if isinstance(key, int)} | set(touched or ())
        made = _stakes(book, as_of)
        kept = {key: said for key, said in tally.held.items() if int(key) not in keys}
        tally.held = kept | {str(key): _said(stake) for key, stake in made.items()}
        tally.splits = tally.splits | written(splits_of(keys), keys, as_of)
        tally.stale = []
        Tally.objects.update_or_create(
            portfolio=portfolio, defaults={"held": tally.held, "splits": tally.splits, "stale": []}
        )
    return tally


def _touched(tally: Tally, as_of: date) -> set[int]:
    keys = set(map(int, tally.splits))
    told = written(splits_of(keys), keys, as_of)
    return {key for key in keys if told[str(key)] != tally.splits[str(key)]} | set(tally.stale)


def _stakes(book: Book, as_of: date) -> Stakes:
    """Of every instrument of the book that is still held; splits of days that have not come are not applied."""
    known = {
        key: replace(one, splits=[split for split in one.splits if split.on <= as_of], days=(), prices=())
        for key, one in book.series.items()
    }
    rates: dict[Hashable, Rate] = {BOOK: _Lenient(book.rate)}
    methods: dict[Hashable, Method] = {BOOK: Method(book.portfolio.cost_method)}
    found = valued({BOOK: book.rows}, known, rates, until=book.until, methods=methods)[BOOK]
    return {
        int(str(one.instrument)): Stake(
            one.holding.quantity,
            one.holding.cost,
            one.holding.gross_cost,
            None if one.holding.base_cost.is_nan() else one.holding.base_cost,
        )
        for one in found
        if one.holding.quantity
    }


class _Lenient:
    """A day without a rate makes what rests on it unknown, and nothing else."""

    def __init__(self, rate: Rates) -> None:
        self.rate = rate

    def __call__(self, currency: str, on: date) -> Decimal:
        try:
            return self.rate(currency, on)
        except NoRateError:
            return Decimal("nan")


def _said(stake: Stake) -> list[str | None]:
    return [str(stake.quantity), str(stake.cost), str(stake.gross), None if stake.base is None else str(stake.base)]


def _stake(said: Sequence[str | None]) -> Stake:
    quantity, cost, gross, base = (None if one is None else Decimal(one) for one in said)
    return Stake(quantity or ZERO, cost or ZERO, gross or ZERO, base)
