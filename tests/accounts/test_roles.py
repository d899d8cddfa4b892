"""Who may give which role to whom, against a table written by hand; and an owner always stays."""

from itertools import product

import pytest

from apps.accounts.errors import LastOwnerError, MemberError, RoleTooLowError
from apps.accounts.models import Act, AuditEntry, Invitation, User
from apps.accounts.permissions import ROLES, Permission, Role
from apps.accounts.services import add_member, change_role, invite, remove_member, set_sees_amounts
from apps.tenants.models import Organization

pytestmark = pytest.mark.django_db

# actor acting on target: the roles that may be given; whatever does not stand here is refused.
MAY_GIVE = {
    ("owner", "owner"): "owner admin analyst viewer",
    ("owner", "admin"): "owner admin analyst viewer",
    ("owner", "analyst"): "owner admin analyst viewer",
    ("owner", "viewer"): "owner admin analyst viewer",
    ("admin", "admin"): "admin analyst viewer",
    ("admin", "analyst"): "admin analyst viewer",
    ("admin", "viewer"): "admin analyst viewer",
}
EVERY_CASE = list(product(Role, Role, Role))


def person(name: str, role: Role, *, sees_amounts: bool = True) -> User:
    return add_member(email=f"{name}@acme.test", name=name.title(), role=role, sees_amounts=sees_amounts)


def stored(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(("actor", "target", "new"), EVERY_CASE)
def test_a_role_is_given_as_the_table_says(actor: Role, target: Role, new: Role) -> None:
    """Another owner is there in every case, so the last owner plays no part."""
    by, member = person("by", actor), person("member", target)
    may = new in MAY_GIVE.get((actor, target), "").split()
    if may:
        change_role(member=member, role=new, by=by)
    else:
        with pytest.raises(RoleTooLowError):
            change_role(member=member, role=new, by=by)
    assert stored(member).role == (new if may else target)
    assert AuditEntry.objects.filter(act=Act.MEMBER_CHANGED).count() == (may and new != target)


@pytest.mark.parametrize(("role", "new"), list(product(Role, Role)))
def test_nobody_raises_themselves(ann: User, role: Role, new: Role) -> None:
    by = person("by", role)
    try:
        change_role(member=by, role=new, by=by)
    except RoleTooLowError:
        assert stored(by).role == role
    assert Role(role).reaches(Role(stored(by).role))


@pytest.mark.parametrize(("actor", "target"), list(product(Role, Role)))
def test_amounts_and_removal_follow_the_same_reach(actor: Role, target: Role) -> None:
    by, member = person("by", actor), person("member", target)
    if (actor, target) in MAY_GIVE:
        remove_member(member=member, by=by)
    else:
        with pytest.raises(RoleTooLowError):
            set_sees_amounts(member=member, sees_amounts=False, by=by)
        with pytest.raises(RoleTooLowError):
            remove_member(member=member, by=by)
    assert stored(member).is_active is ((actor, target) not in MAY_GIVE)
    assert stored(member).sees_amounts


def test_the_entry_says_what_changed_and_holds_no_name(ann: User, ben: User) -> None:
    change_role(member=ben, role=Role.VIEWER, by=ann, address="203.0.113.77")
    entry = AuditEntry.objects.get(act=Act.MEMBER_CHANGED)
    assert (entry.by_id, entry.subject_id, entry.network) == (ann.pk, ben.pk, "203.0.113.0/24")
    assert entry.details == {"role_before": "analyst", "role_after": "viewer"}


@pytest.mark.parametrize("new", [Role.ADMIN, Role.ANALYST, Role.VIEWER])
def test_the_last_owner_stays_owner(ann: User, new: Role) -> None:
    with pytest.raises(LastOwnerError, match="last owner"):
        change_role(member=ann, role=new, by=ann)
    assert stored(ann).role == Role.OWNER


def test_a_removed_owner_does_not_count(ann: User) -> None:
    cleo = person("cleo", Role.OWNER)
    remove_member(member=cleo, by=ann)
    with pytest.raises(LastOwnerError):
        change_role(member=ann, role=Role.ADMIN, by=ann)


def test_what_the_caller_read_before_is_not_believed(ann: User) -> None:
    """Cleo was an owner when her request began; meanwhile she is a viewer."""
    cleo = person("cleo", Role.OWNER)
    change_role(member=cleo, role=Role.VIEWER, by=ann)
    assert cleo.role == Role.OWNER
    with pytest.raises(RoleTooLowError):
        change_role(member=ann, role=Role.VIEWER, by=cleo)


def test_a_visiting_operator_is_no_member(ann: User) -> None:
    visitor = User.objects.create(email="visit@acme.test", name="Visit", role=Role.OWNER, is_support=True)
    for member, by in ((visitor, ann), (ann, visitor)):
        with pytest.raises(RoleTooLowError):
            change_role(member=member, role=Role.ADMIN, by=by)
    with pytest.raises(LastOwnerError):  # nor an owner who could stay instead
        change_role(member=ann, role=Role.ADMIN, by=ann)


def test_nobody_decides_about_their_own_amounts(ann: User) -> None:
    with pytest.raises(MemberError, match="Somebody else"):
        set_sees_amounts(member=ann, sees_amounts=False, by=ann)


def test_who_sees_no_amounts_shows_none(ann: User, vic_without_amounts: User) -> None:
    blind = person("blind", Role.ADMIN, sees_amounts=False)
    with pytest.raises(RoleTooLowError, match="do not see themselves"):
        set_sees_amounts(member=vic_without_amounts, sees_amounts=True, by=blind)
    set_sees_amounts(member=vic_without_amounts, sees_amounts=True, by=ann)
    assert stored(vic_without_amounts).sees_amounts
    assert AuditEntry.objects.get(act=Act.MEMBER_CHANGED).details == {"sees_amounts": True}


def test_an_owner_sees_amounts(ann: User, vic_without_amounts: User) -> None:
    change_role(member=vic_without_amounts, role=Role.OWNER, by=ann)
    assert stored(vic_without_amounts).sees_amounts
    with pytest.raises(MemberError, match="owner sees amounts"):
        set_sees_amounts(member=vic_without_amounts, sees_amounts=False, by=ann)


def test_what_a_demoted_member_offered_ends(ann: User, acme: Organization) -> None:
    """An admin's invitations of admins end with the rank; an owner's of viewers do not, while they are admin."""
    cleo = person("cleo", Role.OWNER)
    for name, role in (("one", Role.OWNER), ("two", Role.VIEWER)):
        invite(organization=acme, email=f"{name}@acme.test", role=role, by=cleo)
    change_role(member=cleo, role=Role.ADMIN, by=ann)
    offered = Invitation.objects.open().filter(invited_by_id=cleo.pk)
    assert [invitation.email for invitation in offered] == ["two@acme.test"]
    change_role(member=cleo, role=Role.ANALYST, by=ann)
    assert not offered.all().exists()


def test_roles_stand_in_one_order() -> None:
    assert [[a.reaches(b) for b in Role] for a in Role] == [[j >= i for j in range(4)] for i in range(4)]
    assert all(permission.words for permission in Permission)
    assert [role for role in Role if Permission.MEMBER_ERASE in ROLES[role]] == [Role.OWNER]
