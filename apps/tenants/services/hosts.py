"""The host names that lead to an organization: its subdomain, earlier ones that lead on, domains of its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.tenants.models import Domain, Organization, RestingName
from apps.tenants.services.audit import Operator, record_operator_act
from apps.tenants.services.standing import locked

RESTING = timedelta(days=30)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}")


def require_free(subdomain: str, *, of: Organization | None = None) -> None:
    """Raises ValidationError for a name that is malformed, reserved, taken or resting; `of` may have its own back."""
    Organization(subdomain=subdomain).clean_fields(exclude={"schema_name", "name"})
    mine = {"tenant": of} if of else {"pk": None}
    if Domain.objects.filter(domain=host_of(subdomain)).exclude(**mine).exists():
        raise ValidationError(f"The subdomain {subdomain} is taken. Choose another one.", code="taken")
    rests = RestingName.objects.filter(subdomain=subdomain, until__gt=timezone.now()).first()
    if rests is not None:
        raise ValidationError(
            f"The subdomain {subdomain} was given back lately and rests until {rests.until:%Y-%m-%d}.", code="resting"
        )


def rename_subdomain(
    *, organization: Organization, subdomain: str, by: Operator | None, address: str = ""
) -> Organization:
    """Its pages move; the old host leads on to the new one until an operator removes it. Raises ValidationError."""
    subdomain = subdomain.strip()
    with schema_context("public"), _taken_at_this_moment(subdomain), transaction.atomic():
        found = locked(organization)
        before, old = found.subdomain, found.host
        if subdomain == before:
            raise ValidationError(f"{found.name} is at {subdomain} already: nothing was changed.", code="same")
        require_free(subdomain, of=found)
        found.subdomain = subdomain
        found.save(update_fields=["subdomain"])
        found.domains.filter(domain=old).update(redirects=True, is_primary=False)
        found.domains.update_or_create(domain=found.host, defaults={"redirects": False, "is_primary": True})
        record_operator_act("organization.moved", found, by=by, address=address, before=before, after=subdomain)
    return found


def add_domain(*, organization: Organization, domain: str, by: Operator | None, address: str = "") -> Domain:
    """A domain of the customer's own beside the subdomain; its DNS and certificate are the operator's work."""
    name = domain.strip().lower()
    validate_domain(name)
    with schema_context("public"), _taken_at_this_moment(name), transaction.atomic():
        found = locked(organization)
        if Domain.objects.filter(domain=name).exists():
            raise ValidationError(f"{name} leads to an organization already.", code="taken")
        added: Domain = Domain.objects.create(domain=name, tenant=found, is_primary=False)
        record_operator_act("organization.moved", found, by=by, address=address, added=name)
    return added


def remove_domain(*, organization: Organization, domain: str, by: Operator | None, address: str = "") -> None:
    """It leads nowhere from now on; an earlier subdomain rests for 30 days. The primary host stays."""
    with schema_context("public"), transaction.atomic():
        found = locked(organization)
        row = found.domains.filter(domain=domain, is_primary=False).first()
        if row is None:
            raise ValidationError(f"{domain} is no second host of {found.name}.", code="unknown")
        row.delete()
        lay_to_rest([row.domain])
        record_operator_act("organization.moved", found, by=by, address=address, removed=domain)


def validate_domain(name: str) -> None:
    """A full host name in plain letters, outside the platform's own domain."""
    base = settings.BASE_DOMAIN
    if not _DOMAIN.fullmatch(name) or len(name) > 253:
        raise ValidationError(
            "Write a full host name like portal.firm.com: letters, digits, hyphens and dots; no address of numbers.",
            code="malformed",
        )
    if any(label.startswith("xn--") for label in name.split(".")):
        raise ValidationError("Names in other scripts are not served: they look like somebody else's.", code="idn")
    if name == base or name.endswith(f".{base}") or base.endswith(f".{name}"):
        raise ValidationError(f"{name} belongs to this installation; change the subdomain instead.", code="own")


def lay_to_rest(hosts: list[str]) -> None:
    """Subdomains among `hosts` that were given back are nobody's for 30 days: old links still lead to them."""
    suffix = f".{settings.BASE_DOMAIN}"
    for host in hosts:
        if host.endswith(suffix):
            RestingName.objects.update_or_create(
                subdomain=host.removesuffix(suffix), defaults={"until": timezone.now() + RESTING}
            )


def host_of(subdomain: str) -> str:
    """The host of a subdomain on this installation."""
    return Organization(subdomain=subdomain).host


@contextmanager
def _taken_at_this_moment(name: str) -> Iterator[None]:
    """Two that ask for one name at once: the table's unique index decides, and the loser is told."""
    try:
        yield
    except IntegrityError as error:
        raise ValidationError(f"{name} is taken. Choose another one.", code="taken") from error
