"""The card of headlines: a story once, its other tellings behind it, and who brought it."""

from datetime import timedelta

import pytest
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.market import services
from apps.market.models import Feed, Instrument
from apps.market.providers.base import Headline
from tests.conftest import ClientOf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]
TOLD = "IBM recalls a million <typewriters> after complaints about keys"


@pytest.fixture
def page(client_of: ClientOf, ben: User) -> str:
    """Of an instrument about which two tellings of a story came by NewsAPI."""
    with schema_context("public"):
        now = Feed.objects.market_at()
        told = [
            Headline(TOLD, now - timedelta(hours=2), "First wire", ("IBM",), "https://one.test/a", "newsapi"),
            Headline(f"{TOLD} again", now - timedelta(hours=1), "Second wire", ("IBM",), "", "newsapi"),
        ]
        services.record_headlines(told, Instrument.objects.filter(symbol="IBM"))
    return client_of(ben).get("/i/XNYS/IBM/").content.decode()


def test_a_story_stands_once_with_its_other_tellings_behind_it(page: str) -> None:
    assert page.count("<summary>and 1 more like it</summary>") == 1
    card, behind = page[page.index('id="news"') :].split("<details", 1)
    assert "Second wire" in card
    assert "First wire" in behind.split("</details>")[0]


def test_links_lead_out_alone_and_titles_are_text(page: str) -> None:
    assert '<a href="https://one.test/a" rel="noopener noreferrer" target="_blank">' in page
    assert "<typewriters>" not in page


def test_who_brought_it_is_named_with_a_link_and_its_delay(page: str) -> None:
    assert page.count("News by NewsAPI.org") == 1
    assert 'href="https://newsapi.org/terms"' in page
    assert "headlines are a day old" in page


def test_why_a_headline_is_about_a_symbol_stands_behind_it(page: str) -> None:
    assert 'title="By symbol IBM"' in page or 'title="By name “IBM”"' in page


def test_without_a_headline_there_is_no_coverage(client_of: ClientOf, ben: User) -> None:
    with schema_context("public"):
        fund = Instrument.objects.create(symbol="NOCV", exchange_id="XNYS", name="Not Covered Inc.")
    page = client_of(ben).get(fund.get_absolute_url()).content.decode()
    assert "No coverage: no stored headline is about these symbols." in page
