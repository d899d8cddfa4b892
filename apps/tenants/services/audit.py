"""Writing down what operators and the platform itself did; the log's table belongs to the application above."""

from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context, tenant_context

from apps.tenants.models import Organization


class Operator(Protocol):
    """Whoever acted: a person of the schema `public`."""

    pk: UUID


def record_audit(act: str, **entry: Any) -> None:
    """One entry in the schema in context: see settings.AUDIT for what may be said."""
    import_string(settings.AUDIT)(act, **entry)


def record_founding(organization: Organization, *, by: Operator | None, is_sign_up: bool, address: str) -> None:
    """Twice, as all that operators do; who signed up did it without one, from an address of their own."""
    if not is_sign_up:
        record_operator_act("organization.created", organization, by=by, address=address)
        return
    told: dict[str, Any] = {"subject_id": organization.pk, "address": address, "signed_up": True}
    with schema_context("public"):
        record_audit("organization.created", subdomain=organization.subdomain, **told)
    with tenant_context(organization):
        record_audit("organization.created", **told)


def record_operator_act(
    act: str, organization: Organization, *, by: Operator | None, address: str = "", unsaid: str = "", **details: Any
) -> None:
    """Twice: in `public` with who it was, in the organization as an operator's act.

    `unsaid` is an operator's reason, which the organization's own log leaves out.
    """
    reason = {"reason": unsaid} if unsaid else {}
    with schema_context("public"):
        record_audit(
            act,
            by_id=by.pk if by else None,
            subject_id=organization.pk,
            address=address,
            subdomain=organization.subdomain,
            **details,
            **reason,
        )
    with tenant_context(organization):
        record_audit(act, subject_id=organization.pk, by_operator=True, **details)
