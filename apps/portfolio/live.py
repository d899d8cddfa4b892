"""Amounts and weights that move on open pages: cells of a portfolio on its private topics."""

from collections.abc import Iterable
from uuid import UUID

from django.template.loader import render_to_string

from apps.accounts.models import User
from apps.portfolio.models import Portfolio
from apps.portfolio.services import RelativePosition, RelativeTotals, Valuation, value_portfolios
from apps.tenants.backend.connections import connection
from apps.tenants.live import push_many

Cells = dict[str, str]  # live key -> element

TOTALS = ("value", "gain", "percent", "day")
ROWS = ("value", "gain", "percent", "weight")
SHARES, ROW_SHARES = ("percent", "day"), ("percent", "weight")


class AmountsTopic:
    """`<schema>:<portfolio>:amounts`, for members who see the portfolio and amounts."""

    @staticmethod
    def allowed(user: User, topics: list[str]) -> set[str]:
        """Those of portfolios in this organization that the member sees."""
        if not user.sees_amounts:
            return set()
        asked = portfolios_of(topics)
        visible = Portfolio.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True)
        return {asked[pk] for pk in visible}

    @staticmethod
    def cells(topics: list[str]) -> dict[str, Cells]:
        """What each portfolio is worth now."""
        return _cells_of(topics)


class WeightsTopic:
    """`<schema>:<portfolio>:weights`, for everybody who sees the portfolio: shares and percentages, no amount."""

    @staticmethod
    def allowed(user: User, topics: list[str]) -> set[str]:
        """Those of portfolios in this organization that the member sees."""
        asked = portfolios_of(topics, "weights")
        visible = Portfolio.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True)
        return {asked[pk] for pk in visible}

    @staticmethod
    def cells(topics: list[str]) -> dict[str, Cells]:
        """How each portfolio is made up now."""
        return _cells_of(topics)


def amounts_topic(portfolio: Portfolio) -> str:
    """Where this portfolio's amounts travel."""
    return f"{connection.schema_name}:{portfolio.pk}:amounts"


def weights_topic(portfolio: Portfolio) -> str:
    """Where what is no amount of this portfolio travels."""
    return f"{connection.schema_name}:{portfolio.pk}:weights"


def portfolios_of(topics: Iterable[str], wanted: str = "amounts") -> dict[UUID, str]:
    """Portfolio key -> topic; topics of other organizations and of other forms are left out."""
    found: dict[UUID, str] = {}
    for topic in topics:
        schema, _, rest = topic.partition(":")
        key, _, form = rest.partition(":")
        if schema == connection.schema_name and form == wanted:
            try:
                found[UUID(key)] = topic
            except ValueError:
                continue
    return found


def _cells_of(topics: list[str]) -> dict[str, Cells]:
    """Each portfolio is valued once, whichever of its topics are shown."""
    amounts, weights = portfolios_of(topics), portfolios_of(topics, "weights")
    valuations = value_portfolios(Portfolio.objects.filter(pk__in={*amounts, *weights}))
    found = {topic: amount_cells(valuations[pk]) for pk, topic in amounts.items() if pk in valuations}
    return found | {topic: weight_cells(valuations[pk]) for pk, topic in weights.items() if pk in valuations}


def amount_cells(valuation: Valuation) -> Cells:
    """Live key -> element, rendered from the partials of the first paint."""
    portfolio = valuation.portfolio
    ctx = {"portfolio": portfolio, "totals": valuation.totals}
    cells = {f"{portfolio.pk}:{name}": _cell(f"total_{name}", ctx) for name in TOTALS}
    for row in valuation.positions:
        key = f"{portfolio.pk}:{row.instrument.pk}"
        cells |= {f"{key}:{name}": _cell(f"row_{name}", {"portfolio": portfolio, "row": row}) for name in ROWS}
    return cells


def weight_cells(valuation: Valuation) -> Cells:
    """Live key -> element, as on the page of a member without amounts."""
    portfolio, totals = valuation.portfolio, valuation.totals
    shares = {"portfolio": portfolio, "totals": RelativeTotals.of(totals)}
    cells = {f"{portfolio.pk}:{name}": _cell(f"share_{name}", shares) for name in SHARES}
    for position in valuation.positions:
        row = {"portfolio": portfolio, "row": RelativePosition.of(position)}
        key = f"{portfolio.pk}:{position.instrument.pk}"
        cells |= {f"{key}:{name}": _cell(f"row_share_{name}", row) for name in ROW_SHARES}
    return cells


def push_portfolio(portfolio: Portfolio) -> None:
    """Shows the portfolio as it is now on every page that is open on it."""
    push_many(_cells_of([amounts_topic(portfolio), weights_topic(portfolio)]))


def push_changes(topics: list[str], sent: dict[str, Cells]) -> None:
    """Pushes the cells that differ from what was sent before, and notes them in `sent`."""
    changes: dict[str, Cells] = {}
    for topic, cells in _cells_of(topics).items():
        before = sent.get(topic, {})
        changed = {key: html for key, html in cells.items() if before.get(key) != html}
        if changed:
            changes[topic] = changed
        sent[topic] = cells
    push_many(changes)


def _cell(name: str, ctx: dict[str, object]) -> str:
    return render_to_string(f"portfolio/cells.html#{name}", ctx).strip()
