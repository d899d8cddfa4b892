"""What if: orders that would lead to target weights, and what they would do to cash and risk. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.forms import BoundField
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.market.currencies import NoRateError
from apps.market.models import Instrument
from apps.portfolio import risk, services
from apps.portfolio.allocation import concentration
from apps.portfolio.closes import close_matrix, matrix_returns
from apps.portfolio.forms import AddedForm, TargetsForm
from apps.portfolio.holdings import price_on
from apps.portfolio.lots import LEDGER, ZERO, Side
from apps.portfolio.rebalancing import Line, Order, Plan, TargetError, plan
from apps.portfolio.services import Book
from apps.portfolio.views.books import Headline, book_context, portfolio_of
from apps.tenants.http import OrganizationRequest, render_page

LOOKS_BACK = timedelta(days=366)  # sessions from which the risk of a mix is taken
NOTHING = "Nothing that has a price is held: record a purchase, or name symbols to look at."


@dataclass(frozen=True, slots=True)
class WhatIfRow:
    """A line of the form with its outcome; units and the order are None for members without amounts."""

    instrument: Instrument
    before: float
    after: float
    target: BoundField
    step: BoundField | None
    units: Decimal | None
    order: Order | None

    @property
    def change(self) -> float:
        """Of the weight."""
        return self.after - self.before


@require_safe
def portfolio_what_if(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """The form is the address: a plan can be sent to a colleague, and nothing of it is stored."""
    portfolio = portfolio_of(request, pk)
    added = AddedForm(request.GET or None)
    more = added.cleaned_data["add"] if added.is_valid() else []
    ctx = book_context(request, portfolio, "What if", "what-if") | {"added": added}
    until = services.market_day()
    try:
        book = services.book_of(portfolio, until=until, since=until - LOOKS_BACK, beside=more)
        ctx |= _planned(request, book, more)
    except NoRateError as error:
        ctx["reason"] = str(error)
    is_wrong = added.errors or ctx.get("problem") or (ctx.get("form") and ctx["form"].errors)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    return render_page(request, "portfolio/portfolio_what_if.html", ctx, partial="what-if", status=status)


def _planned(request: OrganizationRequest, book: Book, more: Sequence[Instrument]) -> dict[str, Any]:
    sees = request.user.sees_amounts
    lines, named = _lines(book, more)
    form = TargetsForm(request.GET or None, [named[line.key] for line in lines], sees_amounts=sees)
    if not lines:
        return {"reason": NOTHING}
    cash, whole = services.cash_in_base(book), True
    problem = ""
    if form.is_valid():
        whole = form.cleaned_data["whole"] if sees else False
        try:
            made = plan([_wanted(line, form, named) for line in lines], cash, whole_units=whole)
        except TargetError as error:
            made, problem = plan(lines, cash), str(error)
    else:
        made = plan(lines, cash)
    return {
        "form": form,
        "problem": problem,
        "keeps_cash": book.keeps_cash,
        "rows": _rows(made, named, form, sees),
        "cash": (*made.cash_weights, *((made.cash_before, made.cash_after) if sees else (None, None))),
        "is_short": made.cash_after < 0 and book.keeps_cash,
        "headlines": _headlines(made, book, sees),
        "orders": [(named[order.key], order, order.side is Side.IN) for order in made.orders] if sees else [],
        "has_orders": bool(made.orders),
    }


def _lines(book: Book, more: Sequence[Instrument]) -> tuple[list[Line], dict[Any, Instrument]]:
    """What is held and what was added, the largest first; what has no price cannot be weighed."""
    held = {one.instrument: one.holding.quantity for one in services.positions_of(book) if one.holding.quantity}
    named = {key: book.named[key] for key in held} | {one.pk: one for one in more}
    found = []
    for key in named:
        price = price_on(book.series[key], book.until)
        if price is not None:
            rate = book.rate(book.series[key].currency, book.until)
            found.append(Line(key, held.get(key, ZERO), LEDGER.multiply(price, rate)))
    return sorted(found, key=lambda line: -line.units * line.price), named


def _wanted(line: Line, form: TargetsForm, named: dict[Any, Instrument]) -> Line:
    target, step = form.wanted(named[line.key])
    return Line(line.key, line.units, line.price, target, step)


def _rows(made: Plan, named: dict[Any, Instrument], form: TargetsForm, sees: bool) -> list[WhatIfRow]:
    orders = {order.key: order for order in made.orders}
    return [
        WhatIfRow(
            instrument=named[one.key],
            before=one.before,
            after=one.after,
            target=form[f"target-{one.key}"],
            step=form[f"step-{one.key}"] if sees else None,
            units=one.units if sees else None,
            order=orders.get(one.key) if sees else None,
        )
        for one in made.lines
    ]


def _headlines(made: Plan, book: Book, sees: bool) -> list[Headline]:
    """Before and after, from the sessions of the last year."""
    series = [book.series[one.key] for one in made.lines]
    days = sorted({on for one in series for on in one.days if on > book.until - LOOKS_BACK})
    returns = matrix_returns(close_matrix(series, book.rate, days))
    before, after = ([getattr(one, name) for one in made.lines] for name in ("before", "after"))
    words = "from the daily returns of the last year that all positions know."
    few = "Too few sessions that all positions know"
    said = [
        Headline("vol-before", "Volatility now", f"Volatility of what is held, {words}",
                 _volatility(before, returns), "percent", few),
        Headline("vol-after", "Volatility after", f"Volatility of what would be held, {words}",
                 _volatility(after, returns), "percent", few),
        Headline("spread-before", "Effective positions now", "How many equal positions would be as concentrated.",
                 concentration(before), "number", "Nothing is held"),
        Headline("spread-after", "Effective positions after", "How many equal positions would be as concentrated.",
                 concentration(after), "number", "Nothing would be held"),
        Headline("turnover", "Turnover", "The smaller of what is bought and what is sold, over the whole.",
                 made.turnover, "percent"),
    ]  # fmt: skip
    total = Headline("total", "Value", "What is held at last prices, with the cash of the ledger.", made.total, "money")
    return [total, *said] if sees else said


def _volatility(weights: Sequence[float], returns: risk.Floats) -> float:
    return float(risk.risk_contributions(weights, returns).sum())
