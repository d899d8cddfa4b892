"""What happens to organizations."""

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
    "NoReadySchemaError",
    "OrganizationExistsError",
    "StandingError",
    "add_domain",
    "close_organization",
    "create_organization",
    "prepare_schemas",
    "remove_domain",
    "rename_subdomain",
    "reopen_organization",
    "resume_organization",
    "suspend_organization",
]
