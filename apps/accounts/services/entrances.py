"""Ways in that a restore must not open again."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Invitation, SupportGrant


@transaction.atomic
def close_entrances(**_: Any) -> None:
    """Restoring step: what was open when the archive was made may have been used or revoked since."""
    now = timezone.now()
    Invitation.objects.filter(accepted_at=None, revoked_at=None).update(revoked_at=now)
    SupportGrant.objects.filter(ended_at=None).update(ended_at=now)
