"""Members leave: signed out at once, what was theirs goes on, and a name can be forgotten while the log stays whole."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session

from apps.accounts.errors import HeirNeededError, LastOwnerError, MemberError, RoleTooLowError
from apps.accounts.models import Act, AuditEntry, Invitation, KnownDevice, OutgoingMail, User
from apps.accounts.permissions import Role
from apps.accounts.services import (
    accept_invitation,
    add_member,
    erase_member,
    invite,
    possible_heirs,
    private_objects,
    record_audit,
    remove_member,
)
from apps.portfolio.models import Portfolio, Watchlist
from apps.portfolio.services import create_portfolio, create_watchlist
from apps.tenants.models import Organization
from tests.accounts.test_invitations import token_of
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def bens_own(ben: User) -> None:
    """Two private portfolios, one shared, one private list."""
    for name, shared in (("Growth", False), ("Value", False), ("House", True)):
        create_portfolio(name=name, owner=ben, shared=shared)
    create_watchlist(name="Quiet", owner=ben, shared=False)


def test_what_would_be_left_is_counted(bens_own: None, ben: User, vic: User) -> None:
    assert private_objects(member=ben) == {"private portfolio": 2, "private watchlist": 1}
    assert private_objects(member=vic) == {}


def test_the_heir_gets_everything(bens_own: None, ann: User, ben: User) -> None:
    remove_member(member=ben, by=ann, heir=ann)
    assert not Portfolio.objects.filter(owner=ben).exists()
    assert not Watchlist.objects.filter(owner=ben).exists()
    assert Portfolio.objects.filter(owner=ann, shared=False, name__in=["Growth", "Value"]).count() == 2
    entry = AuditEntry.objects.get(act=Act.MEMBER_REMOVED)
    assert (entry.by_id, entry.subject_id, entry.details["heir_id"]) == (ann.pk, ben.pk, str(ann.pk))
    assert entry.details["handed_over"] == {"private portfolio": 2, "private watchlist": 1}


def test_an_heir_keeps_their_own_names(bens_own: None, ann: User, ben: User) -> None:
    create_portfolio(name="Growth", owner=ann)
    create_portfolio(name="Growth (2)", owner=ann)
    remove_member(member=ben, by=ann, heir=ann)
    assert Portfolio.objects.filter(owner=ann, name__startswith="Growth").count() == 3
    assert Portfolio.objects.filter(owner=ann, name="Growth (3)").exists()


def test_a_long_name_is_cut_to_fit(ann: User, ben: User) -> None:
    for owner in (ann, ben):
        create_portfolio(name="x" * 80, owner=owner)
    remove_member(member=ben, by=ann, heir=ann)
    assert Portfolio.objects.filter(owner=ann, name="x" * 76 + " (2)").exists()


def _nobody(ben: User, vic: User) -> None:
    return None


def _themselves(ben: User, vic: User) -> User:
    return ben


def _a_viewer(ben: User, vic: User) -> User:
    return vic


def _one_who_left(ben: User, vic: User) -> User:
    return User.objects.create(email="gone@acme.test", name="Gone", role=Role.OWNER, is_active=False)


@pytest.mark.parametrize("heir_of", [_nobody, _themselves, _a_viewer, _one_who_left])
def test_without_an_heir_who_can_nothing_happens(
    bens_own: None, ann: User, ben: User, vic: User, heir_of: object
) -> None:
    with pytest.raises(HeirNeededError):
        remove_member(member=ben, by=ann, heir=heir_of(ben, vic))  # type: ignore[operator]
    assert User.objects.get(pk=ben.pk).is_active
    assert Portfolio.objects.filter(owner=ben).count() == 3
    assert not AuditEntry.objects.filter(act=Act.MEMBER_REMOVED).exists()


def test_who_can_inherit(ann: User, ben: User, vic: User) -> None:
    assert list(possible_heirs(member=ben)) == [ann]
    assert list(possible_heirs(member=vic)) == [ann, ben]


def test_the_removed_are_signed_out_at_once(ann: User, ben: User, client_of: ClientOf) -> None:
    browsers = client_of(ben), client_of(ben)
    assert {browser.get("/").status_code for browser in browsers} == {200}
    remove_member(member=ben, by=ann)
    assert {browser.get("/").status_code for browser in browsers} == {302}
    assert not Session.objects.filter(pk__in=[browser.cookies["session"].value for browser in browsers]).exists()


def test_others_stay_signed_in(ann: User, ben: User, client_of: ClientOf) -> None:
    other = client_of(ann)
    remove_member(member=ben, by=ann)
    assert other.get("/").status_code == 200


def test_anybody_may_leave_but_the_last_owner(ann: User, ben: User) -> None:
    remove_member(member=ben, by=ben)
    assert not User.objects.get(pk=ben.pk).is_active
    with pytest.raises(LastOwnerError):
        remove_member(member=ann, by=ann)
    assert User.objects.get(pk=ann.pk).is_active


def test_one_leaves_once(ann: User, ben: User) -> None:
    remove_member(member=ben, by=ann)
    with pytest.raises(MemberError, match="no member any more"):
        remove_member(member=ben, by=ann)


@pytest.fixture
def gone(ann: User, ben: User, acme: Organization) -> User:
    """Ben with everything that tells who he was, removed."""
    EmailAddress.objects.create(user=ben, email=ben.email, verified=True, primary=True)
    KnownDevice.objects.create(user=ben, token_digest="d" * 64, label="Ben's phone")
    Authenticator.objects.create(user=ben, type="totp", data={"secret": "x"})
    SocialAccount.objects.create(user=ben, provider="openid_connect", uid="ben", extra_data={"email": ben.email})
    record_audit(Act.SIGNED_IN, by_id=ben.pk)
    return remove_member(member=ben, by=ann)


def test_no_way_in_is_left(gone: User) -> None:
    assert not User.objects.get(pk=gone.pk).has_usable_password()
    for model in (KnownDevice, Authenticator, SocialAccount):
        assert not model.objects.filter(user_id=gone.pk).exists()


def test_erasure_forgets_the_person_and_keeps_the_log(ann: User, gone: User, acme: Organization) -> None:
    invite(organization=acme, email="ben@acme.test", role=Role.VIEWER, by=ann)
    before = AuditEntry.objects.filter(by_id=gone.pk).count()
    erased = erase_member(member=gone, by=ann)
    assert erased.name == f"Erased member #{gone.pk.hex[:4]}"
    assert erased.email.endswith(".invalid")
    assert erased.erased_at
    assert AuditEntry.objects.filter(by_id=gone.pk).count() == before == 1
    for rows in (EmailAddress, OutgoingMail, Invitation):
        assert "ben@acme.test" not in str(list(rows.objects.values()))
    assert not Invitation.objects.open().filter(email__endswith=".invalid").exists()


def test_owners_erase_who_was_removed(ann: User, ben: User, gone: User) -> None:
    admin = add_member(email="cy@acme.test", name="Cy", role=Role.ADMIN)
    with pytest.raises(RoleTooLowError):
        erase_member(member=gone, by=admin)
    with pytest.raises(MemberError, match="Remove"):
        erase_member(member=admin, by=ann)
    erase_member(member=gone, by=ann)
    with pytest.raises(MemberError, match="Nothing is left"):
        erase_member(member=gone, by=ann)


def _come_back(acme: Organization, ann: User) -> User:
    invited = invite(organization=acme, email="ben@acme.test", role=Role.VIEWER, by=ann, sees_amounts=False)
    return accept_invitation(organization=acme, token=token_of(invited.mail), name="Benjamin", password="tall-grass-77")


def test_one_who_was_removed_comes_back_to_their_row(
    ann: User, gone: User, acme: Organization, client_of: ClientOf
) -> None:
    back = _come_back(acme, ann)
    assert (back.pk, back.name, back.role, back.sees_amounts) == (gone.pk, "Benjamin", Role.VIEWER, False)
    assert client_of(back).get("/").status_code == 200
    assert list(EmailAddress.objects.filter(user=back).values_list("email", "verified", "primary")) == [
        ("ben@acme.test", True, True)
    ]


def test_one_who_was_erased_is_somebody_new(ann: User, gone: User, acme: Organization) -> None:
    erase_member(member=gone, by=ann)
    back = _come_back(acme, ann)
    assert back.pk != gone.pk
    assert User.objects.get(pk=gone.pk).erased_at
