"""Organizations, the hosts that lead to them, and what they may use."""

import re
import uuid
from functools import cache
from typing import Self
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django_tenants.models import DomainMixin, TenantMixin

from apps.tenants.models.names import validate_visible

SUBDOMAIN = re.compile(r"^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])\Z")
RESERVED = frozenset(
    """
    abuse account accounts admin api app assets auth billing blog cdn dashboard docs ftp help hostmaster imap
    internal legal live localhost login mail media metrics noreply ns1 ns2 operator pop postmaster press public
    root security signup smtp sso staging static status support test web webmaster ws www
    """.split()
)

VERSIONS = """
SELECT coalesce(md5(string_agg(concat_ws(' ', d.id, d.xmin, o.xmin), ',' ORDER BY d.id)), '')
FROM tenants_domain d JOIN tenants_organization o ON o.id = d.tenant_id
"""


def validate_subdomain(value: str) -> None:
    """Refuse reserved names; the pattern refuses the rest."""
    if value in RESERVED or value.startswith("xn--"):
        raise ValidationError("This subdomain is reserved. Choose another one.", code="reserved")


def url_of(host: str) -> str:
    """The first page of a host of this installation."""
    return f"https://{host}/" if settings.HTTPS else f"http://{host}:{settings.PORT}/"


@cache
def known_timezones() -> frozenset[str]:
    """The names of the time-zone database; a walk through some hundred files, once a process."""
    return frozenset(available_timezones())


def validate_timezone(value: str) -> None:
    """A name of the time-zone database."""
    if value not in known_timezones():
        raise ValidationError("Write a time zone like Europe/Zurich.", code="unknown")


class Standing(models.TextChoices):
    """Whether an organization's people may work."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    CLOSING = "closing", "Closing"


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def active(self) -> Self:
        """Those whose people may work: jobs and reports run for these alone."""
        return self.filter(standing=Standing.ACTIVE)


class Organization(TenantMixin):
    """A customer: one schema, one subdomain."""

    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, validators=[validate_visible])
    subdomain = models.CharField(
        max_length=30,
        unique=True,
        validators=[
            RegexValidator(SUBDOMAIN, "Use 2 to 30 lower-case letters, digits and hyphens, not at an end."),
            validate_subdomain,
        ],
    )
    timezone = models.CharField(max_length=64, default="America/New_York", validators=[validate_timezone])
    created_at = models.DateTimeField(auto_now_add=True)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.ACTIVE)
    standing_since = models.DateTimeField(default=now)
    standing_reason = models.CharField(max_length=200, blank=True, help_text="For operators; members do not see it.")
    closes_at = models.DateTimeField(null=True, blank=True, help_text="When a closing organization is dropped.")
    schema_version = models.CharField(max_length=64, default="", editable=False, help_text="Its last migrations.")

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(Lower("name"), name="organization_name_unique")]

    def __str__(self) -> str:
        return self.name

    def get_tenant_type(self) -> None:
        """There is one kind of organization."""

    @property
    def host(self) -> str:
        """Host name without a port."""
        return f"{self.subdomain}.{settings.BASE_DOMAIN}"

    @property
    def url(self) -> str:
        """Where its members sign in."""
        return url_of(self.host)


class DomainQuerySet(models.QuerySet["Domain"]):
    def fingerprint(self) -> str:
        """Another one as soon as a host or an organization is written: made of the rows' versions, a few µs a host."""
        with connection.cursor() as cursor:
            cursor.execute(VERSIONS)
            return str(cursor.fetchone()[0])


class Domain(DomainMixin):
    """A host name that leads to an organization: to its pages, or (an earlier name) on to the primary host."""

    redirects = models.BooleanField(default=False, help_text="An earlier name: leads on to the primary host.")

    objects = DomainQuerySet.as_manager()


class Quota(models.Model):
    """How much an organization may keep; an operator changes it."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, primary_key=True, related_name="quota")
    members = models.PositiveIntegerField(default=50)
    symbols = models.PositiveIntegerField(default=2_000, help_text="Distinct instruments on watchlists and in books.")
    alerts = models.PositiveIntegerField(default=1_000)
    storage_mb = models.PositiveIntegerField(default=5_000, help_text="Reports and other files.")

    def __str__(self) -> str:
        return f"quota of {self.organization_id}"


class RestingName(models.Model):
    """A subdomain that was given back: nobody takes it while old links still lead to it."""

    subdomain = models.CharField(max_length=30, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.subdomain
