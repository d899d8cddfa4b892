"""Invitations: at or below one's own role, for one person, once, for a week; the mailed link is the only way in."""

import re
from datetime import timedelta
from itertools import product

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.accounts.errors import InvitationError, MemberError, RoleTooLowError
from apps.accounts.mail import Letter
from apps.accounts.models import Act, AuditEntry, House, Invitation, OutgoingMail, User
from apps.accounts.permissions import Role
from apps.accounts.services import (
    Invited,
    accept_invitation,
    add_member,
    invite,
    open_invitation,
    remove_member,
    resend_invitation,
    revoke_invitation,
)
from apps.tenants.models import Organization, Quota
from apps.tenants.sealing import unseal
from apps.tenants.services.quotas import QuotaError

pytestmark = pytest.mark.django_db
PASSWORD = "tall-grass-77"
MAY_INVITE = {"owner": "owner admin analyst viewer", "admin": "admin analyst viewer", "analyst": "", "viewer": ""}


def token_of(mail: OutgoingMail) -> str:
    """What the mailed link carries."""
    found = re.search(r"token=([\w-]+)", Letter.from_json(unseal(mail.sealed, "outgoing mail")).text)
    assert found
    return found[1]


@pytest.fixture(autouse=True)
def _nobody_is_invited_yet(db: None, _at_acme: None) -> None:
    """Other tests commit invitations; this one's changes are rolled back."""
    Invitation.objects.all().delete()


@pytest.fixture
def invited(ann: User, acme: Organization) -> Invited:
    """Dan, as an analyst."""
    return invite(organization=acme, email=" Dan@Acme.test ", role=Role.ANALYST, by=ann)


def join(acme: Organization, token: str, visitor: User | None = None) -> User:
    return accept_invitation(organization=acme, token=token, name="Dan", password=PASSWORD, visitor=visitor)


def refusals() -> list[str]:
    return [entry.details["reason"] for entry in AuditEntry.objects.filter(act=Act.INVITATION_REFUSED).order_by("at")]


@pytest.mark.parametrize(("actor", "role"), list(product(Role, Role)))
def test_one_invites_up_to_ones_own_role(acme: Organization, actor: Role, role: Role) -> None:
    by = add_member(email="by@acme.test", name="By", role=actor)
    if role in MAY_INVITE[actor].split():
        invite(organization=acme, email="dan@acme.test", role=role, by=by)
    else:
        with pytest.raises(RoleTooLowError):
            invite(organization=acme, email="dan@acme.test", role=role, by=by)
    assert OutgoingMail.objects.count() == Invitation.objects.count() == (role in MAY_INVITE[actor].split())


def test_the_invited_person_joins_as_invited(acme: Organization, ann: User, invited: Invited) -> None:
    dan = join(acme, token_of(invited.mail))
    assert (dan.email, dan.role, dan.sees_amounts, dan.is_active) == ("dan@acme.test", Role.ANALYST, True, True)
    assert dan.check_password(PASSWORD)
    assert EmailAddress.objects.get(user=dan).verified
    assert AuditEntry.objects.filter(act=Act.INVITATION_SENT, by_id=ann.pk).count() == 1
    assert AuditEntry.objects.get(act=Act.MEMBER_JOINED).subject_id == dan.pk


def test_the_token_is_kept_as_a_digest(invited: Invited) -> None:
    token = token_of(invited.mail)
    assert len(token) >= 43
    assert token not in str(Invitation.objects.values()[0]) + str(OutgoingMail.objects.values()[0])


def test_a_link_works_once(acme: Organization, invited: Invited) -> None:
    token = token_of(invited.mail)
    join(acme, token)
    with pytest.raises(InvitationError, match="used already"):
        join(acme, token)
    assert User.objects.filter(email="dan@acme.test").count() == 1
    assert refusals() == ["used"]


def test_a_link_ends_after_a_week(acme: Organization, invited: Invited) -> None:
    token = token_of(invited.mail)
    with (
        time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)),
        pytest.raises(InvitationError, match="ended"),
    ):
        join(acme, token)
    assert refusals() == ["late"]
    assert join(acme, token).is_active  # the control: in time it works


def test_what_was_taken_back_opens_nothing(acme: Organization, ann: User, invited: Invited) -> None:
    revoke_invitation(invitation=invited.invitation, by=ann)
    with pytest.raises(InvitationError, match="taken back"):
        join(acme, token_of(invited.mail))
    assert refusals() == ["revoked"]
    with pytest.raises(MemberError):
        revoke_invitation(invitation=invited.invitation, by=ann)


def test_somebody_else_is_refused(acme: Organization, ben: User, invited: Invited) -> None:
    with pytest.raises(InvitationError, match="somebody else"):
        join(acme, token_of(invited.mail), visitor=ben)
    assert AuditEntry.objects.get(act=Act.INVITATION_REFUSED).by_id == ben.pk
    assert not User.objects.filter(email="dan@acme.test").exists()


@pytest.mark.parametrize("token", ["", "x", "\x00", "é" * 5000, "' OR 1=1 --", "\ud800"])
def test_rubbish_leads_to_nothing(acme: Organization, invited: Invited, token: str) -> None:
    """And fills no log."""
    with pytest.raises(InvitationError, match="leads to no invitation"):
        join(acme, token)
    assert refusals() == []


def test_a_link_of_acme_is_worth_nothing_at_globex(globex: Organization, invited: Invited) -> None:
    token = token_of(invited.mail)
    with schema_context(globex.schema_name), pytest.raises(InvitationError, match="leads to no invitation"):
        join(globex, token)
    assert open_invitation(token=token, visitor=None) == invited.invitation


def test_a_new_invitation_takes_the_place_of_the_old(acme: Organization, ann: User, invited: Invited) -> None:
    newer = invite(organization=acme, email="dan@acme.test", role=Role.VIEWER, by=ann)
    assert list(Invitation.objects.open()) == [newer.invitation]
    with pytest.raises(InvitationError, match="taken back"):
        join(acme, token_of(invited.mail))
    assert join(acme, token_of(newer.mail)).role == Role.VIEWER


def test_sent_again_is_a_new_link_to_the_same(acme: Organization, ann: User, invited: Invited) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=9), tick=False):
        again = resend_invitation(organization=acme, invitation=invited.invitation, by=ann)
        assert (again.invitation.email, again.invitation.role) == ("dan@acme.test", Role.ANALYST)
        assert join(acme, token_of(again.mail)).is_active


def test_a_used_one_is_not_sent_again(acme: Organization, ann: User, invited: Invited) -> None:
    join(acme, token_of(invited.mail))
    with pytest.raises(MemberError):
        resend_invitation(organization=acme, invitation=invited.invitation, by=ann)


def test_a_member_is_not_invited(acme: Organization, ann: User) -> None:
    with pytest.raises(MemberError, match="member already"):
        invite(organization=acme, email="BEN@acme.test", role=Role.VIEWER, by=ann)


def test_one_who_became_a_member_meanwhile_signs_in(acme: Organization, invited: Invited) -> None:
    dan = add_member(email="dan@acme.test", name="Dan", role=Role.VIEWER)
    with pytest.raises(InvitationError, match="member already"):
        join(acme, token_of(invited.mail), visitor=dan)
    assert User.objects.get(pk=dan.pk).role == Role.VIEWER


@pytest.mark.parametrize("email", ["", "dan", "dan@", "a@b@c.test", "dan@acme.test\x00", f"{'a' * 250}@acme.test"])
def test_no_e_mail_no_invitation(acme: Organization, ann: User, email: str) -> None:
    with pytest.raises(ValidationError):
        invite(organization=acme, email=email, role=Role.VIEWER, by=ann)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("password", ["short", "password1", "12345678901"])
def test_a_weak_password_leaves_the_link_open(acme: Organization, invited: Invited, password: str) -> None:
    token = token_of(invited.mail)
    with pytest.raises(ValidationError):
        accept_invitation(organization=acme, token=token, name="Dan", password=password)
    assert join(acme, token).is_active


def test_where_the_firm_signs_in_elsewhere_no_password_is_set(acme: Organization, invited: Invited) -> None:
    House.objects.create(sso_required=True)
    dan = accept_invitation(organization=acme, token=token_of(invited.mail), name="Dan", password=None)
    assert not dan.has_usable_password()


def _members_at_most(acme: Organization, most: int) -> None:
    with schema_context("public"):
        Quota.objects.filter(organization=acme).update(members=most)


def test_there_is_room_for_members_and_open_invitations(acme: Organization, ann: User, invited: Invited) -> None:
    _members_at_most(acme, 4)  # Ann, Ben, Vic and Dan's invitation
    with pytest.raises(QuotaError):
        invite(organization=acme, email="eli@acme.test", role=Role.VIEWER, by=ann)
    again = resend_invitation(organization=acme, invitation=invited.invitation, by=ann)  # takes its own place
    assert join(acme, token_of(again.mail)).is_active


def test_an_organization_that_became_full_takes_nobody(acme: Organization, ann: User, invited: Invited) -> None:
    _members_at_most(acme, 3)
    with pytest.raises(QuotaError):
        join(acme, token_of(invited.mail))
    _members_at_most(acme, 4)
    assert join(acme, token_of(invited.mail)).is_active


def test_what_a_removed_member_offered_ends(acme: Organization, ann: User) -> None:
    cleo = add_member(email="cleo@acme.test", name="Cleo", role=Role.ADMIN)
    offered = invite(organization=acme, email="dan@acme.test", role=Role.VIEWER, by=cleo)
    remove_member(member=cleo, by=ann)
    with pytest.raises(InvitationError, match="taken back"):
        join(acme, token_of(offered.mail))


def test_no_amounts_is_part_of_the_offer(acme: Organization, ann: User) -> None:
    offered = invite(organization=acme, email="dan@acme.test", role=Role.VIEWER, by=ann, sees_amounts=False)
    assert not join(acme, token_of(offered.mail)).sees_amounts
