"""Search by symbol and by the words of a name."""

from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.market import actors
from apps.market.models import Instrument, find_instruments
from tests.accounts.conftest import enqueued as enqueued
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def found(query: str) -> list[str]:
    with schema_context("public"):
        return [one.symbol for one in Instrument.objects.listed().matching(query)]


@pytest.mark.parametrize(
    ("query", "first"),
    [("AAPL", "AAPL"), ("aapl", "AAPL"), ("micro", "MSFT"), ("business mach", "IBM"), ("face", "FB"), ("ib", "IBM")],
)
def test_symbols_and_names_are_found(query: str, first: str) -> None:
    assert found(query)[0] == first


@pytest.mark.parametrize("query", ["", "   ", "zzzz"])
def test_nothing_is_found_for_nothing(query: str) -> None:
    assert found(query) == []


def test_the_page_lists_what_is_found(client_of: ClientOf, ann: User) -> None:
    assert b"Apple Inc." in client_of(ann).get("/search/", {"q": "apple"}).content


def test_a_part_is_answered_to_htmx(client_of: ClientOf, ann: User) -> None:
    answer = client_of(ann).get("/search/", {"q": "apple"}, headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert b"AAPL" in answer.content


def test_a_null_character_is_no_error(client_of: ClientOf, ann: User) -> None:
    assert client_of(ann).get("/search/", {"q": "a\x00apl"}).status_code == 200


def test_the_anonymous_are_sent_to_sign_in(anonymous: Client) -> None:
    assert anonymous.get("/search/?q=apple").status_code == 302


def part(client: Client, query: str) -> str:
    return client.get("/search/", {"q": query}, headers={"HX-Request": "true"}).content.decode()


def test_the_part_says_exchange_type_and_how_many(client_of: ClientOf, ann: User) -> None:
    said = part(client_of(ann), "apple")
    assert "XNAS · Stock" in said
    assert "1 result, the first is AAPL, Apple Inc." in said


@pytest.mark.parametrize("query", ["SAP.DE", "XYZW"])
def test_an_unknown_symbol_is_offered_to_those_who_may_add_it(
    client_of: ClientOf, ann: User, vic: User, query: str
) -> None:
    assert f"/search/new/?symbol={query}" in part(client_of(ann), query)
    assert "/search/new/" not in part(client_of(vic), query)


@pytest.mark.parametrize("query", ["AAPL", "appl", "apple inc"])
def test_what_is_found_is_not_offered(client_of: ClientOf, ann: User, query: str) -> None:
    assert "/search/new/" not in part(client_of(ann), query)


@pytest.mark.parametrize(
    ("query", "reason"), [("!!!", "letters A to Z"), ("z" * 60, "at most 15"), ("z\u200bq", "invisible")]
)
def test_nonsense_gets_a_reason(client_of: ClientOf, ann: User, query: str, reason: str) -> None:
    assert reason in part(client_of(ann), query)
    refused = client_of(ann).post("/search/new/", {"symbol": query})
    assert refused.status_code == 422
    assert reason in refused.content.decode()


def test_a_symbol_is_added_looked_up_and_given_up(client_of: ClientOf, ann: User, enqueued: Any) -> None:
    """The replay knows nothing of it, so that it leaves the search again."""
    client = client_of(ann)
    answer: Any = client.post("/search/new/", {"symbol": "xyzw"})
    assert answer.url == "/i/XNAS/XYZW/"
    assert "being looked up" in client.get(answer.url).content.decode()
    with schema_context("public"):
        instrument = Instrument.objects.get(symbol="XYZW")
        assert [message.args for message in enqueued("check_symbol")] == [(instrument.pk,)]
        actors.check_symbol(instrument.pk)
    assert "Not traded, or not known" in client.get(answer.url).content.decode()
    assert found("XYZW") == []


def test_a_known_symbol_leads_to_its_page(client_of: ClientOf, ann: User, enqueued: Any) -> None:
    answer: Any = client_of(ann).post("/search/new/", {"symbol": "aapl"})
    assert answer.url == "/i/XNAS/AAPL/"
    assert enqueued("check_symbol") == []


def test_an_isin_finds_its_instrument(market: None) -> None:
    Instrument.objects.filter(symbol="AAPL").update(isin="US0378331005")
    assert [one.symbol for one in find_instruments(" us0378331005")] == ["AAPL"]
    assert find_instruments("US5949181045") == []
