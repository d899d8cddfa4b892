"""How a portfolio is spread: weights, values and parts of the return by instrument, by group and by own tags."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.market.currencies import NoRateError
from apps.portfolio import services
from apps.portfolio.allocation import Group, Share, concentration
from apps.portfolio.services import Book
from apps.portfolio.views.books import Headline, Picker, book_context, picker_of, portfolio_of
from apps.portfolio.views.groups import By, asked_group, groups_of
from apps.tenants.http import OrganizationRequest, render_page


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as the page shows it; the value is None for members without amounts."""

    name: str
    count: int
    weight: float | None
    part: float
    value: Decimal | None


@require_safe
def portfolio_allocation(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """`?by=` is a grouping, `?period=` that of the parts of the return; weights are of its last day."""
    portfolio = portfolio_of(request, pk)
    picker = picker_of(request, services.first_day(portfolio), kept=("by",))
    ctx = book_context(request, portfolio, "Allocation", "allocation") | {
        "picker": picker,
        "until": picker.span.until,
        "by": asked_group(request.GET.get("by", ""), By.INSTRUMENT),
        "groupings": list(By),
    }
    try:
        book = services.book_of(portfolio, until=picker.span.until, since=picker.span.opened)
        ctx |= _spread(book, picker, ctx["by"], request.user.sees_amounts)
    except NoRateError as error:
        ctx["reason"] = str(error)
    return render_page(request, "portfolio/portfolio_allocation.html", ctx, partial="allocation")


def _spread(book: Book, picker: Picker, by: By, sees: bool) -> dict[str, Any]:
    measured = services.measure_book(book, since=picker.span.opened)
    if measured.reason:
        return {"reason": measured.reason}
    parts: dict[Hashable, float] = {one.pk if one else None: part for one, part in measured.contributions}
    positions = services.positions_of(book)
    shares: list[tuple[Share, Any]] = [
        (Share(one.instrument, one.value_base if one.holding.quantity else None, parts.pop(one.instrument, 0.0)),
         book.named[one.instrument])
        for one in positions
    ]  # fmt: skip
    if book.keeps_cash:
        shares.append((Share(None, services.cash_in_base(book), parts.pop(None, 0.0)), None))
    groups = [group for group in groups_of(shares, by, book.portfolio.base_currency) if group.value or group.part]
    unpriced = [book.named[one.instrument].symbol for one in positions if one.holding.quantity and one.price is None]
    return {
        "measured": measured,
        "rows": [GroupRow(one.name, one.count, one.weight, one.part, one.value if sees else None) for one in groups],
        "headlines": _headlines(groups),
        "unpriced": unpriced,
    }


def _headlines(groups: Sequence[Group]) -> list[Headline]:
    weights = [group.weight for group in groups if group.weight]
    return [
        Headline("count", "Groups", "How many of them have a value.", len(weights), "count"),
        Headline("largest", "Largest", "The weight of the largest one.", max(weights, default=None), "percent",
                 "Nothing has a value"),
        Headline("five", "Five largest", "Their weights together.",
                 sum(sorted(weights)[-5:]) if weights else None, "percent", "Nothing has a value"),
        Headline("effective", "Effective number", "How many equal ones would be as concentrated: one over the "
                 "sum of squared weights.", concentration(weights), "number", "Nothing has a value"),
    ]  # fmt: skip
