"""Whether an organization's people may work: it is suspended and resumed, to be closed and reopened.

The shell that calls these closes its sockets on the next line: `live.disconnect_organization(schema)`.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.tenants.models import Organization, Standing
from apps.tenants.services.audit import Operator, record_operator_act

CLOSING_DELAY = timedelta(days=7)


class StandingError(Exception):
    """What was asked for does not follow from the organization's present standing; the message is for operators."""


def suspend_organization(
    *, organization: Organization, by: Operator | None, reason: str, address: str = ""
) -> Organization:
    """Nobody signs in, nothing runs, nothing is lost; `reason` is for operators alone."""
    return _stand(
        organization, [Standing.ACTIVE], Standing.SUSPENDED, by=by, address=address, reason=reason, act="suspended"
    )


def resume_organization(*, organization: Organization, by: Operator | None, address: str = "") -> Organization:
    """Its people work again, still signed in; what waited is swept again."""
    return _stand(organization, [Standing.SUSPENDED], Standing.ACTIVE, by=by, address=address, act="resumed")


def close_organization(
    *, organization: Organization, by: Operator | None, delay: timedelta = CLOSING_DELAY, address: str = ""
) -> Organization:
    """As suspended, and dropped when `delay` has passed; until then it can be reopened."""
    return _stand(
        organization,
        [Standing.ACTIVE, Standing.SUSPENDED],
        Standing.CLOSING,
        by=by,
        address=address,
        closes_at=timezone.now() + delay,
        act="closing",
    )


def reopen_organization(*, organization: Organization, by: Operator | None, address: str = "") -> Organization:
    """Not closed after all: its people work again."""
    return _stand(organization, [Standing.CLOSING], Standing.ACTIVE, by=by, address=address, act="resumed")


def _stand(
    organization: Organization,
    of: list[Standing],
    to: Standing,
    *,
    by: Operator | None,
    address: str,
    act: str,
    reason: str = "",
    closes_at: Any = None,
) -> Organization:
    """Two operators at once come one after the other: the second is told what the first did."""
    with schema_context("public"), transaction.atomic():
        found = locked(organization)
        if found.standing not in of:
            raise StandingError(f"{found.name} is {Standing(found.standing).label.lower()}: nothing was changed.")
        before, found.standing, found.standing_since = found.standing, to, timezone.now()
        found.standing_reason, found.closes_at = reason.strip(), closes_at
        found.clean_fields(exclude={"schema_name", "subdomain", "name"})
        found.save(update_fields=["standing", "standing_since", "standing_reason", "closes_at"])
        told = {"closes_at": closes_at.isoformat()} if closes_at else {}
        record_operator_act(
            f"organization.{act}", found, by=by, address=address, unsaid=found.standing_reason, before=before, **told
        )
    return found


def locked(organization: Organization) -> Organization:
    """Its row as it is now, held until the transaction ends."""
    found: Organization = Organization.objects.select_for_update().get(pk=organization.pk)
    return found
