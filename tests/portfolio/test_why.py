"""Every money or percent cell that is derived opens its trail, and recomputing the trail gives exactly the figure."""

import html
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.models import Portfolio, Transaction
from apps.portfolio.templatetags.trails import why
from tests.conftest import ClientOf
from tests.portfolio.cells import FIGURE, Cell, as_shown, cells_of, steps_of
from tests.portfolio.recompute import recomputed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]
OF_A_PORTFOLIO = ("", "performance/?period=1Y", "performance/?period=1D")
IN_PART = ("allocation/?by=sector", "risk/?period=1Y")  # pages of which some figures open no trail yet
PAGES = ("/", "/portfolios/", "/i/XNAS/AAPL/")


def pages() -> list[str]:
    """Those above, and each portfolio's own."""
    found = [*PAGES]
    for portfolio in Portfolio.objects.all():
        found += [f"{portfolio.get_absolute_url()}{page}" for page in OF_A_PORTFOLIO]
    return found


def derived(client: Client, address: str) -> list[Cell]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return [cell for cell in cells_of(answer.text) if not cell.is_fact]


def wrong_of(client: Client, address: str, cells: list[Cell]) -> list[tuple[str, str, str]]:
    """What the trail of a cell says instead of its figure."""
    found = []
    for cell in cells:
        answer = client.get(cell.why)
        if answer.status_code != 200:
            found.append((address, cell.text, f"{cell.why}: {answer.status_code}"))
        elif (given := as_shown(recomputed(steps_of(answer.text)), cell.text)) != cell.text:
            found.append((address, cell.text, f"{cell.why} gives {given}"))
    return found


def test_every_derived_figure_opens_a_trail_that_gives_it(client_of: ClientOf, ann: User) -> None:
    client, wrong = client_of(ann), []
    for address in pages():
        cells = derived(client, address)
        wrong += [(address, cell.text, "has no trail") for cell in cells if not cell.why]
        wrong += wrong_of(client, address, [cell for cell in cells if cell.why])
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("page", IN_PART)
def test_every_trail_that_another_page_opens_gives_its_figure(client_of: ClientOf, ann: User, page: str) -> None:
    client = client_of(ann)
    address = f"{Portfolio.objects.get(name='Global Equity').get_absolute_url()}{page}"
    cells = [cell for cell in derived(client, address) if cell.why]
    assert len(cells) >= 4
    assert wrong_of(client, address, cells) == []


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


def test_a_viewer_without_amounts_reads_trails_of_ratios_alone(client_of: ClientOf, vic_without_amounts: User) -> None:
    """Each link of the pages opens, and no input of it is an amount, a quantity or a row of the ledger."""
    client, seen = client_of(vic_without_amounts), set[str]()
    for portfolio in Portfolio.objects.visible_to(vic_without_amounts):
        for page in ("", "performance/?period=1Y"):
            for cell in derived(client, f"{portfolio.get_absolute_url()}{page}"):
                if cell.why in {"", *seen}:
                    continue
                seen.add(cell.why)
                answer = client.get(cell.why)
                assert answer.status_code == 200, cell
                assert as_shown(recomputed(steps_of(answer.text)), cell.text) == cell.text
                assert [step for step in steps_of(answer.text) if _tells_an_amount(step)] == [], cell
    assert len(seen) > 10


def _tells_an_amount(step: dict[str, Any]) -> bool:
    is_public = step.get("from") in {"price", "rate", "split", "setting", "constant"}
    return step.get("from") == "row" or (
        step["op"] == "given" and step["unit"] not in {"ratio", "share"} and not is_public
    )


@pytest.mark.parametrize("figure", ["value", "gain", "gain-percent", "day-percent", "xirr", "bridge-price", "cost"])
def test_a_figure_that_is_made_of_amounts_is_refused_to_one_who_sees_none(
    client_of: ClientOf, vic_without_amounts: User, figure: str
) -> None:
    book = Portfolio.objects.get(name="Global Equity")
    address = f"{book.get_absolute_url()}why/{figure}/?period=1Y"
    answer = client_of(vic_without_amounts).get(address)
    assert answer.status_code == 403
    assert not FIGURE.search(answer.text)


@pytest.mark.parametrize(
    "asked", ["nothing/", "value/?of=999999999", "value/?of=x", "value-on/", "moved-on/?on=2013-01-02&part=price",
              "moved-on/?on=2013-01-02&after=2013-01-01&part=pk", "month/?on=1990-01-01", "contribution/?of=cash",
              "group/?by=sector&name=None", "weight/", "twr/?on=99-99", "value/?page=0", "average-cost/?of=%00"]
)  # fmt: skip
def test_what_is_no_figure_is_not_found(client_of: ClientOf, ann: User, asked: str) -> None:
    book = Portfolio.objects.get(name="Global Equity")
    assert client_of(ann).get(f"{book.get_absolute_url()}why/{asked}").status_code == 404


def test_a_private_portfolio_has_no_trail_for_others(client_of: ClientOf, ben: User) -> None:
    book = Portfolio.objects.get(name="Private account")
    assert client_of(ben).get(f"{book.get_absolute_url()}why/twr/").status_code == 404


def test_the_link_is_the_address_of_the_trail(client_of: ClientOf, ann: User) -> None:
    """The tag writes it without the resolver."""
    book = Portfolio.objects.get(name="Global Equity")
    link = cells_of(why("1.00", book.pk, "value", "period=1Y", of=3))[0].why
    assert html.unescape(link) == f"{reverse('portfolio_why', args=[book.pk, 'value'])}?period=1Y&of=3"


@pytest.mark.parametrize("method", [Portfolio.CostMethod.FIFO, Portfolio.CostMethod.AVERAGE])
def test_pages_of_a_long_trail_each_give_the_figure(client_of: ClientOf, ann: User, method: str) -> None:
    """Three hundred purchases and a sale; what stands on the other pages is one subtotal."""
    book = services.create_portfolio(name="Long", owner=ann, cost_method=method)
    apple = Instrument.objects.get(symbol="AAPL")
    first, account = date(2011, 1, 3), book.accounts.get()
    Transaction.objects.bulk_create(
        Transaction(account=account, kind="buy", instrument=apple, quantity=3 + place % 5, price=300 + place % 90,
                    fee=place % 2, currency="USD", traded_on=first + timedelta(days=place))
        for place in range(300)
    )  # fmt: skip
    Transaction.objects.create(account=account, kind="sell", instrument=apple, quantity=7, price=400, currency="USD",
                               traded_on=date(2012, 3, 1))  # fmt: skip
    client, address = client_of(ann), f"{book.get_absolute_url()}why/cost/?of={apple.pk}"
    cost = next(row.cost for row in services.value_positions(book))
    pages = [steps_of(client.get(f"{address}&page={page}").text) for page in (1, 2, 3)]
    assert {as_shown(recomputed(steps), "1.000000") for steps in pages} == {f"{cost:,.6f}"}
    assert max(map(len, pages)) < 1_600
