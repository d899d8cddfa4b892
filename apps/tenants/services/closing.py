"""The end of an organization: dropped when its closing day has come. Needs the owner's login."""

import logging

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization, Standing
from apps.tenants.services.audit import record_audit
from apps.tenants.services.hosts import lay_to_rest
from apps.tenants.services.schemas import drop_schema

logger = logging.getLogger(__name__)


def due_organizations() -> list[Organization]:
    """Those whose closing day has come."""
    with schema_context("public"):
        return list(Organization.objects.filter(standing=Standing.CLOSING, closes_at__lte=timezone.now()))


def drop_organization(organization: Organization) -> bool:
    """Rows, schema, role and hosts in one transaction; its files go with the next reap, its subdomain rests.

    False where it was reopened meanwhile or is gone already: then nothing was changed. What stays is the act in
    the operators' log.
    """
    with schema_context("public"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
        due = Organization.objects.filter(standing=Standing.CLOSING, closes_at__lte=timezone.now())
        found = due.select_for_update().filter(pk=organization.pk).first()
        if found is None:
            return False
        lay_to_rest(list(found.domains.values_list("domain", flat=True)))
        told = {"subdomain": found.subdomain, "schema": found.schema_name}
        record_audit("organization.dropped", subject_id=found.pk, **told)
        Organization.objects.filter(pk=found.pk).delete()
        drop_schema(found.schema_name)
    logger.info("organization %s dropped with %s", told["subdomain"], told["schema"])
    return True
