"""Amounts on open pages: who may listen, and what is sent."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.market.models import Instrument, Quote
from apps.portfolio import live, services
from apps.portfolio.models import Kind, Portfolio
from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(ann: User, apple: Instrument) -> Portfolio:
    book = services.create_portfolio(name="Test book", owner=ann)
    services.record_transaction(
        portfolio=book,
        kind=Kind.BUY,
        instrument=apple,
        quantity=Decimal(1000),
        price=Decimal(400),
        traded_on=date(2013, 1, 3),
        by=ann,
    )
    return book


def test_the_owner_may_listen(portfolio: Portfolio, ann: User) -> None:
    topic = live.amounts_topic(portfolio)
    assert live.AmountsTopic.allowed(ann, [topic]) == {topic}


def test_a_colleague_may_not_hear_a_private_portfolio(portfolio: Portfolio, ben: User) -> None:
    assert live.AmountsTopic.allowed(ben, [live.amounts_topic(portfolio)]) == set()


def test_a_member_without_amounts_hears_none(portfolio: Portfolio, ann: User) -> None:
    ann.sees_amounts = False
    assert live.AmountsTopic.allowed(ann, [live.amounts_topic(portfolio)]) == set()


def test_a_topic_of_another_schema_is_left_out(portfolio: Portfolio, ann: User, globex: Organization) -> None:
    foreign = f"{globex.schema_name}:{portfolio.pk}:amounts"
    assert live.AmountsTopic.allowed(ann, [foreign]) == set()
    assert live.AmountsTopic.cells([foreign]) == {}


def test_an_equal_key_elsewhere_opens_nothing(portfolio: Portfolio, eve: User, globex: Organization) -> None:
    topic = f"{globex.schema_name}:{portfolio.pk}:amounts"
    with tenant_context(globex):
        assert live.AmountsTopic.allowed(eve, [topic]) == set()


@pytest.mark.parametrize("form", ["{schema}:x:amounts", "{schema}:{pk}:weights", "amounts", "{schema}:{pk}"])
def test_malformed_topics_are_left_out(acme: Organization, form: str) -> None:
    assert live.portfolios_of([form.format(schema=acme.schema_name, pk=uuid4())]) == {}


def test_cells_say_value_gain_and_weight(portfolio: Portfolio, apple: Instrument) -> None:
    with schema_context("public"):
        Quote.objects.filter(pk=apple.pk).update(price=450.5)
    topic = live.amounts_topic(portfolio)
    cells = live.AmountsTopic.cells([topic])[topic]
    assert set(cells) == {f"{portfolio.pk}:{name}" for name in live.TOTALS} | {
        f"{portfolio.pk}:{apple.pk}:{name}" for name in live.ROWS
    }
    assert "450,500.00" in cells[f"{portfolio.pk}:value"]
    assert all(f'data-live="{key}"' in html for key, html in cells.items())


def test_only_what_changed_is_pushed_again(portfolio: Portfolio, apple: Instrument) -> None:
    topic = live.amounts_topic(portfolio)
    sent: dict[str, live.Cells] = {}
    live.push_changes([topic], sent)
    first = sent[topic]
    with schema_context("public"):
        Quote.objects.filter(pk=apple.pk).update(price=451.25)
    live.push_changes([topic], sent)
    changed = {key for key, html in sent[topic].items() if first[key] != html}
    assert f"{portfolio.pk}:value" in changed
    assert f"{portfolio.pk}:{apple.pk}:weight" not in changed


def test_a_member_without_amounts_hears_weights(portfolio: Portfolio, vic_without_amounts: User) -> None:
    topic = live.weights_topic(portfolio)
    assert live.WeightsTopic.allowed(vic_without_amounts, [topic]) == set()
    Portfolio.objects.filter(pk=portfolio.pk).update(shared=True)
    assert live.WeightsTopic.allowed(vic_without_amounts, [topic]) == {topic}
    assert live.AmountsTopic.allowed(vic_without_amounts, [live.amounts_topic(portfolio)]) == set()


def test_a_frame_of_weights_holds_no_amount(portfolio: Portfolio, apple: Instrument) -> None:
    with schema_context("public"):
        Quote.objects.filter(pk=apple.pk).update(price=450.5, previous_close=440.5)
    amounts, weights = live.amounts_topic(portfolio), live.weights_topic(portfolio)
    sent: dict[str, live.Cells] = {}
    live.push_changes([amounts, weights], sent)
    (row,) = services.value_positions(portfolio)
    marks = [f"{figure:,.2f}" for figure in (row.value, row.gain, row.day_change, row.cost) if figure is not None]
    assert all(mark in str(sent[amounts]) for mark in marks[:3])
    assert not any(mark in str(sent[weights]) for mark in [*marks, "1,000", "data-value"])
    assert "100.0" in sent[weights][f"{portfolio.pk}:{apple.pk}:weight"]


def test_a_page_without_amounts_holds_every_cell_of_weights(
    client_of: ClientOf, portfolio: Portfolio, apple: Instrument, vic_without_amounts: User
) -> None:
    Portfolio.objects.filter(pk=portfolio.pk).update(shared=True)
    page = client_of(vic_without_amounts).get(portfolio.get_absolute_url()).text
    cells = live.WeightsTopic.cells([live.weights_topic(portfolio)])[live.weights_topic(portfolio)]
    assert all(f'data-live="{key}"' in page for key in cells)
