"""Who is locked while people change, and how a member's every way in is closed."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.validators import MaxLengthValidator, validate_email
from django.db.models import Q

from apps.accounts.errors import LastOwnerError, MemberError, RoleTooLowError
from apps.accounts.models import KnownDevice, User
from apps.accounts.permissions import Permission, Role

MOST_OF_AN_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Locked:
    """The people of one change and all owners, as they are now; nobody changes them until it is committed."""

    people: dict[object, User]

    def fresh(self, person: User) -> User:
        """As stored now. One who is no member any more (or never was) may do nothing."""
        found = self.people.get(person.pk)
        if found is None:
            raise RoleTooLowError("This person is no member here.")
        return found

    def require_another_owner(self, member: User) -> None:
        """Raises LastOwnerError if `member` is the only owner left."""
        if member.is_owner and not any(other.is_owner for key, other in self.people.items() if key != member.pk):
            raise LastOwnerError(f"{member.name} is the last owner. Make somebody else an owner first.")


def lock_people(*people: User) -> Locked:
    """Locks them and every owner, in the order of their keys, so that two changes come one after the other.

    .. warning:: inside a transaction; whatever was read before is old.
    """
    keys = [person.pk for person in people]
    concerned = Q(pk__in=keys) | Q(role=Role.OWNER, is_active=True)
    rows = User.objects.members().filter(concerned).order_by("pk").select_for_update()
    return Locked({row.pk: row for row in rows})


def hold_member(member: User) -> None:
    """Nobody removes this member before what is made for them is committed. Raises MemberError for one who left.

    .. warning:: inside a transaction.
    """
    if not User.objects.active().select_for_update().filter(pk=member.pk).exists():
        raise MemberError(f"{member.name} is no member any more.")


def clean_email(email: str) -> str:
    """As it is stored: lower case, no space around it. Raises ValidationError."""
    email = email.strip().lower()
    validate_email(email)
    MaxLengthValidator(MOST_OF_AN_EMAIL)(email)
    return email


def require_reach(*, by: User, member: User) -> None:
    """Raises RoleTooLowError unless `by` manages members and stands where `member` does, or higher."""
    if not by.is_active or not by.may(Permission.MEMBER_MANAGE) or not Role(by.role).reaches(Role(member.role)):
        raise RoleTooLowError("Members are managed by owners and admins, up to their own role.")


def require_may_give(*, by: User, role: Role, sees_amounts: bool) -> None:
    """Raises RoleTooLowError unless `by` manages members, has this role or more, and sees what is to be shown."""
    if not by.is_active or not by.may(Permission.MEMBER_MANAGE) or not Role(by.role).reaches(role):
        raise RoleTooLowError("Nobody gives a role above their own.")
    if sees_amounts and not by.sees_amounts:
        raise RoleTooLowError("Nobody shows amounts that they do not see themselves.")


def _end_sessions(*, user: User) -> None:
    """Whether allauth has a row of them or not: every browser is signed out at its next request."""
    own = [row.pk for row in Session.objects.all() if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=own).delete()
    UserSession.objects.filter(user_id=user.pk).delete()


def close_ways_in(*, user: User) -> None:
    """No password, session, known device, second factor or provider's account is left that opens anything."""
    user.set_unusable_password()
    _end_sessions(user=user)
    for rows in (KnownDevice.objects.all(), Authenticator.objects.all(), SocialAccount.objects.all()):
        rows.filter(user_id=user.pk).delete()


def verify_email(*, user: User) -> None:
    """Whoever opened a link that was mailed to this address owns it."""
    EmailAddress.objects.filter(user_id=user.pk).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(
        user_id=user.pk, email=user.email, defaults={"verified": True, "primary": True}
    )
