"""What happens to people."""

from apps.accounts.services.audit import record_audit
from apps.accounts.services.counts import count_members
from apps.accounts.services.entrances import close_entrances
from apps.accounts.services.factors import record_recovery_code, remove_factor, reset_factors
from apps.accounts.services.house import PolicyError, change_house
from apps.accounts.services.invitations import Invited, invite, resend_invitation, revoke_invitation
from apps.accounts.services.joining import accept_invitation, asks_for_password, open_invitation
from apps.accounts.services.mail import (
    claim_mail,
    finish_mail,
    forget_old_mail,
    give_up_mail,
    message_id_of,
    queue_mail,
)
from apps.accounts.services.members import add_member, add_operator, add_owner
from apps.accounts.services.passwords import queue_confirmation, queue_notice, queue_reset_link
from apps.accounts.services.people import hold_member
from apps.accounts.services.policy import (
    active_provider,
    has_factor,
    is_let_in,
    is_over,
    is_welcome,
    lacks_factor,
    may_remove_factor,
    must_use_provider,
    require_operators_network,
)
from apps.accounts.services.profile import change_profile
from apps.accounts.services.providers import (
    NotInvitedError,
    join_by_provider,
    linked_provider,
    save_provider,
    secret_of,
)
from apps.accounts.services.removal import erase_member, possible_heirs, private_objects, remove_member
from apps.accounts.services.roles import change_role, set_sees_amounts
from apps.accounts.services.sessions import (
    DEVICE_DAYS,
    begin_session,
    browser_of,
    end_session,
    end_sessions,
    forget_device,
    forget_devices,
    known_device,
    record_refusal,
    record_sign_out,
    remember_device,
)
from apps.accounts.services.sign_up import request_sign_up
from apps.accounts.services.support import (
    GRANT_KEY,
    SupportError,
    ask_for_support,
    begin_visit,
    end_late_visits,
    end_support,
    grant_support,
    open_visit,
    refuse_support,
    running_grant,
)
from apps.accounts.services.surroundings import forget_surroundings, house_contact, surroundings

__all__ = [
    "DEVICE_DAYS",
    "GRANT_KEY",
    "Invited",
    "NotInvitedError",
    "PolicyError",
    "SupportError",
    "accept_invitation",
    "active_provider",
    "add_member",
    "add_operator",
    "add_owner",
    "ask_for_support",
    "asks_for_password",
    "begin_session",
    "begin_visit",
    "browser_of",
    "change_house",
    "change_profile",
    "change_role",
    "claim_mail",
    "close_entrances",
    "count_members",
    "end_late_visits",
    "end_session",
    "end_sessions",
    "end_support",
    "erase_member",
    "finish_mail",
    "forget_device",
    "forget_devices",
    "forget_old_mail",
    "forget_surroundings",
    "give_up_mail",
    "grant_support",
    "has_factor",
    "hold_member",
    "house_contact",
    "invite",
    "is_let_in",
    "is_over",
    "is_welcome",
    "join_by_provider",
    "known_device",
    "lacks_factor",
    "linked_provider",
    "may_remove_factor",
    "message_id_of",
    "must_use_provider",
    "open_invitation",
    "open_visit",
    "possible_heirs",
    "private_objects",
    "queue_confirmation",
    "queue_mail",
    "queue_notice",
    "queue_reset_link",
    "record_audit",
    "record_recovery_code",
    "record_refusal",
    "record_sign_out",
    "refuse_support",
    "remember_device",
    "remove_factor",
    "remove_member",
    "request_sign_up",
    "require_operators_network",
    "resend_invitation",
    "reset_factors",
    "revoke_invitation",
    "running_grant",
    "save_provider",
    "secret_of",
    "set_sees_amounts",
    "surroundings",
]
