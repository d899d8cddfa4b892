"""What happens to second factors."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from apps.accounts.models import Act, OutgoingMail, User
from apps.accounts.services.audit import record_audit
from apps.accounts.services.passwords import queue_notice
from apps.accounts.services.policy import FACTORS
from apps.accounts.services.sessions import end_sessions


@transaction.atomic
def remove_factor(factor: Authenticator, *, by: User, address: str = "") -> OutgoingMail:
    """Recovery codes go with the last one. The shell then sends the mail."""
    user, kind = factor.user, factor.type
    factor.delete()
    left = Authenticator.objects.filter(user_id=user.pk)
    if not left.filter(type__in=FACTORS).exists():
        left.delete()
    record_audit(Act.FACTOR_REMOVED, by_id=by.pk, subject_id=user.pk, address=address, kind=kind)
    return queue_notice(user, "A second factor was removed.")


@transaction.atomic
def record_recovery_code(codes: Authenticator, *, address: str = "") -> OutgoingMail:
    """One of them was used up. The shell then sends the mail."""
    codes.refresh_from_db(fields=["data"])  # allauth marks the code on a row of its own
    left = len(codes.wrap().get_unused_codes())
    record_audit(Act.RECOVERY_CODE_USED, by_id=codes.user_id, subject_id=codes.user_id, address=address, left=left)
    return queue_notice(codes.user, f"A recovery code was used: {left} left.")


@transaction.atomic
def reset_factors(user: User) -> int:
    """An operator lost all of them: the next sign-in, with the password, adds one. Returns how many there were."""
    count: int = Authenticator.objects.filter(user=user).delete()[0]
    end_sessions(user=user, by=user)
    record_audit(Act.FACTOR_REMOVED, subject_id=user.pk, kind="all")
    return count
