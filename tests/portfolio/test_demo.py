"""The demo's books and the commands that make them."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.market.models import Bar, Feed, Quote
from apps.portfolio.models import Dashboard, Portfolio, Transaction, Watchlist
from apps.tenants.models import Organization

pytestmark = pytest.mark.django_db


def onboard(email: str, organization: str) -> str:
    out = StringIO()
    call_command("onboard_user", email, organization=organization, stdout=out)
    return out.getvalue()


def test_onboarding_says_what_the_member_has(acme: Organization, ben: User) -> None:
    assert "ben@acme.test has a dashboard" in onboard("Ben@Acme.test", "acme")
    assert Dashboard.objects.get(user=ben).watchlist == Watchlist.objects.get(is_starter=True)


def test_an_unknown_organization_is_said_in_one_line() -> None:
    with pytest.raises(CommandError, match=r"^There is no organization nowhere\.$"):
        onboard("ben@acme.test", "nowhere")


def test_a_member_of_another_organization_is_unknown() -> None:
    with pytest.raises(CommandError, match=r"^Acme Capital has no member eve@globex\.test\.$"):
        onboard("eve@globex.test", "acme")


@pytest.mark.usefixtures("books")
def test_books_are_made_once() -> None:
    before = Transaction.objects.count()
    call_command("seed_demo_books", stdout=StringIO())
    assert Transaction.objects.count() == before
    assert {p.name: p.shared for p in Portfolio.objects.all()} == {"Global Equity": True, "Private account": False}


@pytest.mark.usefixtures("books")
def test_books_trade_at_real_closes_before_the_session() -> None:
    session = Feed.objects.values_list("session_on", flat=True).get()
    for entry in Transaction.objects.select_related("instrument"):
        bar = Bar.objects.get(instrument=entry.instrument_id, on=entry.traded_on)
        assert float(entry.price or 0) == bar.close
        assert entry.traded_on < session


@pytest.mark.usefixtures("books")
def test_organizations_have_books_of_their_own(globex: Organization) -> None:
    here = set(Transaction.objects.values_list("pk", flat=True))
    with tenant_context(globex):
        there = set(Transaction.objects.values_list("pk", flat=True))
    assert here
    assert there
    assert not here & there


def test_without_quotes_the_command_says_what_to_run() -> None:
    with schema_context("public"):
        Quote.objects.all().delete()
    with pytest.raises(CommandError, match="no quotes"):
        call_command("seed_demo_books", stdout=StringIO())
