"""A page's list of topics is good for one session of one organization, and only for what its member may see."""

from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest
from django_tenants.utils import tenant_context

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.tenants.live import sign_topics, user_topic
from apps.tenants.live.topics import allowed_cells, is_private, kind_of, signed_topics
from apps.tenants.models import Organization
from apps.tenants.signing import BadSignature
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def _request(client: Any) -> HttpRequest:
    request = HttpRequest()
    request.session = client.session
    return request


def test_a_list_is_read_back_in_its_session(client_of: ClientOf, ann: User, acme: Organization) -> None:
    request = _request(client_of(ann))
    token = sign_topics(request, ["quote:2", "quote:1", "quote:2"])
    key = request.session.session_key or ""
    assert signed_topics(token, schema=acme.schema_name, session_key=key) == ["quote:1", "quote:2"]


def test_another_sessions_list_is_refused(client_of: ClientOf, ann: User, ben: User, acme: Organization) -> None:
    token = sign_topics(_request(client_of(ann)), ["quote:1"])
    other = client_of(ben).session.session_key or ""
    with pytest.raises(BadSignature):
        signed_topics(token, schema=acme.schema_name, session_key=other)


def test_another_organizations_list_is_refused(client_of: ClientOf, ann: User, globex: Organization) -> None:
    request = _request(client_of(ann))
    token = sign_topics(request, ["quote:1"])
    with pytest.raises(BadSignature):
        signed_topics(token, schema=globex.schema_name, session_key=request.session.session_key or "")


def test_a_changed_list_is_refused(client_of: ClientOf, ann: User, acme: Organization) -> None:
    request = _request(client_of(ann))
    token = sign_topics(request, ["quote:1"])
    with pytest.raises(BadSignature):
        signed_topics(f"{token}x", schema=acme.schema_name, session_key=request.session.session_key or "")


def test_topics_of_another_schema_are_never_allowed(ann: User, eve: User, globex: Organization) -> None:
    with tenant_context(globex):
        hers = user_topic(eve)
    mine = user_topic(ann)
    assert set(allowed_cells(ann, [hers, mine])) == {mine}


def test_a_colleagues_own_topic_is_not_allowed(ann: User, ben: User) -> None:
    assert set(allowed_cells(ann, [user_topic(ben)])) == set()


def test_amounts_of_an_unknown_portfolio_are_not_allowed(ann: User, acme: Organization) -> None:
    assert allowed_cells(ann, [f"{acme.schema_name}:{uuid4()}:amounts"]) == {}


def test_a_quote_comes_with_its_present_cells(ann: User, apple: Instrument) -> None:
    cells = allowed_cells(ann, [f"quote:{apple.pk}"])[f"quote:{apple.pk}"]
    assert f'data-live="{apple.pk}:price"' in cells[f"{apple.pk}:price"]


@pytest.mark.parametrize(
    ("topic", "kind", "private"),
    [
        ("quote:7", "quote", False),
        ("feed:clock", "feed", False),
        ("org_abc:user:7", "user", True),
        ("org_abc:7:amounts", "amounts", True),
    ],
)
def test_the_form_of_a_topic_says_who_answers_for_it(topic: str, kind: str, private: bool) -> None:
    assert (kind_of(topic), is_private(topic)) == (kind, private)


def test_an_unknown_form_is_an_error() -> None:
    with pytest.raises(KeyError):
        kind_of("org_abc:7:secrets")
