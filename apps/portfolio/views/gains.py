"""Realised gains of a portfolio: every lot that was sold, tax year by tax year."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.market.currencies import NoRateError
from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.models import Portfolio
from apps.portfolio.realised import Sale, TaxYear, YearStart, sales_of, tax_years
from apps.portfolio.services import Book
from apps.portfolio.views.books import Headline, book_context, portfolio_of
from apps.tenants.http import OrganizationRequest, render_page

ROWS_A_PAGE = 100
# Tax years as an address asks for them by `begins`.
BEGINS: dict[str, tuple[YearStart, str]] = {
    "01-01": ((1, 1), "1 January"),
    "04-06": ((4, 6), "6 April"),
    "07-01": ((7, 1), "1 July"),
    "10-01": ((10, 1), "1 October"),
}


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A sale with its instrument; for members without amounts `sale` is left out, and with it every amount."""

    instrument: Instrument
    acquired_on: Any
    sold_on: Any
    days: int
    is_long: bool
    return_: float | None
    sale: Sale | None


@require_safe
def portfolio_gains(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """`?year=` names a tax year (the newest with sales), `?begins=` the day on which tax years begin."""
    portfolio = portfolio_of(request, pk)
    ctx = book_context(request, portfolio, "Realised gains", "gains") | {"begins_choices": BEGINS.items()}
    begins = request.GET.get("begins", "")
    ctx["begins"] = begins if begins in BEGINS else "01-01"
    try:
        book = services.book_of(portfolio, until=services.market_day())
        years = tax_years(sales_of(services.positions_of(book)), BEGINS[ctx["begins"]][0])
    except NoRateError as error:
        return render_page(request, "portfolio/portfolio_gains.html", ctx | {"reason": str(error)}, partial="gains")
    ctx |= _years(request, years, book)
    return render_page(request, "portfolio/portfolio_gains.html", ctx, partial="gains")


def _years(request: OrganizationRequest, years: Sequence[TaxYear], book: Book) -> dict[str, Any]:
    """All years by name and return, one of them with its sales."""
    shown = next((year for year in years if year.name == request.GET.get("year")), years[0] if years else None)
    listed = [(year.name, len(year.sales), year.sums.return_) for year in years]
    if shown is None:
        return {"years": listed, "reason": "Nothing has been sold yet: gains are realised by the first sale."}
    sees = request.user.sees_amounts
    page = Paginator(shown.sales[::-1], ROWS_A_PAGE).get_page(request.GET.get("page"))
    return {
        "years": listed,
        "year": shown.name,
        "headlines": _headlines(shown, book.portfolio) if sees else _shares(shown),
        "sums": shown.sums if sees else None,
        "page": page,
        "rows": [_row(sale, book, sees) for sale in page],
    }


def _row(sale: Sale, book: Book, sees: bool) -> SaleRow:
    instrument = book.named[sale.instrument]
    return SaleRow(
        instrument, sale.acquired_on, sale.sold_on, sale.days, sale.is_long, sale.return_, sale if sees else None
    )


def _headlines(year: TaxYear, portfolio: Portfolio) -> list[Headline]:
    sums = year.sums
    said: list[tuple[str, str, str, Decimal]] = [
        ("gain", "Realised gain", "Proceeds less cost less fees and taxes of both sides, each at the rate of its own "
         "day.", sums.gain),
        ("local", "From prices", "The gain in the currency of each instrument, at the rate of the day of the sale.",
         sums.local_gain),
        ("fx", "From currencies", "What the rates between purchase and sale made of the cost: the rest of the gain.",
         sums.fx_gain),
        ("short", "Held a year or less", "Gain of the lots sold no later than a year after they were bought.",
         sums.short_gain),
        ("long", "Held longer", "Gain of the lots sold more than a year after they were bought.", sums.long_gain),
    ]  # fmt: skip
    return [Headline(key, name, words, value, "gain") for key, name, words, value in said]


def _shares(year: TaxYear) -> list[Headline]:
    words = "Realised gain over the cost of what was sold; amounts are not part of your view."
    return [Headline("return", "Gain over cost", words, year.sums.return_, "change", "What was sold had no cost")]
