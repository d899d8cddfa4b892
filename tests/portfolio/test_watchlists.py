"""Watchlists: the starter, the order, who sees and who edits."""

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.portfolio import services
from apps.portfolio.models import Dashboard, Watchlist
from apps.portfolio.services import inheritance
from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def starter(acme: Organization) -> Watchlist:
    return services.add_starter_watchlist(organization=acme)


def symbols(watchlist: Watchlist) -> list[str]:
    return [item.instrument.symbol for item in watchlist.items.select_related("instrument")]


def test_the_starter_holds_the_symbols_of_the_settings(starter: Watchlist) -> None:
    assert symbols(starter) == ["AAPL", "MSFT", "GOOG", "IBM", "FB"]
    assert (starter.name, starter.shared, starter.owner) == ("Core Blue Chips", True, None)


def test_the_starter_is_found_not_doubled(acme: Organization, starter: Watchlist) -> None:
    assert services.add_starter_watchlist(organization=acme) == starter
    assert Watchlist.objects.filter(is_starter=True).count() == 1


def test_an_empty_starter_is_repaired(acme: Organization, starter: Watchlist) -> None:
    starter.items.all().delete()
    assert len(symbols(services.add_starter_watchlist(organization=acme))) == 5


def test_what_members_took_off_stays_off(acme: Organization, starter: Watchlist) -> None:
    services.remove_from_watchlist(item=starter.items.earliest("position"))
    assert symbols(services.add_starter_watchlist(organization=acme))[0] == "MSFT"


def test_the_database_allows_one_starter(starter: Watchlist) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Watchlist.objects.create(name="Another", shared=True, is_starter=True)


def test_a_private_list_needs_an_owner() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Watchlist.objects.create(name="Nobody's")


def test_onboarding_twice_is_onboarding_once(acme: Organization, ben: User, starter: Watchlist) -> None:
    Dashboard.objects.filter(user=ben).delete()
    first = services.onboard_user(organization=acme, user=ben)
    assert services.onboard_user(organization=acme, user=ben) == first
    assert first.watchlist == starter


def test_onboarding_keeps_the_list_that_the_member_chose(acme: Organization, ben: User) -> None:
    own = services.create_watchlist(name="Mine", owner=ben)
    services.select_watchlist(user=ben, watchlist=own)
    assert services.onboard_user(organization=acme, user=ben).watchlist == own


def test_a_symbol_stands_once_at_the_end(starter: Watchlist, ann: User) -> None:
    own = services.create_watchlist(name="Mine", owner=ann)
    for symbol in ("IBM", "AAPL", "IBM"):
        services.add_to_watchlist(watchlist=own, instrument=Instrument.objects.get(symbol=symbol), by=ann)
    assert symbols(own) == ["IBM", "AAPL"]


def test_moving_changes_places_with_the_neighbour(starter: Watchlist) -> None:
    services.move_item(item=starter.items.get(instrument__symbol="MSFT"), direction=services.Direction.UP)
    assert symbols(starter) == ["MSFT", "AAPL", "GOOG", "IBM", "FB"]


def test_the_last_stays_last(starter: Watchlist) -> None:
    services.move_item(item=starter.items.get(instrument__symbol="FB"), direction=services.Direction.DOWN)
    assert symbols(starter)[-1] == "FB"


def test_private_lists_are_seen_by_their_owner_only(ann: User, ben: User) -> None:
    private = services.create_watchlist(name="Private", owner=ann, shared=False)
    assert private in Watchlist.objects.visible_to(ann)
    assert private not in Watchlist.objects.visible_to(ben)


def test_viewers_edit_nothing(starter: Watchlist, vic: User) -> None:
    assert starter in Watchlist.objects.visible_to(vic)
    assert not Watchlist.objects.editable_by(vic)


def test_two_of_one_name_are_not_told_apart(client_of: ClientOf, ann: User, ben: User, starter: Watchlist) -> None:
    """What a colleague keeps private takes no name: it would be told by the refusal."""
    services.create_watchlist(name="Quiet", owner=ann, shared=False)
    client = client_of(ben)
    for name in ("core blue CHIPS", " Core Blue Chips "):
        answer = client.post("/watchlists/new/", {"name": name})
        assert (answer.status_code, "already" in answer.text) == (422, True)
    assert client.post("/watchlists/new/", {"name": "Quiet"}).status_code == 302


def test_an_heir_tells_two_lists_of_one_name_apart(ann: User, ben: User) -> None:
    for owner in (ann, ben):
        services.create_watchlist(name="Quiet", owner=owner, shared=False)
    inheritance.hand_over(member=ben, heir=ann)
    assert sorted(Watchlist.objects.filter(owner=ann).values_list("name", flat=True)) == ["Quiet", "Quiet (2)"]


def test_an_instruments_page_says_on_which_lists_it_stands(starter: Watchlist, ann: User, client_of: ClientOf) -> None:
    own = services.create_watchlist(owner=ann, name="Mine", shared=False)
    page = client_of(ann).get("/i/XNAS/AAPL/").text
    assert f'href="{starter.get_absolute_url()}"><span class="bi bi-check-lg"' in page
    assert f'action="/watchlists/{own.pk}/items/"' in page
