"""The War Room and the page of one instrument."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.permissions import Permission
from apps.market.models import Article, Instrument, InstrumentRow, Quote, QuoteRow
from apps.portfolio.models import Watchlist
from apps.portfolio.services import value_visible_portfolios
from apps.portfolio.views import charts
from apps.portfolio.views.rows import (
    HeldRow,
    figures_of,
    live_topics,
    movers_of,
    page_context,
    positions_for,
)
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import limited

HOME = "War Room"
NEWS, INSTRUMENT_NEWS = 8, 20


@require_safe
@limited("600/m")
def dashboard(request: OrganizationRequest) -> HttpResponse:
    """The current watchlist with its portfolios, movers and news."""
    watchlists = list(Watchlist.objects.visible_to(request.user).with_current(request.user))
    watchlist = _current(watchlists, request.GET.get("watchlist"))
    ctx = page_context(HOME) | {"watchlists": watchlists, "watchlist": watchlist} | _room(request, watchlist)
    return render_page(request, "portfolio/dashboard.html", ctx, partial="room")


def _room(request: OrganizationRequest, watchlist: Watchlist | None) -> dict[str, Any]:
    """What moves, what it means for our books, and the news about it."""
    rows = watchlist.lines() if watchlist else []
    figures = figures_of(value_visible_portfolios(request.user), request.user)
    instruments = [row.instrument for row in rows]
    return {
        "rows": rows,
        "figures": figures,
        "movers": movers_of(rows),
        "articles": _news(instruments, _clock(row.quote for row in rows), NEWS),
        "shows_amounts": request.user.sees_amounts,
        "live_topics": live_topics(request, instruments, [figure.portfolio for figure in figures]),
        "title_quote": next((row.quote for row in rows if row.quote), None),
        "may_edit": request.user.may(Permission.WATCHLIST_EDIT),
    }


@require_safe
@limited("600/m")
def instrument_detail(request: OrganizationRequest, mic: str, symbol: str) -> HttpResponse:
    """Chart, news and what we hold of one instrument."""
    if "\x00" in mic + symbol:  # PostgreSQL refuses the question
        raise Http404
    known = Instrument.objects.select_related("exchange")
    instrument = get_object_or_404(known, exchange_id=mic.upper(), symbol=symbol.upper())
    quote = Quote.objects.of([instrument.pk]).first()
    ctx = page_context(instrument.symbol, (HOME, reverse("dashboard"))) | {
        "instrument": instrument,
        "quote": quote,
        "title_quote": quote,
        "bars": charts.candles(instrument, quote),
        "articles": _news([instrument], quote.market_at if quote else None, INSTRUMENT_NEWS),
        "watchlists": list(Watchlist.objects.editable_by(request.user).with_instrument(instrument)),
    }
    return render_page(request, "portfolio/instrument_detail.html", ctx | _held(request, instrument), partial="chart")


def _held(request: OrganizationRequest, instrument: Instrument) -> dict[str, Any]:
    """Our positions in the instrument, largest portfolio first, and the topics that keep them right."""
    held = [
        HeldRow(valuation.portfolio, positions_for(request.user, [position])[0])
        for valuation in value_visible_portfolios(request.user)
        for position in valuation.positions
        if position.instrument.pk == instrument.pk
    ]
    return {
        "positions": held,
        "position": held[0].position if held else None,
        "shows_amounts": request.user.sees_amounts,
        "live_topics": live_topics(request, [instrument], [row.portfolio for row in held]),
    }


def _current(watchlists: list[Watchlist], asked: str | None) -> Watchlist | None:
    """The one in the address, else the remembered one, else the first; one that is not theirs is not found."""
    if asked:
        found = next((watchlist for watchlist in watchlists if str(watchlist.pk) == asked.lower()), None)
        if found is None:
            raise Http404
        return found
    remembered = (watchlist for watchlist in watchlists if watchlist.is_current)
    return next(remembered, watchlists[0] if watchlists else None)


def _news(instruments: Iterable[Instrument | InstrumentRow], clock: datetime | None, most: int) -> list[Article]:
    return list(Article.objects.about([instrument.pk for instrument in instruments], until=clock)[:most])


def _clock(quotes: Iterable[QuoteRow | None]) -> datetime | None:
    """The market clock that came with the quotes."""
    return next((quote.market_at for quote in quotes if quote), None)
