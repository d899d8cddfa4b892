"""Writing down what was done."""

import uuid
from ipaddress import ip_address, ip_network
from typing import Any

from django.db import transaction

from apps.accounts.models import Act, AuditEntry


@transaction.atomic
def record_audit(
    act: Act | str,
    *,
    by_id: uuid.UUID | None = None,
    subject_id: uuid.UUID | None = None,
    by_operator: bool = False,
    address: str = "",
    **details: Any,
) -> AuditEntry:
    """One entry in the schema in context, in the transaction of what it tells of.

    `details` are plain values and no personal data; `address` is cut to its network (/24, /48).
    """
    return AuditEntry.objects.create(
        act=act,
        by_id=by_id,
        subject_id=subject_id,
        by_operator=by_operator,
        details=details,
        network=_network_of(address),
    )


def _network_of(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))
