"""What portfolios hold, kept added up: computed again of the rows of what was touched, and of nothing else."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from django.db import transaction

from apps.market.currencies import NoRateError, Rates
from apps.portfolio.holdings import Valued, valued
from apps.portfolio.lots import LEDGER, ONE, ZERO, Method
from apps.portfolio.models import Portfolio, Tally
from apps.portfolio.movements import Row
from apps.portfolio.replay import Rate
from apps.portfolio.services.books import Book, book_of
from apps.portfolio.services.evidence import LATELY, written
from apps.portfolio.services.series import splits_of
from apps.portfolio.splits import Split

BOOK = "book"


@dataclass(frozen=True, slots=True)
class Stake:
    """Units held of one instrument with their cost, in its own currency; `base` as cost, each lot at its day's rate.

    `traded_on` is the last day on which it was bought or sold: `bought` units for what was `paid` before costs, `sold`
    units for what they `got`.
    """

    quantity: Decimal
    cost: Decimal
    gross: Decimal
    base: Decimal | None
    bought: Decimal
    paid: Decimal
    sold: Decimal
    got: Decimal
    traded_on: date


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


def stakes_of(
    portfolio: Portfolio, tally: Tally | None, as_of: date, told: Mapping[int, Sequence[Split]] | None = None
) -> Stakes:
    """What it holds, with splits up to that day; no query where its tally is right.

    What was sold whole on the last days is among it, with no units. `told` are the market's splits where known.
    """
    if tally is None or tally.stale or _split_since(tally, told or {}, as_of):
        tally = refresh_tally(portfolio, as_of)
    return {int(key): _stake(said) for key, said in tally.held.items()}


def _split_since(tally: Tally, told: Mapping[int, Sequence[Split]], as_of: date) -> bool:
    """Whether the market tells other splits of something held than were applied."""
    now = written(told, [key for key in _keys(tally) if key in told], as_of)
    return any(tally.splits[key] != splits for key, splits in now.items())


def _keys(tally: Tally) -> list[int]:
    return list(map(int, tally.splits))


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
    keys = _keys(tally)
    told = written(splits_of(keys), keys, as_of)
    return {key for key in keys if told[str(key)] != tally.splits[str(key)]} | set(tally.stale)


def _stakes(book: Book, as_of: date) -> Stakes:
    """Of every instrument of the book that is held or was lately; splits of days that have not come are not applied."""
    known = {
        key: replace(one, splits=[split for split in one.splits if split.on <= as_of], days=(), prices=())
        for key, one in book.series.items()
    }
    rate = _Lenient(book.rate)
    rates: dict[Hashable, Rate] = {BOOK: rate}
    methods: dict[Hashable, Method] = {BOOK: Method(book.portfolio.cost_method)}
    traded: dict[Hashable, list[Row]] = defaultdict(list)
    for row in book.rows:
        if row.moves_units:
            traded[row.instrument].append(row)
    found = valued({BOOK: book.rows}, known, rates, until=book.until, methods=methods)[BOOK]
    made = {int(str(one.instrument)): _summed(one, traded[one.instrument], rate) for one in found}
    return {key: stake for key, stake in made.items() if stake.quantity or stake.traded_on >= as_of - LATELY}


def _summed(one: Valued, rows: Sequence[Row], rate: Rate) -> Stake:
    last = max(row.on for row in rows)
    units: dict[bool, Decimal] = {True: ZERO, False: ZERO}
    money: dict[bool, Decimal] = {True: ZERO, False: ZERO}
    with localcontext(LEDGER):
        for row in (row for row in rows if row.on == last):
            own = ONE if row.currency == one.currency else rate(row.currency, last) / rate(one.currency, last)
            units[row.is_inflow] += row.quantity or ZERO
            money[row.is_inflow] += row.total * own
    held = one.holding
    base = None if held.base_cost.is_nan() else held.base_cost
    return Stake(
        held.quantity, held.cost, held.gross_cost, base, units[True], money[True], units[False], money[False], last
    )


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
    *numbers, on = (getattr(stake, one.name) for one in fields(stake))
    return [*(None if number is None else str(number) for number in numbers), on.isoformat()]


def _stake(said: Sequence[Any]) -> Stake:
    *numbers, on = said
    quantity, cost, gross, base, *traded = (None if number is None else Decimal(number) for number in numbers)
    bought, paid, sold, got = (number or ZERO for number in traded)
    return Stake(quantity or ZERO, cost or ZERO, gross or ZERO, base, bought, paid, sold, got, date.fromisoformat(on))
