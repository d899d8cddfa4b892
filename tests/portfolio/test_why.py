"""Every money or percent cell that is derived opens its trail, and recomputing the trail gives exactly the figure."""

from collections import defaultdict
from fractions import Fraction

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.portfolio.models import Portfolio
from tests.conftest import ClientOf
from tests.portfolio.cells import Cell, as_shown, cells_of, steps_of
from tests.portfolio.recompute import recomputed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]
PAGES = ("/", "/portfolios/", "/i/XNAS/AAPL/")


def pages() -> list[str]:
    """Those above, and each portfolio's own."""
    found = [*PAGES]
    for portfolio in Portfolio.objects.all():
        found += [portfolio.get_absolute_url(), f"{portfolio.get_absolute_url()}performance/?period=1Y"]
    return found


def derived(client: Client, address: str) -> list[Cell]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return [cell for cell in cells_of(answer.text) if not cell.is_fact]


def test_every_derived_figure_opens_a_trail_that_gives_it(client_of: ClientOf, ann: User) -> None:
    client, wrong = client_of(ann), []
    for address in pages():
        cells = derived(client, address)
        wrong += [(address, cell.text, "has no trail") for cell in cells if not cell.why]
        for cell in (cell for cell in cells if cell.why):
            answer = client.get(cell.why)
            if answer.status_code != 200:
                wrong.append((address, cell.text, f"{cell.why}: {answer.status_code}"))
                continue
            found = as_shown(recomputed(steps_of(answer.text)), cell.text)
            wrong += [(address, cell.text, f"{cell.why} gives {found}")] if found != cell.text else []
    assert not wrong, "\n".join(map(str, wrong))


def test_every_input_that_is_a_figure_has_a_trail_that_gives_it(client_of: ClientOf, ann: User) -> None:
    """Down to ledger rows, prices and rates: three levels below every kind of headline."""
    client, known = client_of(ann), set[str]()
    book = Portfolio.objects.get(name="Global Equity")
    waiting = [
        (f"/portfolios/{book.pk}/why/{name}/?period=1Y", "") for name in ("twr", "bridge-price", "value", "xirr")
    ]
    waiting += [(f"/portfolios/{book.pk}/why/contribution/?period=1Y&of={of}", "") for of in _some_parts(client, book)]
    for _ in range(3):
        waiting = [deeper for address, value in waiting for deeper in _opened(client, book, address, value, known)]
    assert len(known) > 20


def _some_parts(client: Client, book: Portfolio) -> list[str]:
    page = client.get(f"{book.get_absolute_url()}performance/?period=1Y")
    return [str(part.instrument.pk) for part in page.context["parts"] if part.instrument][:2]


def _opened(client: Client, book: Portfolio, address: str, value: str, known: set[str]) -> list[tuple[str, str]]:
    """Its figures, a few of each kind, that were not opened yet."""
    steps = steps_of(client.get(address).text)
    if value:
        assert abs(recomputed(steps) - Fraction(value)) <= abs(Fraction(value)) * Fraction(1, 10**9), address
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for step in steps:
        if step["op"] == "given" and step.get("figure") and step["figure"] not in known:
            known.add(step["figure"])
            kind = step["figure"].partition("/")[0] + step["figure"].partition("part=")[2][:4]
            found[kind].append((f"/portfolios/{book.pk}/why/{step['figure']}", step["value"]))
    return [one for some in found.values() for one in some[-3:]]
