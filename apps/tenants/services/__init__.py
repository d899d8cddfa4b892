"""What happens to organizations and to the schemas that they live in."""

from apps.tenants.backend.logins import (
    BusyError,
)
from apps.tenants.services.closing import drop_organization, due_organizations
from apps.tenants.services.entrances import (
    HandOverRefusedError,
    UnknownSignUpError,
    confirm_sign_up,
    forget_entrances,
    open_hand_over,
    open_sign_up,
    redeem_hand_over,
)
from apps.tenants.services.fleet import (
    Pace,
    is_behind,
    learn_versions,
    migrate_fleet,
    migrate_public,
    waiting_schemas,
)
from apps.tenants.services.hosts import (
    add_domain,
    remove_domain,
    rename_subdomain,
)
from apps.tenants.services.organizations import (
    NoReadySchemaError,
    OrganizationExistsError,
    create_organization,
)
from apps.tenants.services.reaper import (
    reap,
)
from apps.tenants.services.schemas import (
    drop_schema,
    prepare_schemas,
)
from apps.tenants.services.standing import (
    StandingError,
    close_organization,
    reopen_organization,
    resume_organization,
    suspend_organization,
)
from apps.tenants.services.template import (
    DumpError,
    NoTemplateError,
)

__all__ = [
    "BusyError",
    "DumpError",
    "HandOverRefusedError",
    "NoReadySchemaError",
    "NoTemplateError",
    "OrganizationExistsError",
    "Pace",
    "StandingError",
    "UnknownSignUpError",
    "add_domain",
    "close_organization",
    "confirm_sign_up",
    "create_organization",
    "drop_organization",
    "drop_schema",
    "due_organizations",
    "forget_entrances",
    "is_behind",
    "learn_versions",
    "migrate_fleet",
    "migrate_public",
    "open_hand_over",
    "open_sign_up",
    "prepare_schemas",
    "reap",
    "redeem_hand_over",
    "remove_domain",
    "rename_subdomain",
    "reopen_organization",
    "resume_organization",
    "suspend_organization",
    "waiting_schemas",
]
