"""Organizations, their hosts, the schemas that wait for one, and the ways in."""

from apps.tenants.models.archives import Archive, ArchiveStatus
from apps.tenants.models.entrances import HandOver, SignUp, digest_of
from apps.tenants.models.fleet import FleetFailure, FleetRun, Remnant
from apps.tenants.models.names import validate_visible
from apps.tenants.models.organizations import (
    RESERVED,
    SUBDOMAIN,
    Domain,
    Organization,
    Quota,
    RestingName,
    Standing,
    url_of,
    validate_subdomain,
    validate_timezone,
)
from apps.tenants.models.rows import OrganizationRow, TenantModel, WrongSchemaError
from apps.tenants.models.schemas import TEMPLATE, ReadySchema, SchemaText, new_schema_name

__all__ = [
    "RESERVED",
    "SUBDOMAIN",
    "TEMPLATE",
    "Archive",
    "ArchiveStatus",
    "Domain",
    "FleetFailure",
    "FleetRun",
    "HandOver",
    "Organization",
    "OrganizationRow",
    "Quota",
    "ReadySchema",
    "Remnant",
    "RestingName",
    "SchemaText",
    "SignUp",
    "Standing",
    "TenantModel",
    "WrongSchemaError",
    "digest_of",
    "new_schema_name",
    "url_of",
    "validate_subdomain",
    "validate_timezone",
    "validate_visible",
]
