"""What members may do is changed by owners and admins, never above their own role, and an owner always stays."""

from django.db import transaction

from apps.accounts.errors import MemberError
from apps.accounts.models import Act, User
from apps.accounts.permissions import Role
from apps.accounts.services.audit import record_audit
from apps.accounts.services.invitations import revoke_invitations_of
from apps.accounts.services.people import lock_people, require_may_give, require_reach


@transaction.atomic
def change_role(*, member: User, role: Role, by: User, address: str = "") -> User:
    """The member has `role` from now on; an owner sees amounts.

    Raises RoleTooLowError, LastOwnerError or MemberError; then nothing was changed.
    """
    locked = lock_people(member, by)
    member, by = locked.fresh(member), locked.fresh(by)
    require_reach(by=by, member=member)
    require_may_give(by=by, role=role, sees_amounts=False)
    _require_active(member)
    before = member.role
    if role == before:
        return member
    locked.require_another_owner(member)
    member.role = role
    member.sees_amounts = member.sees_amounts or role == Role.OWNER
    member.save(update_fields=["role", "sees_amounts"])
    revoke_invitations_of(member=member, by=by, still=role)
    record_audit(
        Act.MEMBER_CHANGED, by_id=by.pk, subject_id=member.pk, address=address, role_before=before, role_after=role
    )
    return member


@transaction.atomic
def set_sees_amounts(*, member: User, sees_amounts: bool, by: User, address: str = "") -> User:
    """Amounts and quantities, or weights and percentages only.

    Raises RoleTooLowError or MemberError; then nothing was changed.
    """
    locked = lock_people(member, by)
    member, by = locked.fresh(member), locked.fresh(by)
    require_reach(by=by, member=member)
    _require_active(member)
    if member.pk == by.pk:
        raise MemberError("Somebody else decides whether you see amounts.")
    require_may_give(by=by, role=Role(member.role), sees_amounts=sees_amounts)
    if member.role == Role.OWNER and not sees_amounts:
        raise MemberError("An owner sees amounts. Give another role first.")
    if member.sees_amounts != sees_amounts:
        member.sees_amounts = sees_amounts
        member.save(update_fields=["sees_amounts"])
        record_audit(Act.MEMBER_CHANGED, by_id=by.pk, subject_id=member.pk, address=address, sees_amounts=sees_amounts)
    return member


def _require_active(member: User) -> None:
    if not member.is_active:
        raise MemberError("This person was removed. Invite them again.")
