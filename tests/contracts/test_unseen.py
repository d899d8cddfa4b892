"""What cannot be seen (zero width, another direction, NUL) is refused in clear words, wherever one types a name."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import House, SignInProvider, User
from apps.accounts.permissions import Role
from apps.accounts.services import invite
from apps.portfolio.models import Portfolio, Watchlist, WatchlistItem
from apps.tenants.models import Organization
from tests.accounts.test_invitations import PASSWORD, token_of
from tests.conftest import ClientOf
from tests.contracts.addresses import path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("report")]
UNSEEN = {"zero width": "\u200b", "right to left": "\u202e", "isolate": "\u2066", "nothing": "\x00", "bell": "\x07"}
SAYS = ("cannot be seen", "without control characters", "Null characters")
PROFILE = {"timezone": "UTC", "number_format": "point", "date_format": "iso", "theme": "dark"}
SSO = {"issuer_url": "https://id.firm.test", "client_id": "x", "secret": "y", "default_role": "viewer"}
FORMS: dict[tuple[str, str], dict[str, str]] = {
    ("watchlist_create", "name"): {"shared": "on"},
    ("watchlist_item_add", "note"): {"symbol": "IBM"},
    ("portfolio_create", "name"): {"base_currency": "USD", "cost_method": "fifo"},
    ("settings_profile", "name"): PROFILE,
    ("house_edit", "sender_name"): {"session_days": "7"},
    ("house_edit", "contact"): {"session_days": "7"},
    ("sso_edit", "name"): SSO,
}


def _kept() -> list[str]:
    """Every text that the forms below could have written."""
    models = ((Watchlist, "name"), (WatchlistItem, "note"), (Portfolio, "name"), (User, "name"),
              (House, "sender_name"), (House, "contact"), (SignInProvider, "name"))  # fmt: skip
    return [text for model, name in models for text in model._default_manager.values_list(name, flat=True)]


@pytest.mark.parametrize("kind", UNSEEN)
@pytest.mark.parametrize(("address", "field"), FORMS)
def test_what_cannot_be_seen_is_refused(client_of: ClientOf, ann: User, address: str, field: str, kind: str) -> None:
    WatchlistItem.objects.filter(instrument__symbol="IBM").delete()  # it can be put on a list again
    client, form = client_of(ann), FORMS[address, field]
    refused: Any = client.post(path_of(address), form | {field: f"Steady{UNSEEN[kind]}Growth"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [words for words in SAYS if words in refused.text]
    assert not [text for text in _kept() if text.startswith("Steady")]
    taken = client.post(path_of(address), form | {field: "Steady Growth"})  # the positive control
    assert (taken.status_code, "Steady Growth" in _kept()) == (HTTPStatus.FOUND, True)


@pytest.mark.parametrize("kind", UNSEEN)
def test_nobody_joins_under_a_name_that_cannot_be_seen(acme: Organization, ann: User, kind: str) -> None:
    invited = invite(organization=acme, email="dan@acme.test", role=Role.VIEWER, by=ann)
    link = f"/invitations/accept/?token={token_of(invited.mail)}"
    guest = Client(HTTP_HOST=acme.host)
    refused = guest.post(link, {"name": f"Dan{UNSEEN[kind]}Ann", "password": PASSWORD})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [words for words in SAYS if words in refused.text]
    assert not User.objects.filter(email="dan@acme.test").exists()
    guest.post(link, {"name": "Dan", "password": PASSWORD})
    assert User.objects.filter(email="dan@acme.test", name="Dan").exists()
