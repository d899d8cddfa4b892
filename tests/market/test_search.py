"""Search by symbol and by the words of a name."""

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.market.models import Instrument
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def found(query: str) -> list[str]:
    with schema_context("public"):
        return [one.symbol for one in Instrument.objects.matching(query)]


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
