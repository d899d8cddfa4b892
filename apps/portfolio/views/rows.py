"""What the tables of several pages are made of; amounts are left out where the member may not see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.market.models import Instrument, InstrumentRow, QuoteRow
from apps.portfolio.live import amounts_topic, weights_topic
from apps.portfolio.models import Line, Portfolio
from apps.portfolio.services import Position, RelativePosition, RelativeTotals, Totals, Valuation
from apps.tenants.http import OrganizationRequest
from apps.tenants.live import sign_topics

CLOCK = "feed:clock"


@dataclass(frozen=True, slots=True)
class Figure:
    """A portfolio's headline on the dashboard; value and change are None for members without amounts."""

    portfolio: Portfolio
    label: str
    url: str
    totals: Totals | RelativeTotals
    value: Decimal | None
    change: Decimal | None
    percent: float | None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """What one portfolio holds of the instrument of a page."""

    portfolio: Portfolio
    position: Position | RelativePosition


def movers_of(lines: Iterable[Line]) -> list[QuoteRow]:
    """Quotes by their change since the last close, best first; those without one are left out."""
    moved = [
        (line.quote.change_percent, line.quote)
        for line in lines
        if line.quote and line.quote.change_percent is not None
    ]
    return [quote for _, quote in sorted(moved, key=lambda pair: -pair[0])]


def figures_of(valuations: Iterable[Valuation], user: User) -> list[Figure]:
    """A headline of each portfolio."""
    return [_figure(valuation, user) for valuation in valuations]


def positions_for(user: User, positions: Iterable[Position]) -> list[Position] | list[RelativePosition]:
    """The positions in the form that the member may see."""
    if user.sees_amounts:
        return list(positions)
    return [RelativePosition.of(position) for position in positions]


def totals_for(user: User, totals: Totals) -> Totals | RelativeTotals:
    """The totals in the form that the member may see."""
    if user.sees_amounts:
        return totals
    return RelativeTotals.of(totals)


def live_topics(
    request: OrganizationRequest,
    instruments: Iterable[Instrument | InstrumentRow],
    portfolios: Sequence[Portfolio] = (),
) -> str:
    """The signed list for the page: the clock, its quotes, and amounts of the portfolios shown, or their weights."""
    topics = [CLOCK, *(f"quote:{instrument.pk}" for instrument in instruments)]
    topic_of = amounts_topic if request.user.sees_amounts else weights_topic
    topics += [topic_of(portfolio) for portfolio in portfolios]
    return sign_topics(request, topics)


def page_context(title: str, *crumbs: tuple[str, str | None], **more: Any) -> dict[str, Any]:
    """Title and breadcrumbs, which every page has, and what the page adds."""
    return {"title": title, "crumbs": [*crumbs, (title, None)], **more}


def _figure(valuation: Valuation, user: User) -> Figure:
    portfolio, totals = valuation.portfolio, totals_for(user, valuation.totals)
    shown = valuation.totals if user.sees_amounts else None
    return Figure(
        portfolio=portfolio,
        label=portfolio.name,
        url=portfolio.get_absolute_url(),
        totals=totals,
        value=shown.value if shown else None,
        change=shown.day_change if shown else None,
        percent=totals.day_percent,
    )
