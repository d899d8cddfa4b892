"""Who may open what, for every address there is: nobody unknown, and nobody from another organization."""

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from apps.accounts.models import User
from apps.portfolio.models import Portfolio
from apps.tenants.models import Organization
from tests.conftest import ClientOf
from tests.contracts import guards, test_matrix
from tests.contracts.addresses import ANONYMOUS_MAY, NAMES, OF_OBJECTS, ask, named, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("report")]
METHODS = ("GET", "POST")


def test_the_resolver_was_read() -> None:
    assert {"dashboard", "portfolio_detail", "instrument_detail", "report_download", "login"} <= set(NAMES)


@pytest.mark.parametrize("name", sorted(set(NAMES) - ANONYMOUS_MAY))
@pytest.mark.parametrize("method", METHODS)
def test_the_anonymous_are_sent_to_sign_in(anonymous: Client, method: str, name: str) -> None:
    answer = ask(anonymous, method, path_of(name))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", sorted(ANONYMOUS_MAY))
def test_the_open_addresses_are_open(anonymous: Client, name: str) -> None:
    wants_a_token = name in {"invitation_accept"}
    assert anonymous.get(path_of(name)).status_code == (404 if wants_a_token else 200)


@pytest.mark.parametrize("name", OF_OBJECTS)
@pytest.mark.parametrize("method", guards.METHODS)
def test_eve_finds_nothing_of_acmes_on_her_own_host(
    client_of: ClientOf, eve: User, globex: Organization, method: str, name: str
) -> None:
    """By no method. The same address with a key of her own is the positive control."""
    client, is_asked = client_of(eve), method in guards.guard_of(named(name)).methods
    with tenant_context(globex):
        own = path_of(name)
    theirs, hers = (test_matrix.ask(client, method, path)[0] for path in (path_of(name), own))
    assert theirs == (404 if is_asked else 405)
    assert hers in (guards.ANSWERED - {404} if is_asked else {405})


def test_a_colleagues_private_book_is_not_found(client_of: ClientOf, ann: User, ben: User) -> None:
    book = Portfolio.objects.get(shared=False, owner=ann)
    path = f"/portfolios/{book.pk}/"
    assert client_of(ann).get(path).status_code == 200
    assert client_of(ben).get(path).status_code == 404
    assert book.name not in client_of(ben).get("/portfolios/").text


def test_a_viewer_changes_nothing(client_of: ClientOf, vic: User) -> None:
    """Every address that a form is sent to refuses Vic, sign-out apart."""
    viewer, book = client_of(vic), Portfolio.objects.get(shared=True)
    for path in (f"/portfolios/{book.pk}/transactions/new/", f"/reports/create/{book.pk}/", "/portfolios/new/"):
        assert viewer.post(path).status_code == 403
    assert viewer.get(f"/portfolios/{book.pk}/").status_code == 200


def test_a_viewer_without_amounts_is_shown_none(client_of: ClientOf, ann: User, vic_without_amounts: User) -> None:
    book = Portfolio.objects.get(shared=True)
    seen = {}
    for who in (ann, vic_without_amounts):
        page = client_of(who).get(f"/portfolios/{book.pk}/").text
        seen[who.name] = f'data-live="{book.pk}:value"' in page
    assert list(seen.values()) == [True, False]
