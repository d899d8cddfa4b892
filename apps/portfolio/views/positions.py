"""One position of a portfolio: its lots, open and closed, its returns, its income and its price with our trades."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.market.currencies import NoRateError
from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.closes import close_matrix
from apps.portfolio.holdings import Valued
from apps.portfolio.income import receipts, total
from apps.portfolio.lots import LEDGER, ONE, Lot
from apps.portfolio.movements import Row
from apps.portfolio.performance import flows_of, money_weighted, time_weighted
from apps.portfolio.periods import Period
from apps.portfolio.realised import Sale, is_long_term, sales_of
from apps.portfolio.replay import Terms, replay
from apps.portfolio.services import Book
from apps.portfolio.views.books import Headline, Picker, book_context, picker_of, portfolio_of
from apps.portfolio.views.lines import Chart, line, mark
from apps.tenants.http import OrganizationRequest, render_page

LOTS_SHOWN = 200
NO_PRICE = "There is no price yet."


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot with what it is worth; for members without amounts only its days, its share and its return are given."""

    opened_on: date
    closed_on: date
    is_long: bool
    share: float
    return_: float | None
    lot: Lot | None = None
    value: Decimal | None = None
    gain: Decimal | None = None

    @property
    def days(self) -> int:
        """Its age."""
        return (self.closed_on - self.opened_on).days


@require_safe
def position_detail(request: OrganizationRequest, pk: UUID, mic: str, symbol: str) -> HttpResponse:
    """404 for an instrument that the ledger never held."""
    portfolio = portfolio_of(request, pk)
    instrument = get_object_or_404(Instrument.objects.select_related("exchange"), exchange=mic, symbol=symbol)
    picker = picker_of(request, services.first_day(portfolio), usual=Period.ALL)
    ctx = book_context(request, portfolio, instrument.symbol, "position") | {
        "instrument": instrument,
        "picker": picker,
        "until": picker.span.until,
    }
    try:
        ctx |= _position(request, services.book_of(portfolio, until=services.market_day()), instrument, picker)
    except NoRateError as error:
        ctx["reason"] = str(error)
    return render_page(request, "portfolio/position_detail.html", ctx, partial="position")


def _position(request: OrganizationRequest, book: Book, instrument: Instrument, picker: Picker) -> dict[str, Any]:
    rows = [row for row in book.rows if row.instrument == instrument.pk]
    own = replace(book, rows=rows, named={instrument.pk: instrument})
    found = services.positions_of(own)
    if not found:
        raise Http404(f"{instrument.symbol} was never held.")
    one, sees = found[0], request.user.sees_amounts
    sales = sales_of(found)[::-1][:LOTS_SHOWN]
    return {
        "one": one if sees else None,
        "headlines": _returns(own, picker) + (_amounts(one) if sees else []),
        "lots": [_open(lot, one, book.until, sees) for lot in one.holding.lots[:LOTS_SHOWN]],
        "closed": [_closed(sale, one, sees) for sale in sales],
        "receipts": receipts(rows, book.rate, None, book.until)[::-1] if sees else [],
        "chart": _chart(own, instrument, sees),
    }


def _returns(book: Book, picker: Picker) -> list[Headline]:
    """Of the position alone: fees inside, taxes outside; its flows are buys, sells, dividends and deliveries."""
    first = (book.first or book.until) - timedelta(days=1)
    opened = max(picker.span.opened or first, first)
    terms = Terms(cash=False, before_taxes=True)
    days = replay(book.rows, book.series, book.rate, until=picker.span.until, since=opened, terms=terms)
    twr, irr = time_weighted(days), money_weighted(flows_of(days))
    return [
        Headline("twr", "Time-weighted return", "Of this position over the period: fees inside, taxes outside; buying "
                 "and selling does not count.", twr.value, "change", twr.why),
        Headline("irr", "Money-weighted, per year", "XIRR, actual/365, of buys, sells, dividends and the value at the "
                 "end.", irr.value, "change", irr.why),
    ]  # fmt: skip


def _amounts(one: Valued) -> list[Headline]:
    realised = total(disposal.base_gain for disposal in one.holding.disposals)
    currency = "At today's rate less the cost of the open lots at the rates of their days; fees of buying counted."
    return [
        Headline("value", "Value", "Units held at the last price and today's rate.", one.value_base, "money", NO_PRICE),
        Headline("open", "Gain of open lots", currency, one.gain_base, "gain", NO_PRICE),
        Headline("realised", "Realised", "Gain of everything sold so far, fees and taxes counted.", realised, "gain"),
        Headline("income", "Income", "Dividends before their fees and taxes, each at the rate of its day.",
                 one.income_base, "money"),
    ]  # fmt: skip


def _open(lot: Lot, one: Valued, until: date, sees: bool) -> LotRow:
    """Money in the instrument's currency."""
    value = None if one.price is None else LEDGER.multiply(lot.quantity, one.price)
    gain = None if value is None else LEDGER.subtract(value, lot.cost)
    row = LotRow(
        opened_on=lot.opened_on,
        closed_on=until,
        is_long=is_long_term(lot.opened_on, until),
        share=float(lot.quantity / one.holding.quantity),
        return_=float(gain / lot.cost) if gain is not None and lot.cost else None,
    )
    return replace(row, lot=lot, value=value, gain=gain) if sees else row


def _closed(sale: Sale, one: Valued, sees: bool) -> dict[str, Any]:
    known = {"acquired_on": sale.acquired_on, "sold_on": sale.sold_on, "days": sale.days, "is_long": sale.is_long}
    return known | {"return_": sale.return_, "sale": sale if sees else None}


def _chart(book: Book, instrument: Instrument, sees: bool) -> Chart:
    """Closes in the units of the last day, from a fortnight before the first row on."""
    series = book.series[instrument.pk]
    closes = close_matrix([series], lambda currency, on: ONE, series.days)[:, 0]
    moved = [row for row in book.rows if row.moves_units]
    marks = [found for row in moved if (found := _mark(row, series.days, sees))]
    caption = f"{instrument.symbol} with {len(moved)} trades and deliveries of this portfolio marked."
    label = f"Closing prices of {instrument.symbol} in {instrument.currency}; the trades are in the tables below"
    return Chart("price", label, caption, [line(instrument.symbol, series.days, closes, form="money")], marks)


def _mark(row: Row, days: Sequence[date], sees: bool) -> dict[str, Any] | None:
    """At the session of the row, or the next one."""
    place = bisect_left(days, row.on)
    if place == len(days):
        return None
    units = f" {row.quantity.normalize():f}" if sees and row.quantity else ""
    return mark(days[place], is_in=row.is_inflow, text=f"{row.kind.label}{units}")
