"""What the rules about people refuse; the words are for the page."""

import uuid

from django.core.exceptions import PermissionDenied


class RoleTooLowError(PermissionDenied):
    """Somebody acted on a person or gave a role above their own."""


class MemberError(Exception):
    """A rule about people says no: the form comes back with these words."""


class LastOwnerError(MemberError):
    """The organization would be left without an owner."""


class HeirNeededError(MemberError):
    """Somebody leaves private objects, and nobody who may have them was named."""


class InvitationError(MemberError):
    """An invitation cannot be used; `reason` is one word for the audit log."""

    def __init__(self, reason: str, words: str, invitation_id: uuid.UUID | None = None) -> None:
        super().__init__(words)
        self.reason, self.invitation_id = reason, invitation_id
