"""What members change about themselves."""

from typing import Any

from django.db import transaction

from apps.accounts.models import User


@transaction.atomic
def change_profile(*, by: User, **fields: Any) -> User:
    """Only the fields that are given are written: what somebody else changes meanwhile stays."""
    for name, value in fields.items():
        setattr(by, name, value)
    by.save(update_fields=list(fields))
    return by
