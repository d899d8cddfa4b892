"""Income of a portfolio: received by month and by payer, expected over the next year, and what it yields."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.market.currencies import NoRateError
from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.income import (
    Missing,
    Payer,
    Payment,
    Receipt,
    by_instrument,
    by_month,
    forecast,
    receipts,
    total,
    unrecorded,
    yield_of,
)
from apps.portfolio.lots import ZERO
from apps.portfolio.periods import Period
from apps.portfolio.services import Book
from apps.portfolio.views.books import Headline, Picker, book_context, picker_of, portfolio_of
from apps.tenants.http import OrganizationRequest, render_page

LOOKS_BACK = timedelta(days=3 * 366)  # so far back declared dividends are compared with the ledger
NOBODY = "Nothing is held"


@dataclass(frozen=True, slots=True)
class PayerRow:
    """What an instrument (None: cash) paid and is expected to pay; amounts are None for members without them."""

    instrument: Instrument | None
    share: float
    current_yield: float | None
    yield_on_cost: float | None
    received: Decimal | None
    expected: Decimal | None


@dataclass(frozen=True, slots=True)
class DueRow:
    """An ex-day to come (or one that no row tells of); the amount is None for members without amounts."""

    instrument: Instrument
    on: date
    per_unit: Decimal
    is_declared: bool
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month's share of what was received; without amounts nothing but the share."""

    month: date
    share: float
    amount: Decimal | None


@require_safe
def portfolio_income(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """`?period=` is one of the picker's: for what was received; what is expected always looks a year ahead."""
    portfolio = portfolio_of(request, pk)
    picker = picker_of(request, services.first_day(portfolio), usual=Period.ONE)
    ctx = book_context(request, portfolio, "Income", "income") | {
        "picker": picker,
        "from_on": picker.span.opened,
        "until": picker.span.until,
    }
    try:
        book = services.book_of(portfolio, until=services.market_day())
        ctx |= _income(book, picker, sees=request.user.sees_amounts)
    except NoRateError as error:
        ctx["reason"] = str(error)
    return render_page(request, "portfolio/portfolio_income.html", ctx, partial="income")


def _income(book: Book, picker: Picker, *, sees: bool) -> dict[str, Any]:
    dividends = services.dividends_of(book, book.until - LOOKS_BACK)
    payers = services.payers_of(book, services.positions_of(book), dividends)
    found = receipts(book.rows, book.rate, picker.span.opened, picker.span.until)
    due = forecast(payers, book.until)
    splits = {key: one.splits for key, one in book.series.items()}
    missing = unrecorded(book.rows, dividends, splits, book.until)
    return {
        "headlines": _yields(payers, due) if not sees else [*_amounts(found, due), *_yields(payers, due)],
        "months": _months(found, sees),
        "payers": _payers(book, payers, found, due, sees),
        "due": [_due(book, payment, sees) for payment in due],
        "missing": [_missing(book, one) for one in missing] if sees else [],
    }


def _amounts(found: Sequence[Receipt], due: Sequence[Payment]) -> list[Headline]:
    return [
        Headline("gross", "Received", "Dividends and interest of the period before fees and taxes, each at the rate of "
                 "its day.", total(one.gross for one in found), "money"),
        Headline("net", "After fees and taxes", "What of it reached the account.", total(one.net for one in found),
                 "money"),
        Headline("due", "Expected in twelve months", "Declared dividends, and where none is declared yet those of the "
                 "past year again, times the units held today at today's rate, before tax.",
                 total(one.amount for one in due), "money"),
    ]  # fmt: skip


def _yields(payers: Sequence[Payer], due: Sequence[Payment]) -> list[Headline]:
    expected = total(one.amount for one in due)
    value, cost = total(one.value or ZERO for one in payers), total(one.cost for one in payers)
    return [
        Headline("yield", "Current yield", "What is expected in twelve months over the value of what is held.",
                 yield_of(expected, value), "percent", NOBODY),
        Headline("on-cost", "Yield on cost", "What is expected in twelve months over the cost of what is held.",
                 yield_of(expected, cost), "percent", NOBODY),
    ]  # fmt: skip


def _months(found: Sequence[Receipt], sees: bool) -> list[MonthRow]:
    whole = total(one.gross for one in found)
    return [
        MonthRow(month, float(amount / whole) if whole else 0.0, amount if sees else None)
        for month, amount in by_month(found).items()
    ]


def _payers(
    book: Book, payers: Sequence[Payer], found: Sequence[Receipt], due: Sequence[Payment], sees: bool
) -> list[PayerRow]:
    """Those that paid or will; the largest first."""
    received, held = by_instrument(found), {one.instrument: one for one in payers}
    whole = total(received.values())
    expected = {
        key: total(one.amount for one in due if one.instrument == key) for key in {one.instrument for one in due}
    }
    keys = sorted({*received, *expected}, key=lambda key: (-received.get(key, ZERO), -expected.get(key, ZERO)))
    return [
        PayerRow(
            instrument=book.named.get(key),
            share=float(received.get(key, ZERO) / whole) if whole else 0.0,
            current_yield=yield_of(expected.get(key, ZERO), held[key].value) if key in held else None,
            yield_on_cost=yield_of(expected.get(key, ZERO), held[key].cost) if key in held else None,
            received=received.get(key, ZERO) if sees else None,
            expected=expected.get(key, ZERO) if sees else None,
        )
        for key in keys
    ]


def _due(book: Book, one: Payment, sees: bool) -> DueRow:
    return DueRow(book.named[one.instrument], one.on, one.per_unit, one.is_declared, one.amount if sees else None)


def _missing(book: Book, one: Missing) -> DueRow:
    """In the instrument's currency: nobody says at which rate it was paid."""
    amount = total([one.dividend.amount * one.units])
    return DueRow(book.named[one.instrument], one.dividend.on, one.dividend.amount, True, amount)
