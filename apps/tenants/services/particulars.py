"""What an operator writes about an organization: its name and its time zone."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django_tenants.utils import schema_context

from apps.tenants.models import Organization
from apps.tenants.services.audit import Operator, record_operator_act
from apps.tenants.services.standing import locked


def change_organization(
    *, organization: Organization, name: str, timezone: str, by: Operator | None, address: str = ""
) -> Organization:
    """Raises ValidationError for a name that is taken or cannot be seen, and for an unknown time zone."""
    try:
        with schema_context("public"), transaction.atomic():
            found = locked(organization)
            new = {"name": name.strip(), "timezone": timezone}
            changed = [field for field, value in new.items() if getattr(found, field) != value]
            found.name, found.timezone = new["name"], new["timezone"]
            found.clean_fields(exclude={"schema_name", "subdomain"})
            found.save(update_fields=["name", "timezone"])
            if changed:
                record_operator_act("organization.changed", found, by=by, address=address, fields=changed)
    except IntegrityError as error:
        raise ValidationError(f"An organization {name} exists already.", code="taken") from error
    return found
