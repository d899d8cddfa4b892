"""What happens to organizations."""

from apps.tenants.services.organizations import (
    NoReadySchemaError,
    OrganizationExistsError,
    create_organization,
    prepare_schemas,
)

__all__ = ["NoReadySchemaError", "OrganizationExistsError", "create_organization", "prepare_schemas"]
