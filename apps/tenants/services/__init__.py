"""What happens to organizations."""

from apps.tenants.services.entrances import (
    HandOverRefusedError,
    UnknownSignUpError,
    confirm_sign_up,
    forget_entrances,
    open_hand_over,
    open_sign_up,
    redeem_hand_over,
)
from apps.tenants.services.hosts import add_domain, remove_domain, rename_subdomain
from apps.tenants.services.organizations import (
    NoReadySchemaError,
    OrganizationExistsError,
    create_organization,
    prepare_schemas,
)
from apps.tenants.services.standing import (
    StandingError,
    close_organization,
    reopen_organization,
    resume_organization,
    suspend_organization,
)

__all__ = [
    "HandOverRefusedError",
    "NoReadySchemaError",
    "OrganizationExistsError",
    "StandingError",
    "UnknownSignUpError",
    "add_domain",
    "close_organization",
    "confirm_sign_up",
    "create_organization",
    "forget_entrances",
    "open_hand_over",
    "open_sign_up",
    "prepare_schemas",
    "redeem_hand_over",
    "remove_domain",
    "rename_subdomain",
    "reopen_organization",
    "resume_organization",
    "suspend_organization",
]
