"""Organizations, their hosts and the schemas that wait for one."""

import re
import secrets
import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django_tenants.models import DomainMixin, TenantMixin

from apps.tenants.backend.connections import connection

SUBDOMAIN = re.compile(r"^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])$")
RESERVED = frozenset(
    [
        "admin",
        "api",
        "app",
        "assets",
        "auth",
        "billing",
        "blog",
        "cdn",
        "dashboard",
        "docs",
        "ftp",
        "help",
        "imap",
        "internal",
        "live",
        "localhost",
        "login",
        "mail",
        "metrics",
        "ns1",
        "ns2",
        "operator",
        "pop",
        "public",
        "root",
        "signup",
        "smtp",
        "sso",
        "staging",
        "static",
        "status",
        "support",
        "test",
        "web",
        "ws",
        "www",
    ]
)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


class WrongSchemaError(Exception):
    """An instance that was read in one organization was about to be written in another."""


def new_schema_name() -> str:
    """`org_` and 12 random base-32 characters: fixed for life, and says nothing about the customer."""
    return "org_" + "".join(secrets.choice(_ALPHABET) for _ in range(12))


def validate_subdomain(value: str) -> None:
    """Refuse reserved names; the pattern refuses the rest."""
    if value in RESERVED or value.startswith("xn--"):
        raise ValidationError("This subdomain is reserved. Choose another one.", code="reserved")


class Organization(TenantMixin):
    """A customer: one schema, one subdomain."""

    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    subdomain = models.CharField(
        max_length=30,
        unique=True,
        validators=[
            RegexValidator(SUBDOMAIN, "Use 2 to 30 lower-case letters, digits and hyphens, not at an end."),
            validate_subdomain,
        ],
    )
    timezone = models.CharField(max_length=64, default="America/New_York")
    created_at = models.DateTimeField(auto_now_add=True)

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
        port = "" if settings.HTTPS else f":{settings.PORT}"
        return f"{'https' if settings.HTTPS else 'http'}://{self.host}{port}/"


class Domain(DomainMixin):
    """A host name that leads to an organization."""


class ReadySchemaQuerySet(models.QuerySet["ReadySchema"]):
    """Schemas made ahead of their organization."""

    def claimed(self) -> "ReadySchema | None":
        """Take one that nobody else takes at this moment; it is gone when the transaction commits."""
        ready = self.select_for_update(skip_locked=True).order_by("prepared_at").first()
        if ready is not None:
            self.filter(pk=ready.pk).delete()
        return ready


class ReadySchema(models.Model):
    """A migrated schema with its role and grants, waiting for an organization."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    prepared_at = models.DateTimeField(auto_now_add=True)

    objects = ReadySchemaQuerySet.as_manager()

    def __str__(self) -> str:
        return self.schema_name


class TenantModel(models.Model):
    """A row of an organization. It remembers the schema it came from and is written nowhere else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._schema = connection.schema_name  # from_db() ends here too: the schema its query ran in

    def save(self, **kwargs: Any) -> None:
        """Refuse another organization's context: an equal key there would be overwritten."""
        self._require_own_schema()
        super().save(**kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Refuse another organization's context."""
        self._require_own_schema()
        return super().delete(using=using, keep_parents=keep_parents)

    def _require_own_schema(self) -> None:
        if self._schema != connection.schema_name:
            raise WrongSchemaError(f"{type(self).__name__} {self.pk} belongs to another organization.")
