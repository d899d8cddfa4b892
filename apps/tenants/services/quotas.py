"""How much an organization may keep, and the sentence that says that it keeps that much."""

from collections.abc import Callable
from typing import Final, Protocol

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context, tenant_context

from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization, Quota
from apps.tenants.services.audit import Operator, record_operator_act

KEPT: Final = {"members": "members", "symbols": "symbols", "alerts": "alerts", "storage_mb": "MB of files"}


class QuotaError(Exception):
    """There is no room; the message is for the member."""


class Tenant(Protocol):
    """An organization, or whatever stands for it on a connection."""

    schema_name: str


def require_room(organization: Tenant, kind: str, *, used: int | Callable[[], int], more: int = 1) -> None:
    """Raises QuotaError where `used` and `more` together are over the limit of `kind`, a field of Quota.

    Inside a transaction the quota is held first: where `used` is a function, two at once are counted one after the
    other, and the limit is never passed.
    """
    with schema_context("public"):
        quotas = Quota.objects.filter(organization__schema_name=organization.schema_name)
        held = quotas.select_for_update(of=("self",)) if connection.in_atomic_block else quotas
        limit: int = held.values_list(kind, flat=True).get()
    if (used() if callable(used) else used) + more > limit:
        raise QuotaError(f"Your organization keeps {limit:,} {KEPT[kind]}; ask the operator for more.")


def change_quota(
    *, organization: Organization, limits: dict[str, int], by: Operator | None, address: str = ""
) -> Quota:
    """New limits; what is kept already stays, even above them."""
    with schema_context("public"), transaction.atomic():
        quota: Quota = Quota.objects.select_for_update().get(organization=organization)
        before = {kind: getattr(quota, kind) for kind in limits}
        for kind, limit in limits.items():
            setattr(quota, kind, limit)
        quota.clean_fields(exclude={"organization"})
        quota.save(update_fields=list(limits))
        changed = {kind: [before[kind], limit] for kind, limit in limits.items() if before[kind] != limit}
        if changed:
            record_operator_act("organization.changed", organization, by=by, address=address, quota=changed)
    return quota


def quota_usage(organization: Organization) -> dict[str, int]:
    """How much of each kind is kept now: counts and nothing else, for the operator (settings.QUOTA_USAGE)."""
    with tenant_context(organization):
        return {kind: import_string(count)() for kind, count in settings.QUOTA_USAGE.items()}
