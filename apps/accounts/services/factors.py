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
def reset_factors(user: User) -> int:
    """An operator lost all of them: the next sign-in, with the password, adds one. Returns how many there were."""
    count: int = Authenticator.objects.filter(user=user).delete()[0]
    end_sessions(user=user, by=user)
    record_audit(Act.FACTOR_REMOVED, subject_id=user.pk, kind="all")
    return count
