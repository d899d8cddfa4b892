"""What happens to people."""

from apps.accounts.services.audit import record_audit
from apps.accounts.services.house import PolicyError, change_house
from apps.accounts.services.mail import (
    claim_mail,
    finish_mail,
    forget_old_mail,
    give_up_mail,
    message_id_of,
    queue_mail,
)
from apps.accounts.services.members import add_member, add_operator, add_owner
from apps.accounts.services.profile import change_profile
from apps.accounts.services.sign_up import request_sign_up
from apps.accounts.services.surroundings import forget_surroundings, surroundings

__all__ = [
    "PolicyError",
    "add_member",
    "add_operator",
    "add_owner",
    "change_house",
    "change_profile",
    "claim_mail",
    "finish_mail",
    "forget_old_mail",
    "forget_surroundings",
    "give_up_mail",
    "message_id_of",
    "queue_mail",
    "record_audit",
    "request_sign_up",
    "surroundings",
]
