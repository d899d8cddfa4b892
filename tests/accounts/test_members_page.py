"""The members page, the pages of one member, and what a mailed link shows to whom."""

from datetime import timedelta
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Act, AuditEntry, Invitation, OutgoingMail, User
from apps.accounts.permissions import Permission, Role
from apps.accounts.services import Invited, add_member, invite
from apps.portfolio.services import create_portfolio
from apps.tenants.models import Organization
from tests.accounts.test_invitations import PASSWORD, token_of
from tests.conftest import ClientOf, signed_in

pytestmark = pytest.mark.django_db
MEMBERS, ACCEPT = "/members/", "/invitations/accept/"


@pytest.fixture(autouse=True)
def _nobody_is_invited_yet(db: None, _at_acme: None) -> None:
    Invitation.objects.all().delete()


@pytest.fixture
def owner(ann: User) -> Client:
    return signed_in(ann)


@pytest.fixture
def invited(ann: User, acme: Organization) -> Invited:
    """Dan, as a viewer without amounts."""
    return invite(organization=acme, email="dan@acme.test", role=Role.VIEWER, sees_amounts=False, by=ann)


def test_everybody_sees_who_works_here(client_of: ClientOf, owner: Client, vic: User) -> None:
    seen, managed = (unescape(client.get(MEMBERS).text) for client in (client_of(vic), owner))
    for page in (seen, managed):
        assert all(name in page for name in ("Ann Owner", "Ben Analyst", "ben@acme.test"))
        assert all(permission.words in page for permission in Permission)
    assert ("Last sign-in" in managed, "Invite</button>" in managed) == (True, True)
    assert ("Last sign-in" in seen, "Invite</button>" in seen) == (False, False)


@pytest.mark.parametrize("what", ["role", "amounts", "remove", "erase"])
def test_a_viewer_manages_nobody(client_of: ClientOf, vic: User, ben: User, what: str) -> None:
    answer = client_of(vic).post(f"{MEMBERS}{ben.pk}/{what}/", {"role": "viewer", "sees_amounts": "no"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert User.objects.get(pk=ben.pk).role == Role.ANALYST


def test_an_owner_invites(owner: Client) -> None:
    form = {"email": "Dan@acme.test", "role": "analyst", "sees_amounts": "on"}
    assert owner.post("/invitations/", form, follow=True).status_code == HTTPStatus.OK
    assert "dan@acme.test" in owner.get(MEMBERS).text
    assert OutgoingMail.objects.get().to == "dan@acme.test"


@pytest.mark.parametrize("changes", [{"role": "owner"}, {"role": "king"}, {"email": "dan"}, {"email": "ben@acme.test"}])
def test_what_may_not_be_comes_back_in_the_form(changes: dict[str, str]) -> None:
    admin = signed_in(add_member(email="cy@acme.test", name="Cy", role=Role.ADMIN))
    answer = admin.post("/invitations/", {"email": "dan@acme.test", "role": "viewer"} | changes)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Invitation.objects.exists()


def test_an_admin_does_not_touch_an_owner(ann: User) -> None:
    admin = signed_in(add_member(email="cy@acme.test", name="Cy", role=Role.ADMIN))
    assert admin.post(f"{MEMBERS}{ann.pk}/role/", {"role": "viewer"}).status_code == HTTPStatus.FORBIDDEN
    assert User.objects.get(pk=ann.pk).role == Role.OWNER


def test_a_role_is_changed_with_and_without_scripts(owner: Client, ben: User) -> None:
    path = f"{MEMBERS}{ben.pk}/role/"
    assert owner.post(path, {"role": "viewer"}).headers["Location"] == f"{MEMBERS}{ben.pk}/"
    part = owner.post(path, {"role": "admin"}, headers={"HX-Request": "true"})
    assert (part.status_code, "<html" in part.text, "Saved." in part.text) == (HTTPStatus.OK, False, True)
    assert User.objects.get(pk=ben.pk).role == Role.ADMIN


def test_the_last_owner_is_told_why(owner: Client, ann: User) -> None:
    answer = owner.post(f"{MEMBERS}{ann.pk}/role/", {"role": "viewer"})
    assert (answer.status_code, "last owner" in answer.text) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)
    leaving = owner.post(f"{MEMBERS}leave/")
    assert (leaving.status_code, "last owner" in leaving.text) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)


def test_removing_asks_who_takes_over(owner: Client, ann: User, ben: User) -> None:
    for name in ("Growth", "Value"):
        create_portfolio(name=name, owner=ben)
    path = f"{MEMBERS}{ben.pk}/remove/"
    assert "Ben Analyst keeps 2 private portfolios that nobody else sees" in " ".join(owner.get(path).text.split())
    assert owner.post(path).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert owner.post(path, {"heir": ann.pk}).headers["Location"] == MEMBERS
    assert not User.objects.get(pk=ben.pk).is_active


def test_whoever_leaves_is_signed_out(client_of: ClientOf, ben: User) -> None:
    client = client_of(ben)
    assert client.post(f"{MEMBERS}leave/").status_code == HTTPStatus.FOUND
    assert client.get("/").status_code == HTTPStatus.FOUND
    assert not User.objects.get(pk=ben.pk).is_active


def test_erasing_asks_again_who_it_is(owner: Client, ben: User) -> None:
    owner.post(f"{MEMBERS}{ben.pk}/remove/")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        answer = owner.post(f"{MEMBERS}{ben.pk}/erase/")
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not User.objects.get(pk=ben.pk).erased_at
    owner.post(f"{MEMBERS}{ben.pk}/erase/")
    assert User.objects.get(pk=ben.pk).erased_at
    assert f"Erased member #{ben.pk.hex[:4]}" in owner.get(MEMBERS).text
    assert "ben@acme.test" not in owner.get(MEMBERS).text


def _accept(client: Client, invited: Invited, **more: str) -> Any:
    return client.post(ACCEPT, {"token": token_of(invited.mail), "name": "Dan", "password": PASSWORD, **more})


def test_the_link_says_who_invites_to_what(anonymous: Client, invited: Invited) -> None:
    page = " ".join(anonymous.get(ACCEPT, {"token": token_of(invited.mail)}).text.split())
    assert "Ann Owner invites you to Acme Capital as viewer, with weights and percentages instead of amounts" in page
    assert "dan@acme.test" in page
    assert not User.objects.filter(email="dan@acme.test").exists()


def test_a_field_added_to_the_form_changes_nothing(anonymous: Client, invited: Invited) -> None:
    _accept(anonymous, invited, role="owner", sees_amounts="on", email="ann@acme.test", is_staff="1")
    dan = User.objects.get(email="dan@acme.test")
    assert (dan.role, dan.sees_amounts, dan.is_staff) == (Role.VIEWER, False, False)


def test_accepting_signs_in(anonymous: Client, invited: Invited) -> None:
    assert _accept(anonymous, invited).status_code == HTTPStatus.FOUND
    page = anonymous.get("/")
    assert (page.status_code, "dan@acme.test" in page.text) == (HTTPStatus.OK, True)


@pytest.mark.parametrize("changes", [{"name": ""}, {"name": "x" * 121}, {"name": "a\x00b"}, {"password": "short"}])
def test_a_form_that_is_wrong_comes_back(anonymous: Client, invited: Invited, changes: dict[str, str]) -> None:
    assert _accept(anonymous, invited, **changes).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not User.objects.filter(email="dan@acme.test").exists()
    assert _accept(anonymous, invited).status_code == HTTPStatus.FOUND


def test_the_wrong_person_is_told_to_sign_out(client_of: ClientOf, ben: User, invited: Invited) -> None:
    client = client_of(ben)
    for answer in (client.get(ACCEPT, {"token": token_of(invited.mail)}), _accept(client, invited)):
        assert (answer.status_code, "somebody else" in answer.text) == (HTTPStatus.GONE, True)
    assert Invitation.objects.open().count() == 1
    assert AuditEntry.objects.filter(act=Act.INVITATION_REFUSED, by_id=ben.pk).count() == 2


def test_a_used_link_says_so(anonymous: Client, acme: Organization, invited: Invited) -> None:
    _accept(anonymous, invited)
    answer = _accept(Client(HTTP_HOST=acme.host), invited)
    assert (answer.status_code, "used already" in answer.text) == (HTTPStatus.GONE, True)


@pytest.mark.parametrize("token", ["", "x", "\x00", "x" * 5000])
def test_rubbish_gets_a_clear_page(anonymous: Client, token: str) -> None:
    for answer in (anonymous.get(ACCEPT, {"token": token}), anonymous.post(ACCEPT, {"token": token})):
        assert (answer.status_code, "leads to no invitation" in answer.text) == (HTTPStatus.NOT_FOUND, True)


def test_an_invitation_is_sent_again_and_taken_back(owner: Client, anonymous: Client, invited: Invited) -> None:
    owner.post(f"/invitations/{invited.invitation.pk}/resend/")
    assert anonymous.get(ACCEPT, {"token": token_of(invited.mail)}).status_code == HTTPStatus.GONE
    newer = Invitation.objects.open().get()
    owner.post(f"/invitations/{newer.pk}/revoke/")
    assert not Invitation.objects.open().exists()
    assert owner.post(f"/invitations/{newer.pk}/resend/").status_code == HTTPStatus.NOT_FOUND
