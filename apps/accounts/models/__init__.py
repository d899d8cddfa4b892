"""People, how they come in, what they decided about the house, and what was done."""

from apps.accounts.models.audit import Act, AuditEntry, AuditEntryQuerySet
from apps.accounts.models.entrances import Invitation, KnownDevice, SignInProvider
from apps.accounts.models.house import HOUSE_PK, House
from apps.accounts.models.mail import OutgoingMail
from apps.accounts.models.support import SupportGrant
from apps.accounts.models.users import DateFormat, NumberFormat, Theme, User

__all__ = [
    "HOUSE_PK",
    "Act",
    "AuditEntry",
    "AuditEntryQuerySet",
    "DateFormat",
    "House",
    "Invitation",
    "KnownDevice",
    "NumberFormat",
    "OutgoingMail",
    "SignInProvider",
    "SupportGrant",
    "Theme",
    "User",
]
