"""No page, part or file shows an amount to a member without amounts: what a book is worth is sought on all of them."""

from decimal import Decimal
from typing import Any

import pytest

from apps.accounts.models import User
from apps.accounts.permissions import Role
from apps.portfolio.models import Portfolio
from apps.portfolio.services import value_portfolios
from tests.conftest import ClientOf
from tests.contracts.addresses import NAMES, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("report")]
SMALL = 1000
NOT_PAGES = {"healthz", "readyz", "brand_logo", "brand_style"}


def _marks() -> set[str]:
    """Values and gains of every shared book, as they are written; small ones could stand for anything."""
    figures: list[Decimal | None] = []
    for valuation in value_portfolios(list(Portfolio.objects.filter(shared=True))).values():
        figures += [valuation.totals.value, valuation.totals.gain]
        figures += [figure for row in valuation.positions for figure in (row.value, row.gain)]
    return {f"{abs(figure):,.2f}" for figure in figures if figure is not None and abs(figure) > SMALL}


def _shown(client_of: ClientOf, user: User) -> dict[str, set[str]]:
    """Address -> marks that its page (and the part that htmx asks for) holds."""
    client, marks = client_of(user), _marks()
    shown: dict[str, set[str]] = {}
    for name in (name for name in NAMES if name not in NOT_PAGES):
        path = path_of(name)
        for part in (False, True):
            answer: Any = client.get(path, headers={"HX-Request": "true"} if part else {})
            text = str(answer.getvalue()) if answer.streaming else answer.text
            shown.setdefault(name, set()).update(mark for mark in marks if mark in text)
    return {name: found for name, found in shown.items() if found}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.ADMIN])
def test_amounts_are_on_no_page_of_one_who_may_not_see_them(
    client_of: ClientOf, ann: User, vic: User, role: Role
) -> None:
    seen = _shown(client_of, ann)
    assert {"dashboard", "portfolio_list", "portfolio_detail", "instrument_detail"} <= set(seen)  # the control
    vic.role, vic.sees_amounts = role, False
    vic.save(update_fields=["role", "sees_amounts"])
    assert _shown(client_of, vic) == {}
