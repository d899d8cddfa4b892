"""An organization is made: it takes a schema that is ready."""

import logging
from typing import Any

import psycopg
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context, tenant_context

from apps.tenants.backend.connections import connection
from apps.tenants.backend.keys import lock_key
from apps.tenants.models import Domain, Organization, Quota, ReadySchema
from apps.tenants.services.audit import Operator, record_founding
from apps.tenants.services.hosts import require_free
from apps.tenants.services.schemas import prepare_schemas

logger = logging.getLogger(__name__)

PLACES = ("tenants_organization", "tenants_domain")


class NoReadySchemaError(Exception):
    """This login may not make schemas and none is ready."""


class OrganizationExistsError(Exception):
    """The name or the subdomain is taken."""


def create_organization(
    *,
    name: str,
    subdomain: str,
    owner_email: str,
    by: Operator | None = None,
    is_sign_up: bool = False,
    address: str = "",
    **owner: Any,
) -> Organization:
    """Every door uses this one service: command (`by` nobody), operator's page, sign-up, demo.

    Raises OrganizationExistsError, NoReadySchemaError or ValidationError; then nothing was made.
    """
    with schema_context("public"):
        if not ReadySchema.objects.current().exists() and not connection.settings_dict["ROLE_PREFIX"]:
            prepare_schemas(1)
        try:
            with transaction.atomic():
                organization = _claim(name=name.strip(), subdomain=subdomain.strip())
                with tenant_context(organization):
                    for step in settings.PROVISIONING_STEPS:
                        import_string(step)(organization=organization, owner_email=owner_email, **owner)
                record_founding(organization, by=by, is_sign_up=is_sign_up, address=address)
        except IntegrityError as error:
            if not (isinstance(error.__cause__, psycopg.Error) and error.__cause__.diag.table_name in PLACES):
                raise  # a step's own trouble is not a name that is taken
            raise OrganizationExistsError(f"An organization {name} or a subdomain {subdomain} exists.") from error
    logger.info("organization %s made in %s", organization.subdomain, organization.schema_name)
    return organization


def _one_at_a_time(name: str, subdomain: str) -> None:
    """Whoever asks for the same name or place waits and then sees it taken, holding no ready schema meanwhile."""
    with connection.cursor() as cursor:
        for key in sorted({lock_key(f"name {name.lower()}"), lock_key(f"subdomain {subdomain}")}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _claim(*, name: str, subdomain: str) -> Organization:
    organization = Organization(name=name, subdomain=subdomain, schema_name="pending")
    organization.clean_fields(exclude={"schema_name"})
    _one_at_a_time(name, subdomain)
    if (
        Organization.objects.filter(subdomain=subdomain).exists()
        or Organization.objects.filter(name__iexact=name).exists()
    ):
        raise OrganizationExistsError(f"An organization {name} or a subdomain {subdomain} exists.")
    require_free(subdomain)
    ready = ReadySchema.objects.claimed()
    if ready is None:
        raise NoReadySchemaError("No schema is ready. Run: DB_LOGIN=owner manage.py prepare_schemas --count 4")
    organization.schema_name, organization.schema_version = ready.schema_name, ready.version
    organization.save()
    Domain.objects.create(domain=organization.host, tenant=organization, is_primary=True)
    Quota.objects.create(organization=organization)
    return organization
