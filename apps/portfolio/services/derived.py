"""What several pages derive from a book: its positions with their lots, and the dividends declared on them."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from apps.market.models import Bar, Basis, CorporateAction
from apps.portfolio.holdings import Valued, cash_of, valued
from apps.portfolio.income import Dividend, Payer
from apps.portfolio.lots import LEDGER, ZERO, Method
from apps.portfolio.replay import as_traded
from apps.portfolio.services.books import Book
from apps.portfolio.services.series import price_of


def positions_of(book: Book) -> list[Valued]:
    """Every instrument that the book ever held, as known on its last day. Raises NoRateError."""
    method = Method(book.portfolio.cost_method)
    return valued({None: book.rows}, book.series, {None: book.rate}, until=book.until, methods={None: method})[None]


def dividends_of(book: Book, since: date) -> dict[Hashable, Sequence[Dividend]]:
    """Declared with an ex-day after `since`, ascending, in money for one unit of that day; two queries.

    A source that adjusts its closes for splits adjusts its dividends, too.
    """
    keys = [instrument.pk for instrument in book.named.values()]
    actions = CorporateAction.objects.filter(instrument__in=keys, kind="dividend", on__gt=since).order_by("on")
    found: dict[int, list[tuple[date, float]]] = defaultdict(list)
    for key, on, amount in actions.values_list("instrument_id", "on", "amount"):
        found[key].append((on, amount or 0.0))
    bars = Bar.objects.filter(instrument__in=list(found), on__gt=since, basis=Basis.SPLIT)
    adjusted = set(bars.order_by().values_list("instrument_id", flat=True).distinct())
    return {key: _as_declared(book, key, paid, key in adjusted) for key, paid in found.items()}


def payers_of(book: Book, positions: Sequence[Valued], dividends: Mapping[Hashable, Sequence[Dividend]]) -> list[Payer]:
    """What is held today, with what it pays."""
    return [
        Payer(
            instrument=one.instrument,
            units=one.holding.quantity,
            rate=one.rate,
            value=one.value_base,
            cost=one.holding.base_cost,
            dividends=dividends.get(one.instrument, ()),
            splits=book.series[one.instrument].splits,
        )
        for one in positions
        if one.holding.quantity
    ]


def cash_in_base(book: Book) -> Decimal:
    """Cash of all currencies at today's rates; nothing where the ledger keeps none. Raises NoRateError."""
    total = ZERO
    for currency, amount in cash_of(book.rows, book.until).items() if book.keeps_cash else ():
        total = LEDGER.add(total, LEDGER.multiply(amount, book.rate(currency, book.until)))
    return total


def _as_declared(book: Book, key: int, paid: Sequence[tuple[date, float]], is_adjusted: bool) -> list[Dividend]:
    days, amounts = [on for on, _ in paid], [price_of(amount) for _, amount in paid]
    if is_adjusted:
        amounts = as_traded(days, amounts, book.series[key].splits)
    return [Dividend(on, amount) for on, amount in zip(days, amounts, strict=True)]
